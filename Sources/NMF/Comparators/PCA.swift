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

  /// Finds the components, where an iteration is needed from the basis of a similar X and to a
  /// tolerance of its own.
  init(
    _ products: Products<Scalar>, rank: Int, seed: UInt64, method: String,
    start: DenseMatrix<Scalar>? = nil, tolerance: Double? = nil
  ) throws {
    let x = products.x
    let largest = min(x.rows, x.columns)
    guard rank >= 1, rank <= largest else {
      throw DecompositionError.rankOutOfRange(method: method, rank: rank, largest: largest)
    }
    let pairs = try CentredPairs(
      products, rank: rank, seed: seed, method: method, start: start, tolerance: tolerance)
    centre = pairs.means.map { Scalar($0) }
    encoding = pairs.scores
    basis = pairs.directions
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
      Products(x, pool: pool), means: centre.map { Double($0) },
      Factor(transposing: basis, pool: pool)
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
  /// Vᵀ, r × p.
  var directions: DenseMatrix<Scalar>
  /// (X − 1μᵀ)V, N × r.
  var scores: DenseMatrix<Scalar>

  init(
    _ products: Products<Scalar>, rank: Int, seed: UInt64, method: String,
    start: DenseMatrix<Scalar>? = nil, tolerance: Double? = nil
  ) throws {
    let x = products.x
    let (right, left): (Factor<Double>, Factor<Double>)
    if case .dense(let matrix) = x, min(x.rows, x.columns) <= 2048 {
      means = columnMeans(matrix)
      // An entry that is not finite leaves no finite mean.
      if !means.allSatisfy(\.isFinite) { try requireFinite(x) }
      let small = try Self.bySmallGram(
        matrix, means: means, rank: rank, seed: seed, method: method, pool: products.pool)
      (totalSquares, right, left) = small
    } else {
      try requireFinite(x)
      let totals = Totals(x)
      let centres = totals.columnSums.map { $0 / Double(x.rows) }
      means = centres
      let raised = Double(x.rows) * centres.reduce(0) { $0 + $1 * $1 }
      totalSquares = max(0, totals.squares - raised)
      try requireVariation(totalSquares, of: totals.squares, method: method)
      let pairs = try LeadingEigenpairs<Scalar>(
        dimension: x.columns, count: rank, seed: seed, start: start?.transposed(),
        tolerance: tolerance, pool: products.pool
      ) { v in
        let image = centredProduct(products, means: centres, v)
        let back = products.multiplyTransposed(image)
        subtractOuter(back, scales: centres, direction: image.componentSums())
        return back
      }
      right = makeDouble(pairs.vectors)
      left = makeDouble(centredProduct(products, means: means, pairs.vectors))
    }
    // One of the two is orthonormal, so the norm of the other is the singular value.
    let rightNorms = columnSquares(right).map { $0.squareRoot() }
    let leftNorms = columnSquares(left).map { $0.squareRoot() }
    let sizes = (0..<rank).map { rightNorms[$0] * leftNorms[$0] }
    let order = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    let signs = largestOfColumns(right).map { $0 < 0 ? -1.0 : 1 }
    directions = arranged(
      right, order: order,
      scales: (0..<rank).map { rightNorms[$0] > 0 ? signs[$0] / rightNorms[$0] : 0 },
      transposed: true, as: Scalar.self)
    scores = arranged(
      left, order: order,
      scales: (0..<rank).map { leftNorms[$0] > 0 ? signs[$0] * rightNorms[$0] : 0 },
      transposed: false, as: Scalar.self)
    values = order.map { sizes[$0] }
    let floor = (Scalar.self == Float.self ? 1e-5 : 1e-7) * (values.first ?? 0)
    let alive = values.count { $0 > floor }
    guard alive == rank else {
      throw DecompositionError.tooFewDirections(method: method, rank: rank, directions: alive)
    }
  }

  /// ‖X − 1μᵀ‖², and V and UΣ (or VΣ and U) from the smaller Gram matrix of X − 1μᵀ.
  private static func bySmallGram(
    _ x: DenseMatrix<Scalar>, means: [Double], rank: Int, seed: UInt64, method: String,
    pool: ComputePool
  ) throws -> (totalSquares: Double, right: Factor<Double>, left: Factor<Double>) {
    let isWide = x.rows < x.columns
    let order = min(x.rows, x.columns)
    let narrow = centred(x, means: means, transposed: isWide, pool: pool)
    let entries = gram(narrow, pool: pool)
    let square = Factor<Double>(rows: order, rank: order)
    var trace = 0.0
    for i in 0..<order {
      for k in 0..<order { square[i, k] = entries[i * narrow.stride + k] }
      trace += square[i, i]
    }
    let raised = Double(x.rows) * means.reduce(0) { $0 + $1 * $1 }
    try requireVariation(trace, of: trace + raised, method: method)
    let vectors: Factor<Double>
    if order <= 128 || rank * 2 > order {
      vectors = try allEigenvectors(square, count: rank)
    } else {
      vectors = try LeadingEigenpairs<Double>(
        dimension: order, count: rank, seed: seed, pool: pool
      ) { multiply(square, $0, pool: pool) }.vectors
    }
    // With X wide, narrow is (X − 1μᵀ)ᵀ and the vectors are U, so narrow · U = VΣ.
    let image = multiply(narrow, vectors, pool: pool)
    return isWide ? (trace, image, vectors) : (trace, vectors, image)
  }
}

private func requireVariation(_ squares: Double, of total: Double, method: String) throws {
  guard squares > 1e-12 * total else { throw DecompositionError.constantData(method: method) }
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
