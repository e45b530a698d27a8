internal import Matrices

/// What is fitted: X, the loss, and which entries are hidden. The objective is computed here and nowhere else.
///
/// Restarts, stopping, transform and evaluation all ask this type, so they cannot disagree.
final class Problem<Scalar: MatrixScalar> {
  let x: DataMatrix<Scalar>
  let loss: Loss
  /// The entries that do not count; X is zero there. Nil when all do.
  let mask: EntryMask?
  let pool: ComputePool
  let products: Products<Scalar>
  /// Σ x.
  let sum: Double
  /// ½ Σ x².
  let halfSquares: Double
  /// Σ x log x − x.
  let saturated: Double
  /// The fraction of entries above zero.
  let density: Double
  private let directions: SharedDirections<Scalar>
  /// Σⱼ xᵢⱼ for each row.
  let rowSums: [Double]
  /// Σᵢ xᵢⱼ for each column.
  let columnSums: [Double]

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ x: DataMatrix<Scalar>, loss: Loss, mask: EntryMask? = nil, pool: ComputePool) {
    self.x = x
    self.loss = loss
    self.mask = mask
    self.pool = pool
    products = Products(x, pool: pool)
    let totals = Totals(x, pool: pool)
    sum = totals.rowSums.reduce(0, +)
    halfSquares = totals.squares / 2
    saturated = loss == .poisson ? entropy(of: x) - sum : 0
    rowSums = totals.rowSums
    columnSums = totals.columnSums
    directions = SharedDirections()
    density = Double(totals.positiveCount) / (Double(x.rows) * Double(x.columns))
  }

  /// The same X for another loss or another pool of threads; nothing of it is copied.
  init(_ other: Problem, loss: Loss? = nil, pool: ComputePool? = nil) {
    x = other.x
    self.loss = loss ?? other.loss
    mask = other.mask
    self.pool = pool ?? other.pool
    products = Products(other.products, pool: self.pool)
    directions = other.directions
    density = other.density
    sum = other.sum
    halfSquares = other.halfSquares
    saturated = other.saturated
    rowSums = other.rowSums
    columnSums = other.columnSums
  }

  /// The leading directions of X, found once for all starts; nil when that failed.
  func leadingDirections(_ count: Int) -> LeadingDirections<Scalar>? {
    directions.find(count) {
      try? LeadingDirections(products, count: count, isSharp: true, seed: 0)
    }
  }

  /// The least-squares objective from its parts: ½‖X‖² − ⟨XᵀW, Hᵀ⟩ + ½⟨WᵀW, HHᵀ⟩.
  func leastSquares(crossProduct: Double, wtw: [Double], hht: [Double]) -> Double {
    leastSquares(crossProduct: crossProduct, quadratic: inner(wtw, hht))
  }

  /// The same where ‖WH‖² over the entries that count is known.
  func leastSquares(crossProduct: Double, quadratic: Double) -> Double {
    max(0, halfSquares - crossProduct + quadratic / 2)
  }

  /// The Poisson objective Σ x log(x / v) − x + v from its parts.
  func poisson(xLogV: Double, w: Factor<Scalar>, ht: Factor<Scalar>) -> Double {
    saturated - xLogV + mass(w: w, ht: ht)
  }

  /// Σ v over the entries that count.
  func mass(w: Factor<Scalar>, ht: Factor<Scalar>) -> Double {
    var mass = 0.0
    for rows in visibleSums(of: ht, moving: w.rows, mask: mask, pool: pool) {
      let memberships = w.componentSums(in: rows.rows, pool: pool)
      for k in memberships.indices { mass += memberships[k] * rows.held[k] }
    }
    return mass
  }

  /// How far rounding alone can move the objective.
  var noise: Double {
    let relative = Scalar.self == Float.self ? 1.5e-8 : 1e-14
    switch loss {
    case .frobenius: return relative * halfSquares
    case .poisson: return relative * (sum + abs(saturated))
    }
  }

  /// The objective below which a fit is exact to the precision of the data.
  var exactObjective: Double {
    let relative = Scalar.self == Float.self ? 1e-11 : 1e-14
    return relative * nullObjective
  }

  /// The objective of the model without structure: V = 0 for least squares, and for Poisson
  /// vᵢⱼ = (row sum)(column sum) / (sum), the rank-one optimum.
  var nullObjective: Double {
    switch loss {
    case .frobenius: return halfSquares
    case .poisson:
      func entropy(_ sums: [Double]) -> Double {
        sums.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) }
      }
      // Σ x log x − Σᵢ xᵢ₊ log xᵢ₊ − Σⱼ x₊ⱼ log x₊ⱼ + x₊₊ log x₊₊
      let entries = saturated + sum
      return max(0, entries - entropy(rowSums) - entropy(columnSums) + sum * log(sum))
    }
  }
}

/// The objective and the stationarity of a pair of factors.
struct Evaluation {
  var objective: Double
  /// Scale-free: 0 at a stationary point.
  var kktResidual: Double
  /// Σ x log v (Poisson).
  var xLogV: Double = 0
}

extension Problem {
  /// Evaluates W and H at full precision, with passes of its own.
  ///
  /// Least squares: √(Σ ‖hₖ‖² δᵢₖ² + Σ ‖wₖ‖² δₖⱼ²) / ‖X‖, where δ is the exact coordinate step of
  /// each entry: how far single entries could still move WH, relative to X. Poisson: the share of
  /// counts that single entries could still move, (Σ sₖ |δᵢₖ| + Σ uₖ |δₖⱼ|) / 2Σx, with sₖ = Σⱼ hₖⱼ and
  /// uₖ = Σᵢ wᵢₖ. Both vanish exactly at the Karush–Kuhn–Tucker points (an entry that is zero counts
  /// when it wants to grow), and do not depend on the scale of the parts.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate(w: Factor<Scalar>, ht: Factor<Scalar>) -> Evaluation {
    switch loss {
    case .frobenius:
      if let mask { return evaluateLeastSquares(w: w, ht: ht, mask: mask) }
      return evaluateLeastSquares(w: w, ht: ht, products: nil)
    case .poisson:
      let pass = PoissonPass(products, rank: w.rank, mask: mask)
      let rows = pass.run(.evaluate, .memberships, factor: w, other: ht, measures: true)
      let columns = pass.run(.evaluate, .parts, factor: ht, other: w, measures: false)
      let misplaced = sum > 0 ? (rows.moved + columns.moved) / (2 * sum) : 0
      return Evaluation(
        objective: max(0, poisson(xLogV: rows.xLogV, w: w, ht: ht)),
        kktResidual: misplaced,
        xLogV: rows.xLogV)
    }
  }

  /// The objective alone, with one pass over X: less than half of an evaluation.
  func objective(w: Factor<Scalar>, ht: Factor<Scalar>) -> Double {
    switch loss {
    case .poisson:
      // No sweeps: W stays as it is.
      let sums = PoissonPass(products, rank: w.rank, mask: mask).run(
        .coordinates, .memberships, factor: w, other: ht, sweeps: 0, measures: true)
      return max(0, poisson(xLogV: sums.xLogV, w: w, ht: ht))
    case .frobenius where mask != nil:
      return evaluate(w: w, ht: ht).objective
    case .frobenius:
      if let squares = squaredResidual(w: w, ht: ht) { return squares / 2 }
      let (xht, hht) = productsInDouble(with: ht)
      return exactLeastSquares(
        w: w.converted(to: Double.self, pool: pool), hht: hht, xht: xht)
    }
  }

  /// The objective of least squares from products in double, for a sparse X: those of single precision
  /// are off by 10⁻⁵ of it on word counts.
  private func exactLeastSquares(
    w: Factor<Double>, hht: [Double], xht: Factor<Double>
  ) -> Double {
    leastSquares(
      crossProduct: inner(xht, w, pool: pool), wtw: gram(w, pool: pool), hht: hht)
  }

  /// XHᵀ and HHᵀ in double: the condition of the parts magnifies the rounding of products.
  func productsInDouble(with ht: Factor<Scalar>) -> (xht: Factor<Double>, hht: [Double]) {
    let xht = products.multiplyInDouble(ht)
    let hht = gram(ht, isExact: true, pool: pool)
    // Rows of doubles are padded to fewer numbers.
    let rows = (0..<ht.rank).map { hht[$0 * ht.stride..<$0 * ht.stride + xht.stride] }
    return (xht, Array(rows.joined()))
  }

  /// Evaluates least squares without a mask; see `evaluate(w:ht:)`.
  ///
  /// - Parameter known: The products with H in double, where they are known already.
  func evaluateLeastSquares(
    w: Factor<Scalar>, ht: Factor<Scalar>, products known: (xht: Factor<Double>, hht: [Double])?
  ) -> Evaluation {
    let left: Double
    var objective = 0.0
    if case .dense = x, known == nil {
      left = coordinateSteps(
        of: w, products: products.multiply(ht), gram: gram(ht, pool: pool), pool: pool)
    } else {
      let (xht, hht) = known ?? productsInDouble(with: ht)
      let memberships = w.converted(to: Double.self, pool: pool)
      objective = exactLeastSquares(w: memberships, hht: hht, xht: xht)
      left = coordinateSteps(of: memberships, products: xht, gram: hht, pool: pool)
    }
    // What is left of a dense X entry by entry, unless products in double have digits to spare.
    if objective <= 1e-4 * halfSquares, let squares = squaredResidual(w: w, ht: ht) {
      objective = squares / 2
    }
    let right = coordinateSteps(
      of: ht, products: products.multiplyTransposedByPanels(w), gram: gram(w, pool: pool),
      pool: pool)
    let scale = 2 * halfSquares
    return Evaluation(
      objective: objective,
      kktResidual: scale > 0 ? ((left + right) / scale).squareRoot() : 0)
  }

  /// ‖X − WH‖² entry by entry for a dense X; nil for a sparse one.
  func squaredResidual(w: Factor<Scalar>, ht: Factor<Scalar>) -> Double? {
    guard case .dense(let matrix) = x else { return nil }
    return NMF.squaredResidual(matrix, w: w, ht: ht, pool: pool)
  }

  /// The Poisson log-likelihood Σ x log v − v − log Γ(x + 1), in nats.
  func logLikelihood(_ evaluation: Evaluation) -> Double {
    // Σ x log v − Σ v = saturated − objective.
    saturated - evaluation.objective - sumOfLogFactorials(x.storedValues, pool: pool)
  }
}
