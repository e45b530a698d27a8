public import Matrices

extension Problem {
  /// The W that is optimal for the given parts, whatever was there before: a convex problem.
  ///
  /// Least squares: coordinate descent to find the zeros, then block principal pivoting, exact.
  /// Poisson: a little coordinate descent, then Newton's method until the coordinate steps would move
  /// less than 10⁻¹⁴ of a row's counts (10⁻⁷ in single precision).
  func memberships(for ht: Factor<Scalar>) -> Factor<Scalar> {
    switch loss {
    case .frobenius: leastSquaresMemberships(for: ht).w
    case .poisson: poissonMemberships(for: ht)
    }
  }

  /// The same W, and how well it and the parts fit.
  func evaluatedMemberships(for ht: Factor<Scalar>) -> (w: Factor<Scalar>, evaluation: Evaluation) {
    guard loss == .frobenius, mask == nil else {
      let w = memberships(for: ht)
      return (w, evaluate(w: w, ht: ht))
    }
    let (w, products) = leastSquaresMemberships(for: ht)
    return (w, evaluateLeastSquares(w: w, ht: ht, products: products))
  }

  /// W, and the products that it was solved with.
  private func leastSquaresMemberships(
    for ht: Factor<Scalar>
  ) -> (w: Factor<Scalar>, products: (xht: Factor<Double>, hht: [Double])) {
    let products = productsInDouble(with: ht)
    let w = Factor<Double>(rows: x.rows, rank: ht.rank)
    solveExactly(w, products: products.xht, gram: products.hht, pool: pool)
    return (w.converted(to: Scalar.self, pool: pool), products)
  }

  private func poissonMemberships(for ht: Factor<Scalar>) -> Factor<Scalar> {
    let w = Factor<Scalar>(rows: x.rows, rank: ht.rank)
    let partSums = ht.componentSums()
    let alive = partSums.filter { $0 > 0 }.count
    for i in 0..<x.rows where rowSums[i] > 0 {
      for k in 0..<ht.rank where partSums[k] > 0 {
        w[i, k] = Scalar(rowSums[i] / (Double(alive) * partSums[k]))
      }
    }
    _ = PoissonPass(products, rank: ht.rank).run(
      .coordinates, .memberships, factor: w, other: ht, sweeps: 4, tolerance: 1e-3,
      measures: false)
    finishByNewton(w, ht: ht, x: x, pool: pool)
    return w
  }
}

extension NMFModel {
  /// The memberships of new observations, with the parts held fixed.
  ///
  /// The problem is convex, so the answer does not depend on a start; of the data that the model
  /// was fitted to, it is `w`, bit for bit.
  ///
  /// - Parameters:
  ///   - x: M observations × p features, all ≥ 0 and finite.
  ///   - threads: Threads to compute with; nil for one a core.
  /// - Returns: M × r.
  /// - Throws: `FitError` when X has another number of features, or entries that are negative,
  ///   infinite or missing.
  /// - Complexity: One product of X with the parts (least squares), or some tens of sweeps.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transform(_ x: DataMatrix<Scalar>, threads: Int? = nil) throws -> DenseMatrix<Scalar>
  {
    guard x.columns == h.columns else {
      throw FitError.unsuitableMatrix(
        name: "X", reason: "it has \(x.columns) columns, but the model has \(h.columns) features")
    }
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    try checkEntries(x, pool: pool)
    let problem = Problem(x, loss: options.loss, pool: pool)
    return problem.memberships(for: Factor(transposing: h, pool: pool)).matrix
  }
}
