internal import Matrices

/// The leading singular values, falling, and their vectors.
struct SingularPairs<Scalar: MatrixScalar> {
  var values: [Double]
  /// N × count.
  var left: Factor<Scalar>
  /// p × count.
  var right: Factor<Scalar>
}

/// Leading singular pairs of X from its leading directions and six more, or as few as four where that saves
/// a vector of every row.
///
/// Enough for a start, at the price of an iteration and a look at X. Pairs beyond the smaller side of X are zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func singularPairs<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, count: Int, seed: UInt64
) throws -> SingularPairs<Scalar> {
  let lanes = Factor<Scalar>.lanes
  let whole = (count + 4 + lanes - 1) / lanes * lanes
  let width = min(count + 6, whole, products.x.rows, products.x.columns)
  if let pairs = try sketchedPairs(products, count: count, width: width, seed: seed) {
    return pairs
  }
  let directions = try LeadingDirections(products, count: width, isSharp: false, seed: seed)
  let pool = products.pool
  let inner = try InnerDecomposition(directions.right, count: count, pool: pool)
  let pairs = SingularPairs<Scalar>(
    values: inner.values, left: Factor(rows: directions.left.rows, rank: count),
    right: Factor(rows: directions.right.rows, rank: count))
  mix(directions.left, by: inner.turn, into: pairs.left, pool: pool)
  mix(directions.right, by: inner.scaledTurn, into: pairs.right, pool: pool)
  return pairs
}

/// The same pairs in one pass over X and a sketch of it; nil where too many directions are lost in rounding.
///
/// With Y orthonormal, from a sketch of the longer side, Z = XY and T = XᵀZ: Z = QR with RᵀR = YᵀT, as that is ZᵀZ,
/// and QᵀX = R⁻ᵀTᵀ. The directions Q are those of `LeadingDirections`, and nothing of the longer side is made
/// orthonormal.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func sketchedPairs<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, count: Int, width: Int, seed: UInt64
) throws -> SingularPairs<Scalar>? {
  let (x, pool) = (products.x, products.pool)
  let longer = x.rows < x.columns ? MatrixSide.columns : .rows
  let start = sketch(products, summing: longer, count: width, seed: seed)
  // Any Y that is far from singular will do.
  try orthonormalize(start, floor: Scalar.self == Float.self ? 1e-10 : 1e-13, pool: pool)
  let (there, back) = products.thereAndBack(start, by: longer)
  // Squares of singular values that rounding has not reached.
  let floor = Scalar.self == Float.self ? 3e-6 : 1e-12
  guard
    let inverse = inverseCholeskyFactor(
      symmetric(crossProduct(start, back, pool: pool), order: width), order: width, floor: floor)
  else { return nil }
  mix(back, by: inverse, into: back, pool: pool)
  let inner = try InnerDecomposition(back, count: count, pool: pool)
  let turn = multiply(
    makeFactor(inverse, rows: width, rank: width, as: Double.self),
    makeFactor(inner.turn, rows: width, rank: count, as: Double.self), pool: pool)
  let far = Factor<Scalar>(rows: there.rows, rank: count)
  let near = Factor<Scalar>(rows: back.rows, rank: count)
  mix(there, by: turn.matrix.elements, into: far, pool: pool)
  mix(back, by: inner.scaledTurn, into: near, pool: pool)
  return longer == .rows
    ? SingularPairs(values: inner.values, left: far, right: near)
    : SingularPairs(values: inner.values, left: near, right: far)
}

/// Singular values of QBᵀ with orthonormal Q, and what turns Q and B to its vectors: those of the small BᵀB.
private struct InnerDecomposition {
  private(set) var values: [Double]
  /// Width × count: Q times it are the left vectors.
  private(set) var turn: [Double]
  /// B times it are the right vectors.
  private(set) var scaledTurn: [Double]

  init<Scalar: MatrixScalar>(_ b: Factor<Scalar>, count: Int, pool: ComputePool) throws {
    let width = b.rank
    let eigen = try symmetricEigen(square(gram(b, pool: pool), b), order: width)
    values = [Double](repeating: 0, count: count)
    turn = [Double](repeating: 0, count: width * count)
    scaledTurn = turn
    for index in 0..<min(count, width) {
      let column = width - 1 - index
      values[index] = max(0, eigen.values[column]).squareRoot()
      for k in 0..<width where values[index] > 0 {
        let entry = eigen.vectors[column * width + k]
        turn[k * count + index] = entry
        scaledTurn[k * count + index] = entry / values[index]
      }
    }
  }
}

/// The mean of a matrix and its transpose.
private func symmetric(_ matrix: [Double], order: Int) -> [Double] {
  var result = matrix
  for k in 0..<order {
    for l in 0..<order {
      result[k * order + l] = (matrix[k * order + l] + matrix[l * order + k]) / 2
    }
  }
  return result
}

extension Products {
  /// Z = XY and XᵀZ, or Z = XᵀY and XZ where Y has the rows of X; a dense X is read once where that is possible.
  ///
  /// - Parameter longer: The side of X that Z has.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func thereAndBack(
    _ y: Factor<Scalar>, by longer: MatrixSide
  ) -> (there: Factor<Scalar>, back: Factor<Scalar>) {
    if longer == .rows {
      guard case .dense = x else {
        let there = multiply(y)
        return (there, multiplyTransposed(there))
      }
      let there = Factor<Scalar>(rows: x.rows, rank: y.rank)
      let pass = LeastSquaresPass(self, rank: y.rank)
      pass.run(w: there, ht: y, hht: [], step: .products)
      return (there, pass.xtw)
    }
    guard let pass = ColumnPass(self, rank: y.rank) else {
      let there = multiplyTransposedByPanels(y)
      return (there, multiply(there))
    }
    let there = Factor<Scalar>(rows: x.columns, rank: y.rank)
    pass.run(w: y, ht: there, wtw: [], step: .products)
    return (there, pass.xht)
  }
}
