internal import Matrices

/// W and Hᵀ to start from.
struct Start<Scalar: MatrixScalar> {
  var w: Factor<Scalar>
  var ht: Factor<Scalar>
  /// The objective, where scaling it by least squares has told.
  private(set) var objective: Double?

  /// The start that the options ask for; starts after the first are random.
  init(
    _ problem: Problem<Scalar>, options: FitOptions, index: Int, fillsZeros: Bool,
    isScaled: Bool = true
  ) throws {
    var choice = index == 0 ? options.initialization : .random
    // NNDSVD has no more components than X has rows and columns.
    if options.rank > min(problem.x.rows, problem.x.columns) { choice = .random }
    switch choice {
    case .random:
      self = Start(random: problem, rank: options.rank, seed: options.seed, index: index)
    case .nndsvd:
      self = try Start(
        nndsvd: problem, rank: options.rank, seed: options.seed, fill: fillsZeros ? .mean : .none)
    case .nndsvda:
      self = try Start(nndsvd: problem, rank: options.rank, seed: options.seed, fill: .mean)
    case .nndsvdar:
      self = try Start(nndsvd: problem, rank: options.rank, seed: options.seed, fill: .random)
    }
    clearEmpty(of: problem)
    if isScaled { scale(for: problem) }
  }

  init(w: Factor<Scalar>, ht: Factor<Scalar>) {
    self.w = w
    self.ht = ht
  }

  /// Uniform numbers in [½, 1½), scaled so that the mean of WH is about that of X.
  ///
  /// Bounded away from zero, so that no component begins dead.
  private init(random problem: Problem<Scalar>, rank: Int, seed: UInt64, index: Int) {
    let x = problem.x
    let mean = problem.sum / (Double(x.rows) * Double(x.columns))
    let scale = (mean / Double(rank)).squareRoot()
    w = Factor(rows: x.rows, rank: rank)
    ht = Factor(rows: x.columns, rank: rank)
    fill(w, KeyedRandom(seed: seed, purpose: .memberships, stream: index), scale, problem.pool)
    fill(ht, KeyedRandom(seed: seed, purpose: .parts, stream: index), scale, problem.pool)
  }

  /// Makes rows of W and columns of H zero whose data are all zero.
  private mutating func clearEmpty(of problem: Problem<Scalar>) {
    for i in 0..<w.rows where problem.rowSums[i] == 0 {
      for k in 0..<w.rank { w[i, k] = 0 }
    }
    for j in 0..<ht.rows where problem.columnSums[j] == 0 {
      for k in 0..<ht.rank { ht[j, k] = 0 }
    }
  }

  /// Gives WH the best scale, which both factors share evenly.
  mutating func scale(for problem: Problem<Scalar>) {
    let rank = w.rank
    var fit = 0.0
    objective = nil
    switch problem.loss {
    case .poisson:
      let mass = problem.mass(w: w, ht: ht)
      fit = mass > 0 ? problem.sum / mass : 1
    case .frobenius:
      if let mask = problem.mask {
        fit = problem.bestScale(w: w, ht: ht, mask: mask)
        break
      }
      let hht = gram(ht, pool: problem.pool)
      let wtw = gram(w, pool: problem.pool)
      var squares = 0.0
      for index in hht.indices { squares += hht[index] * wtw[index] }
      let crossProduct = inner(problem.products.multiply(ht), w, pool: problem.pool)
      fit = squares > 0 ? crossProduct / squares : 1
      let objective = problem.leastSquares(
        crossProduct: fit * crossProduct, quadratic: fit * fit * squares)
      // Where little is left of X, rounding would tell.
      if objective > 0.01 * problem.halfSquares { self.objective = objective }
    }
    let wSums = w.componentSums()
    let hSums = ht.componentSums()
    var wScales = [Double](repeating: 1, count: rank)
    var hScales = [Double](repeating: 1, count: rank)
    for k in 0..<rank where wSums[k] > 0 && hSums[k] > 0 {
      // The mean of a column of W becomes the mean of the row of H.
      let ratio = (hSums[k] / Double(ht.rows)) / (wSums[k] / Double(w.rows))
      wScales[k] = (max(fit, 0) * ratio).squareRoot()
      hScales[k] = (max(fit, 0) / ratio).squareRoot()
    }
    w.scale(by: wScales, pool: problem.pool)
    ht.scale(by: hScales, pool: problem.pool)
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func fill<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, _ random: KeyedRandom, _ scale: Double, _ pool: ComputePool
) {
  let piece = 256
  pool.run((factor.rows + piece - 1) / piece) { task, _ in
    for i in task * piece..<min(factor.rows, (task + 1) * piece) {
      for k in 0..<factor.rank {
        factor[i, k] = Scalar(scale * (0.5 + random.uniform(i * factor.rank + k)))
      }
    }
  }
}

extension Start {
  /// A start that was given, checked, and zero where the data are unless it is left as it stands.
  ///
  /// - Throws: `FitError.unsuitableMatrix` when a shape is wrong or an entry is negative or not
  ///   finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(
    given: (w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>), problem: Problem<Scalar>, rank: Int,
    isScaled: Bool
  ) throws {
    func check(_ name: String, _ matrix: DenseMatrix<Scalar>, _ shape: Shape) throws {
      guard matrix.shape == shape else {
        throw FitError.unsuitableMatrix(
          name: name, reason: "it must be \(shape), but is \(matrix.shape)")
      }
      guard areOrdinary(matrix.elements, pool: problem.pool) else {
        throw FitError.unsuitableMatrix(
          name: name, reason: "all its entries must be non-negative and finite")
      }
    }
    try check("the start of W", given.w, Shape(problem.x.rows, rank))
    try check("the start of H", given.h, Shape(rank, problem.x.columns))
    self.init(w: Factor(given.w), ht: Factor(transposing: given.h, pool: problem.pool))
    // What lies on empty rows and columns goes in the first step, but takes part in it.
    if isScaled || problem.mask != nil { clearEmpty(of: problem) }
    if isScaled { scale(for: problem) }
  }
}
