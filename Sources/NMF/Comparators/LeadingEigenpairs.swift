internal import Matrices

/// The largest eigenvalues of a positive semidefinite operator, falling, and their vectors.
struct LeadingEigenpairs<Scalar: MatrixScalar> {
  var values: [Double]
  /// dimension × count, orthonormal columns.
  var vectors: Factor<Scalar>
  /// The largest ‖Av − λv‖ over the pairs, as a share of the largest eigenvalue.
  var residual: Double

  /// Finds the pairs by subspace iteration with a Chebyshev filter, from a random start.
  ///
  /// Each round applies a polynomial of the operator that is small below the smallest Ritz value and
  /// grows fast above it (Zhou, Saad, Tiago & Chelikowsky 2006), then takes Ritz pairs; a randomised
  /// range finder (Halko, Martinsson & Tropp 2011) that goes on until the pairs have converged.
  ///
  /// - Parameters:
  ///   - dimension: The size of the operator.
  ///   - count: How many pairs, at most `dimension`.
  ///   - seed: The seed of the start.
  ///   - start: Columns to begin with instead of random ones, dimension × at most `count`.
  ///   - tolerance: The residual at which to end; nil for what the precision allows.
  ///   - pool: Threads to compute with.
  ///   - apply: The operator, applied to columns.
  /// - Throws: `MatrixError` when a small decomposition fails.
  init(
    dimension: Int, count: Int, seed: UInt64, start: DenseMatrix<Scalar>? = nil,
    tolerance: Double? = nil, pool: ComputePool,
    apply: (Factor<Scalar>) -> Factor<Scalar>
  ) throws {
    let width = min(dimension, count + max(10, count / 4))
    let random = KeyedRandom(seed: seed, purpose: .rangeFinder)
    var v = Factor<Scalar>(rows: dimension, rank: width)
    for i in 0..<dimension {
      for k in 0..<width { v[i, k] = Scalar(random.uniform(i * width + k) - 0.5) }
    }
    if let start {
      // What is random is kept small beside columns of unit length.
      let size = Scalar(1e-2 / Double(dimension).squareRoot())
      for i in 0..<dimension {
        for k in 0..<width {
          v[i, k] = k < start.columns ? start[i, k] : v[i, k] * size
        }
      }
    }
    v = try orthonormal(apply(v), pool: pool)
    let isSingle = Scalar.self == Float.self
    let tolerance = tolerance ?? (isSingle ? 1e-5 : 1e-9)
    values = []
    residual = .infinity
    var pairs = v
    for _ in 0..<80 {
      let av = apply(v)
      let ritz = try symmetricEigen(crossProduct(v, av, pool: pool), order: width)
      values = ritz.values.reversed().map { max(0, $0) }
      var rotation = [Double](repeating: 0, count: width * width)
      for k in 0..<width {
        for l in 0..<width { rotation[l * width + k] = ritz.vectors[(width - 1 - k) * width + l] }
      }
      let turn = makeFactor(rotation, rows: width, rank: width, as: Scalar.self)
      let turned = multiply(v, turn, pool: pool)
      let image = multiply(av, turn, pool: pool)
      let top = values[0]
      let before = residual
      residual = top > 0 ? largestResidual(image, turned, values, count: count) / top : 0
      pairs = turned
      // In single precision the residual stops at what rounding leaves.
      if residual <= tolerance || (residual > 0.7 * before && residual < 100 * tolerance) { break }
      let edge = values[width - 1]
      guard edge > 1e-14 * top, width < dimension else {
        v = try orthonormal(image, pool: pool)
        continue
      }
      v = try orthonormal(
        filtered(
          turned, image: image, edge: edge, top: top,
          degree: degree(top: top / edge, residual: residual, isSingle: isSingle), apply: apply),
        pool: pool)
    }
    let kept = Factor<Scalar>(rows: dimension, rank: count)
    for i in 0..<dimension {
      for k in 0..<count { kept[i, k] = pairs[i, k] }
    }
    vectors = kept
    values.removeSubrange(count...)
  }
}

/// The largest ‖Av − λv‖ over the first columns.
private func largestResidual<Scalar: MatrixScalar>(
  _ image: Factor<Scalar>, _ v: Factor<Scalar>, _ values: [Double], count: Int
) -> Double {
  var squares = [Double](repeating: 0, count: count)
  for i in 0..<v.rows {
    for k in 0..<count {
      let difference = Double(image[i, k]) - values[k] * Double(v[i, k])
      squares[k] += difference * difference
    }
  }
  return (squares.max() ?? 0).squareRoot()
}

/// The largest degree that does not drown the small components in what is left of the large ones.
///
/// A column still holds about `residual` of the largest eigenvector, which the polynomial raises more
/// than the column's own; beyond 10⁵ times as much, too few digits of its own would be left.
private func degree(top: Double, residual: Double, isSingle: Bool) -> Int {
  let allowed = min(isSingle ? 1e4 : 1e11, 1e5 / max(residual, 1e-12))
  func arcosh(_ x: Double) -> Double { log(x + (x * x - 1).squareRoot()) }
  let growth = arcosh(max(1.0001, 2 * top - 1))
  return max(1, min(12, Int(arcosh(max(2, allowed)) / growth)))
}

/// A Chebyshev polynomial of the operator, damping eigenvalues in 0…edge.
private func filtered<Scalar: MatrixScalar>(
  _ v: Factor<Scalar>, image: Factor<Scalar>, edge: Double, top: Double, degree: Int,
  apply: (Factor<Scalar>) -> Factor<Scalar>
) -> Factor<Scalar> {
  let half = edge / 2
  let first = half / max(top - half, 1e-3 * half)
  var sigma = first
  var previous = v
  var current = combined(image, v, nil, sigma / half, -half * sigma / half, 0)
  for _ in 1..<degree {
    let next = 1 / (2 / first - sigma)
    let scale = 2 * next / half
    let moved = combined(apply(current), current, previous, scale, -half * scale, -sigma * next)
    previous = current
    current = moved
    sigma = next
  }
  return current
}

/// a A + b B + c C.
private func combined<Scalar: MatrixScalar>(
  _ a: Factor<Scalar>, _ b: Factor<Scalar>, _ c: Factor<Scalar>?, _ scaleA: Double,
  _ scaleB: Double, _ scaleC: Double
) -> Factor<Scalar> {
  let result = Factor<Scalar>(rows: a.rows, rank: a.rank)
  addScaled(result, a, Scalar(scaleA))
  addScaled(result, b, Scalar(scaleB))
  if let c { addScaled(result, c, Scalar(scaleC)) }
  return result
}

/// The columns made orthonormal through the eigenvectors of their Gram matrix, twice.
///
/// A column that depends on the others is replaced by a random one, so that no direction is lost.
func orthonormal<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, pool: ComputePool
) throws -> Factor<Scalar> {
  var result = factor
  for pass in 0..<2 {
    var square = crossProduct(result, result, pool: pool)
    let width = result.rank
    let norms = (0..<width).map { square[$0 * width + $0].squareRoot() }
    for k in 0..<width {
      for l in 0..<width {
        let scale = norms[k] * norms[l]
        square[k * width + l] = scale > 0 ? square[k * width + l] / scale : 0
      }
    }
    let eigen = try symmetricEigen(square, order: width)
    let floor = 1e-12 * (eigen.values.last ?? 0)
    var turn = [Double](repeating: 0, count: width * width)
    for k in 0..<width where eigen.values[k] > floor && eigen.values[k] > 0 {
      let scale = 1 / eigen.values[k].squareRoot()
      for l in 0..<width where norms[l] > 0 {
        turn[l * width + width - 1 - k] = eigen.vectors[k * width + l] * scale / norms[l]
      }
    }
    result = multiply(
      result, makeFactor(turn, rows: width, rank: width, as: Scalar.self), pool: pool)
    guard pass == 0, factor.rows > width else { continue }
    let random = KeyedRandom(seed: 1, purpose: .rangeFinder, stream: 1)
    for k in 0..<width where eigen.values[k] <= floor {
      for i in 0..<factor.rows {
        result[i, width - 1 - k] = Scalar(random.uniform(i * width + k) - 0.5)
      }
    }
  }
  return result
}
