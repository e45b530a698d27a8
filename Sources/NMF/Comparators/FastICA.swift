public import Matrices

/// Independent component analysis by fixed-point iterations (Hyvärinen 1999; Hyvärinen & Oja 2000).
///
/// The data are centred and reduced to their first r principal components, which are then turned
/// until one of the two matrices has components as far from Gaussian, and so as independent, as
/// possible. The reconstruction is therefore that of PCA: what differs is which directions of the
/// same subspace serve as basis.
public struct FastICA<Scalar: MatrixScalar>: Decomposition {
  /// Which of the two matrices has independent components.
  public enum Independence: String, Sendable, Codable {
    /// The rows of the basis: independent pictures, the form to compare with parts of NMF
    /// (architecture I of Bartlett, Movellan & Sejnowski 2002). The features are the samples.
    case basis
    /// The columns of the encoding: independent sources, as in separation of signals. The
    /// observations are the samples.
    case encoding
  }

  /// What measures the distance from a Gaussian.
  public enum Contrast: String, Sendable, Codable, CaseIterable {
    /// log cosh u, the general choice.
    case logcosh
    /// −exp(−u²/2), for sources with heavy tails.
    case exp
    /// u⁴/4, kurtosis; sensitive to outliers.
    case cube
  }

  /// How several components are kept apart.
  public enum Algorithm: String, Sendable, Codable {
    /// All at once, by symmetric decorrelation.
    case symmetric
    /// One after another, each orthogonal to those before it.
    case deflation
  }

  /// How FastICA searches.
  public struct Options: Sendable {
    /// Which matrix has independent components.
    public var independence = Independence.basis
    /// The contrast.
    public var contrast = Contrast.logcosh
    /// How components are kept apart.
    public var algorithm = Algorithm.symmetric
    /// The search has converged when no direction turns by more: 1 − |cosine| below this.
    public var tolerance = 1e-4
    /// The most iterations, of each component with deflation.
    public var maxIterations = 200
    /// The seed of the random rotation at the start.
    public var seed: UInt64 = 1
    /// Threads to compute with; nil for one a core.
    public var threads: Int?

    /// Creates options with the defaults above.
    public init() {}
  }

  /// r × p, by falling share of the variance.
  public let basis: DenseMatrix<Scalar>
  /// N × r.
  public let encoding: DenseMatrix<Scalar>
  /// The means of the columns.
  public let centre: [Scalar]
  /// Which of the two has independent components of unit variance and positive skewness.
  public let independence: Independence
  /// Iterations; with deflation, of the component that took most.
  public let iterations: Int
  /// Whether the directions stopped turning.
  public let converged: Bool
  /// The negentropy of each component, approximated through log cosh: 0 for a Gaussian.
  public let negentropies: [Double]
  private let deviations: [Double]
  private let options: Options
  private let projection: DenseMatrix<Double>

  /// Finds independent components.
  ///
  /// - Parameters:
  ///   - x: N observations × p features, finite.
  ///   - rank: Components, 1…min(N − 1, p).
  ///   - options: How to search.
  /// - Throws: `DecompositionError` when the data do not vary in that many directions.
  /// - Complexity: That of `PCA`, then O(M r²) an iteration, M the number of samples.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(_ x: DataMatrix<Scalar>, rank: Int, options: Options = Options()) throws {
    let pool = ComputePool(threads: options.threads)
    defer { pool.shutDown() }
    let pca = try PCA(Products(x, pool: pool), rank: rank, seed: options.seed, method: "ICA")
    try self.init(pca, options: options, pool: pool)
  }

  init(_ pca: PCA<Scalar>, options: Options, pool: ComputePool) throws {
    let rank = pca.rank
    let directions = makeDouble(Factor(transposing: pca.basis, pool: pool))
    let scores = makeDouble(Factor(pca.encoding))
    let mixed = options.independence == .basis ? directions : scores
    let white = try Whitened(mixed, pool: pool)
    let search = RotationSearch(white.samples, options: .init(options), pool: pool)
    let found = try search.run()
    // Samples of the independent components: mixed · whitening · rotationᵀ.
    let unmixing = product(white.matrix, transposed(found.rotation, rank), rank)
    let sources = multiply(
      mixed, makeFactor(unmixing, rows: rank, rank: rank, as: Double.self), pool: pool)
    // The other matrix takes the inverse: rotation · whitening⁻¹.
    let mixing = product(found.rotation, white.inverse, rank)
    let partner = options.independence == .basis ? scores : directions
    let partners = multiply(
      partner, makeFactor(transposed(mixing, rank), rows: rank, rank: rank, as: Double.self),
      pool: pool)
    let shape = ComponentShape(sources)
    let energies = columnSquares(partners)
    let order = (0..<rank).sorted { (energies[$0], $1) > (energies[$1], $0) }
    let isBasis = options.independence == .basis
    basis = arranged(
      isBasis ? sources : partners, order: order, scales: shape.signs, transposed: true,
      as: Scalar.self)
    encoding = arranged(
      isBasis ? partners : sources, order: order, scales: shape.signs, transposed: false,
      as: Scalar.self)
    centre = pca.centre
    independence = options.independence
    iterations = found.iterations
    converged = found.converged
    negentropies = order.map { shape.negentropies[$0] }
    deviations = shape.deviations
    self.options = options
    // Scores of new observations: (x − μ)V times this.
    let toEncoding =
      options.independence == .basis ? transposed(mixing, rank) : unmixing
    let small = arranged(
      makeFactor(toEncoding, rows: rank, rank: rank, as: Double.self), order: order,
      scales: shape.signs, transposed: false, as: Double.self)
    let turned = multiply(directions, Factor(small), pool: pool)
    projection = turned.matrix
  }

  /// How many components cannot be told from what the search finds in Gaussian noise.
  ///
  /// The directions of such components are arbitrary: a rotation of Gaussians is Gaussian. When some
  /// component is near, the same search is made on Gaussian noise of the same size, and those whose
  /// negentropy does not exceed the largest there are counted.
  ///
  /// - Complexity: Up to 60 iterations of the search.
  public func gaussianCount() throws -> Int {
    guard deviations.contains(where: { $0 < 6 }) else { return 0 }
    let pool = ComputePool(threads: options.threads)
    defer { pool.shutDown() }
    let largest = try largestNegentropyOfNoise(
      samples: independence == .basis ? basis.columns : encoding.rows, rank: rank,
      options: .init(options), pool: pool)
    return negentropies.count { $0 <= largest }
  }

  /// The encoding of new observations, with basis and means held fixed.
  public func transform(
    _ x: DataMatrix<Scalar>, threads: Int? = nil
  ) throws -> DenseMatrix<Scalar> {
    try requireColumns(of: x)
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    return centredProduct(
      Products(x, pool: pool), means: centre.map { Double($0) },
      Factor(projection.converted(to: Scalar.self))
    ).matrix
  }
}

/// AB of square matrices, row after row.
func product(_ a: [Double], _ b: [Double], _ order: Int) -> [Double] {
  var result = [Double](repeating: 0, count: order * order)
  for i in 0..<order {
    for k in 0..<order {
      let scale = a[i * order + k]
      for j in 0..<order { result[i * order + j] += scale * b[k * order + j] }
    }
  }
  return result
}

/// The transpose of a square matrix.
func transposed(_ a: [Double], _ order: Int) -> [Double] {
  (0..<order * order).map { a[($0 % order) * order + $0 / order] }
}

/// Samples with unit covariance, and the way there and back.
struct Whitened {
  /// M × r.
  let samples: Factor<Double>
  /// Mixed samples times this, less their means, are white: r × r.
  let matrix: [Double]
  let inverse: [Double]

  /// - Throws: `DecompositionError.tooFewFeatures` when the samples are dependent once centred, which
  ///   only the features can be: scores are independent.
  init(_ mixed: Factor<Double>, pool: ComputePool) throws {
    let rank = mixed.rank
    let count = Double(mixed.rows)
    let means = mixed.componentSums().map { $0 / count }
    var covariance = crossProduct(mixed, mixed, pool: pool).map { $0 / count }
    for k in 0..<rank {
      for l in 0..<rank { covariance[k * rank + l] -= means[k] * means[l] }
    }
    // Scaled to unit variances first, so that small components keep their digits.
    let deviations = (0..<rank).map { max(0, covariance[$0 * rank + $0]).squareRoot() }
    for k in 0..<rank {
      for l in 0..<rank {
        let scale = deviations[k] * deviations[l]
        covariance[k * rank + l] = scale > 0 ? covariance[k * rank + l] / scale : 0
      }
    }
    let eigen = try symmetricEigen(covariance, order: rank)
    let alive = eigen.values.count { $0 > 1e-10 }
    guard alive == rank else {
      throw DecompositionError.tooFewFeatures(
        features: mixed.rows, rank: rank, directions: alive)
    }
    // The symmetric roots: unlike eigenvectors they do not jump when variances are nearly equal.
    var matrix = [Double](repeating: 0, count: rank * rank)
    var inverse = matrix
    for e in 0..<rank {
      let root = eigen.values[e].squareRoot()
      let vector = eigen.vectors[e * rank..<(e + 1) * rank].map { $0 }
      for k in 0..<rank {
        for l in 0..<rank {
          matrix[k * rank + l] += vector[k] * vector[l] / (root * deviations[k])
          inverse[k * rank + l] += vector[k] * vector[l] * root * deviations[l]
        }
      }
    }
    self.matrix = matrix
    self.inverse = inverse
    let samples = multiply(
      mixed, makeFactor(matrix, rows: rank, rank: rank, as: Double.self), pool: pool)
    var shift = [Double](repeating: 0, count: rank)
    for k in 0..<rank {
      for l in 0..<rank { shift[l] += means[k] * matrix[k * rank + l] }
    }
    subtractOuter(samples, scales: nil, direction: shift)
    self.samples = samples
  }
}

/// The third moment and the negentropy of each component of unit variance.
struct ComponentShape {
  /// 1, or −1 for a component to be turned round: skewness becomes positive.
  var signs: [Double]
  var negentropies: [Double]
  /// How many standard errors E log cosh s lies from its value for a Gaussian.
  var deviations: [Double]

  init(_ sources: Factor<Double>) {
    let count = Double(sources.rows)
    signs = []
    negentropies = []
    deviations = []
    for k in 0..<sources.rank {
      var (mean, square) = (0.0, 0.0)
      for i in 0..<sources.rows { mean += sources[i, k] / count }
      for i in 0..<sources.rows {
        let value = sources[i, k] - mean
        square += value * value / count
      }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      var (skewness, sum, squares, largest) = (0.0, 0.0, 0.0, 0.0)
      for i in 0..<sources.rows {
        let value = (sources[i, k] - mean) * scale
        skewness += value * value * value / count
        let contrast = logCosh(value)
        sum += contrast / count
        squares += contrast * contrast / count
        if abs(value) > abs(largest) { largest = value }
      }
      let turned = abs(skewness) > 1e-6 ? skewness < 0 : largest < 0
      signs.append(turned ? -1 : 1)
      // E log cosh of a standard Gaussian.
      let difference = sum - 0.374_567_207_491_438
      negentropies.append(difference * difference)
      let error = (max(0, squares - sum * sum) / count).squareRoot()
      deviations.append(error > 0 ? abs(difference) / error : .infinity)
    }
  }
}

private func logCosh(_ value: Double) -> Double {
  let size = abs(value)
  return size + log(1 + exponential(-2 * size)) - 0.693_147_180_559_945_3
}
