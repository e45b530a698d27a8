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
    let visible = mask.combine(classGrams(ht, ranges: columns.rowRanges, pool: pool))
    for (rows, gram) in zip(mask.rowRanges, visible) {
      improveRows(
        w, in: rows, against: xht, gram: gram.map { Scalar($0) }, step: .sweeps(sweeps), pool: pool)
    }
    let xtw = problem.products.multiplyTransposed(w)
    let own = classGrams(w, ranges: mask.rowRanges, pool: pool)
    for (rows, gram) in zip(columns.rowRanges, columns.combine(own)) {
      improveRows(
        ht, in: rows, against: xtw, gram: gram.map { Scalar($0) }, step: .sweeps(sweeps),
        pool: pool)
    }
    let hht = mask.combine(classGrams(ht, ranges: columns.rowRanges, pool: pool))
    return problem.leastSquares(
      crossProduct: inner(xtw, ht, pool: pool), wtw: own.flatMap { $0 }, hht: hht.flatMap { $0 })
  }
}

extension Problem {
  /// Evaluates least squares with hidden entries; see `evaluate(w:ht:)`.
  func evaluateLeastSquares(
    w: Factor<Scalar>, ht: Factor<Scalar>, mask: EntryMask
  ) -> Evaluation {
    let columns = mask.transposed
    let ownW = classGrams(w, ranges: mask.rowRanges, pool: pool)
    let hht = mask.combine(classGrams(ht, ranges: columns.rowRanges, pool: pool))
    let wtw = columns.combine(ownW)
    let xht = products.multiply(ht)
    let xtw = products.multiplyTransposed(w)
    var steps = 0.0
    for (rows, gram) in zip(mask.rowRanges, hht) {
      steps += coordinateSteps(of: w, in: rows, products: xht, gram: gram, pool: pool)
    }
    for (rows, gram) in zip(columns.rowRanges, wtw) {
      steps += coordinateSteps(of: ht, in: rows, products: xtw, gram: gram, pool: pool)
    }
    let objective = leastSquares(
      crossProduct: inner(xtw, ht, pool: pool), wtw: ownW.flatMap { $0 }, hht: hht.flatMap { $0 })
    return Evaluation(
      objective: objective,
      kktResidual: halfSquares > 0 ? (steps / (2 * halfSquares)).squareRoot() : 0)
  }

  /// The scale c of WH that fits the visible entries best by least squares.
  func bestScale(w: Factor<Scalar>, ht: Factor<Scalar>, mask: EntryMask) -> Double {
    let own = classGrams(w, ranges: mask.rowRanges, pool: pool)
    let hht = mask.combine(classGrams(ht, ranges: mask.transposed.rowRanges, pool: pool))
    var squares = 0.0
    for (left, right) in zip(own, hht) {
      for index in left.indices { squares += left[index] * right[index] }
    }
    return squares > 0 ? inner(products.multiplyTransposed(w), ht, pool: pool) / squares : 1
  }
}
