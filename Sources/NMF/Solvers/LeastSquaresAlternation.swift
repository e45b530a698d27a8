internal import Matrices

/// Least squares in one pass over X: hierarchical alternating least squares, or Lee & Seung's rule.
///
/// HALS is cyclic coordinate descent (Cichocki & Phan 2009), repeated while the products are at
/// hand (Gillis & Glineur 2012): at most 1 + ρ/2 sweeps, where ρ is the cost of the products over
/// that of a sweep, so that the number depends on the shape of X and never on a clock.
final class LeastSquaresAlternation<Scalar: MatrixScalar>: Alternation {
  private let problem: Problem<Scalar>
  /// For a dense X; a sparse one is multiplied row by row.
  private lazy var pass = LeastSquaresPass(problem.products, rank: rank)
  private let rank: Int
  private let rowStep: RowStep
  private let columnStep: RowStep
  private var isExact = false
  let movesZeros: Bool

  /// - Parameter sweeps: How many sweeps a half-step has; nil for as many as pay, see above.
  init(_ problem: Problem<Scalar>, rank: Int, multiplicative: Bool, sweeps: Int? = nil) {
    self.problem = problem
    self.rank = rank
    movesZeros = !multiplicative
    if multiplicative {
      rowStep = .multiply
      columnStep = .multiply
    } else if let sweeps {
      rowStep = .sweeps(sweeps)
      columnStep = .sweeps(sweeps)
    } else {
      let x = problem.x
      let entries: Double
      var most = 4
      switch x {
      case .dense: entries = Double(x.rows) * Double(x.columns)
      case .sparse(let matrix):
        entries = Double(matrix.storedCount)
        most = 2
      }
      func payingSweeps(_ moving: Int, _ held: Int) -> RowStep {
        let products = entries + Double(held) * Double(rank)
        let sweep = Double(moving) * Double(rank + 1)
        return .sweeps(min(most, 1 + Int(products / max(1, sweep) / 2)))
      }
      rowStep = payingSweeps(x.rows, x.columns)
      columnStep = payingSweeps(x.columns, x.rows)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    let pool = problem.pool
    let hht = gram(ht, pool: pool)
    let crossProduct: Double
    let wtw: [Double]
    if case .sparse(let x) = problem.x, let transposed = problem.products.transposed {
      _ = improveRows(
        w, of: x, against: ht, gram: hht.map { Scalar($0) }, step: rowStep, pool: pool)
      wtw = gram(w, pool: pool)
      crossProduct = improveRows(
        ht, of: transposed, against: w, gram: wtw.map { Scalar($0) }, step: columnStep, pool: pool)
    } else {
      pass.run(w: w, ht: ht, hht: hht.map { Scalar($0) }, step: rowStep)
      wtw = gram(w, pool: pool)
      improveRows(
        ht, against: pass.xtw, gram: wtw.map { Scalar($0) }, step: columnStep, pool: pool)
      if isExact, let squares = problem.squaredResidual(w: w, ht: ht) { return squares / 2 }
      crossProduct = inner(pass.xtw, ht, pool: pool)
    }
    let objective = problem.leastSquares(
      crossProduct: crossProduct, wtw: wtw, hht: gram(ht, pool: pool))
    // Traces have lost most of the digits of a residual as small as this.
    let trusted = Scalar.self == Float.self ? 1e-5 : 1e-9
    guard objective < trusted * problem.halfSquares,
      let squares = problem.squaredResidual(w: w, ht: ht)
    else { return objective }
    return squares / 2
  }

  /// Traces lose the digits of a small residual; from now on it is formed entry by entry.
  func sharpen(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double? {
    guard !isExact, let squares = problem.squaredResidual(w: w, ht: ht) else { return nil }
    isExact = true
    return squares / 2
  }
}
