internal import Matrices

/// Least squares where some entries are hidden: coordinate descent with a Gram matrix a class of rows.
///
/// Exact: row i is solved against Σⱼ hⱼhⱼᵀ over the columns j that are visible there, so a hidden entry
/// has no say. X, which is zero where it is hidden, is read twice an iteration.
final class MaskedLeastSquaresAlternation<Scalar: MatrixScalar>: Alternation {
  private let problem: Problem<Scalar>
  private let mask: EntryMask
  private let sweeps = 2
  let movesZeros = true
  var noise: Double { problem.noise }

  init(_ problem: Problem<Scalar>, rank: Int) {
    guard let mask = problem.mask else { preconditionFailure("the problem hides no entries") }
    self.problem = problem
    self.mask = mask
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    let pool = problem.pool
    let columns = mask.transposed
    let xht = problem.products.multiply(ht)
    let hht = mask.combine(classGrams(ht, ranges: columns.rowRanges, pool: pool))
    for (index, rows) in mask.rowRanges.enumerated() {
      improveRows(
        w, in: rows, against: xht, gram: hht.array(ofRow: index), step: .sweeps(sweeps), pool: pool)
    }
    let xtw = problem.products.multiplyTransposed(w)
    let wtw = columns.combine(classGrams(w, ranges: mask.rowRanges, pool: pool))
    for (index, rows) in columns.rowRanges.enumerated() {
      improveRows(
        ht, in: rows, against: xtw, gram: wtw.array(ofRow: index), step: .sweeps(sweeps),
        pool: pool)
    }
    return problem.leastSquares(
      crossProduct: inner(xtw, ht, pool: pool),
      quadratic: inner(wtw, classGrams(ht, ranges: columns.rowRanges, pool: pool), pool: pool))
  }
}

extension Problem {
  /// Evaluates least squares with hidden entries; see `evaluate(w:ht:)`.
  func evaluateLeastSquares(
    w: Factor<Scalar>, ht: Factor<Scalar>, mask: EntryMask
  ) -> Evaluation {
    let columns = mask.transposed
    let ownHt = classGrams(ht, ranges: columns.rowRanges, pool: pool)
    let hht = mask.combine(ownHt)
    let wtw = columns.combine(classGrams(w, ranges: mask.rowRanges, pool: pool))
    let xht = products.multiply(ht)
    let xtw = products.multiplyTransposed(w)
    var steps = 0.0
    for (index, rows) in mask.rowRanges.enumerated() {
      steps += coordinateSteps(
        of: w, in: rows, products: xht, gram: hht.array(ofRow: index), pool: pool)
    }
    for (index, rows) in columns.rowRanges.enumerated() {
      steps += coordinateSteps(
        of: ht, in: rows, products: xtw, gram: wtw.array(ofRow: index), pool: pool)
    }
    let objective = leastSquares(
      crossProduct: inner(xtw, ht, pool: pool), quadratic: inner(wtw, ownHt, pool: pool))
    return Evaluation(
      objective: objective,
      kktResidual: halfSquares > 0 ? (steps / (2 * halfSquares)).squareRoot() : 0)
  }

  /// The scale c of WH that fits the visible entries best by least squares.
  func bestScale(w: Factor<Scalar>, ht: Factor<Scalar>, mask: EntryMask) -> Double {
    let squares = inner(
      classGrams(w, ranges: mask.rowRanges, pool: pool),
      mask.combine(classGrams(ht, ranges: mask.transposed.rowRanges, pool: pool)), pool: pool)
    return squares > 0 ? inner(products.multiplyTransposed(w), ht, pool: pool) / squares : 1
  }
}
