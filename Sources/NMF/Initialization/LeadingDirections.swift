internal import Matrices
internal import Synchronization

/// X ≈ QBᵀ in the directions in which X is largest; not changed once it is made.
struct LeadingDirections<Scalar: MatrixScalar>: @unchecked Sendable {
  /// Q, N × count, with orthonormal columns.
  let left: Factor<Scalar>
  /// B = XᵀQ, p × count.
  let right: Factor<Scalar>

  /// Finds them by a randomised range finder (Halko, Martinsson & Tropp 2011).
  ///
  /// Q spans XXᵀΩ for random Ω, or XXᵀXΩ.
  ///
  /// - Parameters:
  ///   - products: Those of X.
  ///   - count: How many directions, at most the smaller side of X.
  ///   - isSharp: Whether to take XXᵀXΩ, which leaves less of X out.
  ///   - seed: The seed of Ω.
  /// - Throws: `MatrixError` when a small decomposition fails.
  /// - Complexity: Three products of X with `count` columns, or four.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ products: Products<Scalar>, count: Int, isSharp: Bool, seed: UInt64) throws {
    let (x, pool) = (products.x, products.pool)
    var start: Factor<Scalar> = randomDirections(
      isSharp ? x.columns : x.rows, count, seed: seed, pool: pool)
    if isSharp {
      start = products.multiply(start)
      try orthonormalize(start, pool: pool)
    }
    let rowSpace = products.multiplyTransposedByPanels(start)
    try orthonormalize(rowSpace, pool: pool)
    left = products.multiply(rowSpace)
    try orthonormalize(left, pool: pool)
    right = products.multiplyTransposedByPanels(left)
  }
}

/// Leading directions that several fits of one X share: the last number of them that was asked for.
final class SharedDirections<Scalar: MatrixScalar>: Sendable {
  private let found = Mutex<LeadingDirections<Scalar>?>(nil)

  /// Those that were found before, or now.
  func find(
    _ count: Int, _ make: () -> LeadingDirections<Scalar>?
  ) -> LeadingDirections<Scalar>? {
    found.withLock { found in
      if found?.left.rank != count { found = make() }
      return found
    }
  }
}

/// A Gram matrix without padding.
func square<Scalar: MatrixScalar>(
  _ gram: [Double], _ factor: Factor<Scalar>
) -> [Double] {
  (0..<factor.rank).flatMap { k in
    gram[k * factor.stride..<k * factor.stride + factor.rank]
  }
}

/// Makes the factor's columns orthonormal.
///
/// Where the Gram matrix is well conditioned, its Cholesky factor does. Else its eigenvectors turn and
/// scale the columns first: the smallest eigenvalues are lost in rounding, and raised.
///
/// - Parameter floor: The least eigenvalue of the Gram matrix, of the largest, that is left as it is.
func orthonormalize<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, floor: Double = Scalar.self == Float.self ? 1e-6 : 1e-13,
  pool: ComputePool
) throws {
  let width = factor.rank
  for _ in 0..<3 {
    let products = square(gram(factor, isExact: true, pool: pool), factor)
    if let turn = inverseCholeskyFactor(products, order: width, floor: floor) {
      mix(factor, by: turn, into: factor, pool: pool)
      return
    }
    let eigen = try symmetricEigen(products, order: width)
    let largest = eigen.values.last ?? 0
    guard largest > 0 else { return }
    var turn = [Double](repeating: 0, count: width * width)
    for column in 0..<width {
      let scale = 1 / max(eigen.values[column], floor * largest).squareRoot()
      for k in 0..<width { turn[k * width + column] = eigen.vectors[column * width + k] * scale }
    }
    mix(factor, by: turn, into: factor, pool: pool)
  }
}
