public import Matrices

/// Principal component analysis: the directions in which observations vary most.
///
/// Columns are centred, then X − 1μᵀ ≈ U Σ Vᵀ (Pearson 1901; Hotelling 1933; ESL §14.5): the basis
/// is Vᵀ, the encoding UΣ. A sparse X is never filled in: products with X − 1μᵀ are made from products
/// with X. The sign of a component makes its entry of largest magnitude positive.
public struct PCA<Scalar: MatrixScalar>: Decomposition {
  /// Orthonormal rows, r × p, by falling variance.
  public let basis: DenseMatrix<Scalar>
  /// Scores, N × r.
  public let encoding: DenseMatrix<Scalar>
  /// The means of the columns.
  public let centre: [Scalar]
  /// The singular values of the centred data, falling.
  public let singularValues: [Double]
  /// The variance of each score, with divisor N − 1.
  public let explainedVariance: [Double]
  /// The share of each component in the variance of the data.
  public let explainedVarianceRatio: [Double]

  /// Finds the components.
  ///
  /// The smaller Gram matrix of the centred data, in double, is decomposed whole when it has at
  /// most 128 rows; up to 2,048 rows its leading eigenvectors are found by a filtered subspace
  /// iteration that ends when they have converged. Beyond that, and for sparse X, the iteration uses
  /// products with X alone.
  ///
  /// - Parameters:
  ///   - x: N observations × p features, finite; entries may be negative.
  ///   - rank: Components, 1…min(N − 1, p); min(N, p) is accepted too.
  ///   - seed: The seed of the iteration's start.
  ///   - threads: Threads to compute with; nil for one a core.
  /// - Throws: `DecompositionError` when the data do not vary in that many directions.
  /// - Complexity: O(N p min(N, p)) for a small Gram matrix; O(N p r) a step of the iteration.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ x: DataMatrix<Scalar>, rank: Int, seed: UInt64 = 1, threads: Int? = nil
  ) throws {
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    try self.init(Products(x, pool: pool), rank: rank, seed: seed, method: "PCA")
  }

  init(_ products: Products<Scalar>, rank: Int, seed: UInt64, method: String) throws {
    let x = products.x
    let largest = min(x.rows, x.columns)
    guard rank >= 1, rank <= largest else {
      throw DecompositionError.rankOutOfRange(method: method, rank: rank, largest: largest)
    }
    try requireFinite(x)
    let pairs = try CentredPairs(products, rank: rank, seed: seed, method: method)
    centre = pairs.means.map { Scalar($0) }
    encoding = pairs.scores.matrix
    basis = pairs.directions.matrix.transposed()
    singularValues = pairs.values
    let divisor = Double(max(1, x.rows - 1))
    explainedVariance = pairs.values.map { $0 * $0 / divisor }
    explainedVarianceRatio = pairs.values.map { $0 * $0 / pairs.totalSquares }
  }

  /// The scores of new observations, with directions and means held fixed.
  public func transform(
    _ x: DataMatrix<Scalar>, threads: Int? = nil
  ) throws -> DenseMatrix<Scalar> {
    try requireColumns(of: x)
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    return centredProduct(
      Products(x, pool: pool), means: centre.map { Double($0) }, Factor(basis.transposed())
    ).matrix
  }
}

/// (X − 1μᵀ) B without forming X − 1μᵀ.
func centredProduct<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, means: [Double], _ b: Factor<Scalar>
) -> Factor<Scalar> {
  let result = products.multiply(b)
  var shift = [Double](repeating: 0, count: b.rank)
  for j in 0..<b.rows {
    for k in 0..<b.rank { shift[k] += means[j] * Double(b[j, k]) }
  }
  subtractOuter(result, scales: nil, direction: shift)
  return result
}

/// The leading singular triples of X − 1μᵀ.
struct CentredPairs<Scalar: MatrixScalar> {
  var means: [Double]
  /// ‖X − 1μᵀ‖².
  var totalSquares: Double
  var values: [Double]
  /// V, p × r.
  var directions: Factor<Scalar>
  /// (X − 1μᵀ)V, N × r.
  var scores: Factor<Scalar>

  init(_ products: Products<Scalar>, rank: Int, seed: UInt64, method: String) throws {
    let x = products.x
    let pool = products.pool
    let totals = Totals(x)
    let count = Double(x.rows)
    means = totals.columnSums.map { $0 / count }
    totalSquares = max(0, totals.squares - count * means.reduce(0) { $0 + $1 * $1 })
    guard totalSquares > 1e-12 * totals.squares else {
      throw DecompositionError.constantData(method: method)
    }
    let smaller = min(x.rows, x.columns)
    if case .dense(let matrix) = x, smaller <= 2048 {
      let narrow = centred(matrix, means: means, transposed: x.rows < x.columns, pool: pool)
      let square = Factor<Double>(rows: smaller, rank: smaller)
      let entries = gram(narrow, pool: pool)
      for i in 0..<smaller {
        for k in 0..<smaller { square[i, k] = entries[i * narrow.stride + k] }
      }
      let vectors: Factor<Double>
      if smaller <= 128 || rank * 2 > smaller {
        vectors = try allEigenvectors(square, count: rank)
      } else {
        vectors = try LeadingEigenpairs<Double>(
          dimension: smaller, count: rank, seed: seed, pool: pool
        ) { multiply(square, $0, pool: pool) }.vectors
      }
      let (right, left): (Factor<Double>, Factor<Double>)
      if x.rows < x.columns {
        // The vectors are U; narrow is (X − 1μᵀ)ᵀ, so narrow · U = VΣ.
        right = multiply(narrow, vectors, pool: pool)
        left = vectors
      } else {
        right = vectors
        left = multiply(narrow, vectors, pool: pool)
      }
      (values, directions, scores) = Self.scaled(right: right, left: left, rank: rank)
    } else {
      let centres = means
      let pairs = try LeadingEigenpairs<Scalar>(
        dimension: x.columns, count: rank, seed: seed, pool: pool
      ) { v in
        let image = centredProduct(products, means: centres, v)
        let back = products.multiplyTransposed(image)
        subtractOuter(back, scales: centres, direction: image.componentSums())
        return back
      }
      let right = makeDouble(pairs.vectors)
      let left = makeDouble(centredProduct(products, means: means, pairs.vectors))
      (values, directions, scores) = Self.scaled(right: right, left: left, rank: rank)
    }
    let floor = (Scalar.self == Float.self ? 1e-5 : 1e-7) * (values.first ?? 0)
    let alive = values.count { $0 > floor }
    guard alive == rank else {
      throw DecompositionError.tooFewDirections(method: method, rank: rank, directions: alive)
    }
  }

  /// Unit directions with canonical signs, scores and singular values, from V and UΣ up to scale.
  private static func scaled(
    right: Factor<Double>, left: Factor<Double>, rank: Int
  ) -> ([Double], Factor<Scalar>, Factor<Scalar>) {
    let rightNorms = columnNorms(right)
    let leftNorms = columnNorms(left)
    // One of the two is orthonormal, so the norm of the other is the singular value.
    let sizes = (0..<rank).map { rightNorms[$0] * leftNorms[$0] }
    let order = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    let directions = Factor<Scalar>(rows: right.rows, rank: rank)
    let scores = Factor<Scalar>(rows: left.rows, rank: rank)
    for (place, k) in order.enumerated() {
      var largest = 0.0
      for j in 0..<right.rows where abs(right[j, k]) > abs(largest) { largest = right[j, k] }
      let sign = largest < 0 ? -1.0 : 1
      let toUnit = rightNorms[k] > 0 ? sign / rightNorms[k] : 0
      let toScore = leftNorms[k] > 0 ? sign * rightNorms[k] : 0
      for j in 0..<right.rows { directions[j, place] = Scalar(right[j, k] * toUnit) }
      for i in 0..<left.rows { scores[i, place] = Scalar(left[i, k] * toScore) }
    }
    return (order.map { sizes[$0] }, directions, scores)
  }
}

private func columnNorms(_ factor: Factor<Double>) -> [Double] {
  var squares = [Double](repeating: 0, count: factor.rank)
  for i in 0..<factor.rows {
    for k in 0..<factor.rank { squares[k] += factor[i, k] * factor[i, k] }
  }
  return squares.map { $0.squareRoot() }
}

/// A factor in double.
func makeDouble<Scalar: MatrixScalar>(_ factor: Factor<Scalar>) -> Factor<Double> {
  if let same = factor as? Factor<Double> { return same }
  let result = Factor<Double>(rows: factor.rows, rank: factor.rank)
  for i in 0..<factor.rows {
    for k in 0..<factor.rank { result[i, k] = Double(factor[i, k]) }
  }
  return result
}

/// The leading eigenvectors of a symmetric matrix, by decomposing it whole.
private func allEigenvectors(_ square: Factor<Double>, count: Int) throws -> Factor<Double> {
  let order = square.rows
  let eigen = try symmetricEigen(square.matrix.elements, order: order)
  let vectors = Factor<Double>(rows: order, rank: count)
  for k in 0..<count {
    for i in 0..<order { vectors[i, k] = eigen.vectors[(order - 1 - k) * order + i] }
  }
  return vectors
}
