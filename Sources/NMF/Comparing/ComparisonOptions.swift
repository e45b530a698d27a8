public import Matrices

/// The methods that can stand beside each other.
public enum ComparisonMethod: String, CaseIterable, Codable, Sendable {
  /// Non-negative matrix factorization.
  case nmf
  /// Principal component analysis.
  case pca
  /// Vector quantisation: k-means.
  case vq
  /// Independent component analysis, with an independent basis.
  case ica
  /// Archetypal analysis.
  case archetypes

  /// The name for people.
  public var title: String {
    switch self {
    case .nmf: "NMF"
    case .pca: "PCA"
    case .vq: "VQ"
    case .ica: "ICA"
    case .archetypes: "Archetypes"
    }
  }
}

/// What to compare.
public struct ComparisonOptions: Sendable {
  /// The NMF: rank, loss, seed, threads and when to stop; the rank and the seed hold for all methods.
  public var fit: FitOptions
  /// The methods, in the order of the table.
  public var methods: [ComparisonMethod] = [.nmf, .pca, .vq, .ica]
  /// Starts of k-means.
  public var prototypeRestarts = 10
  /// Further starts against which stability is measured; 0 leaves it out.
  public var stabilityStarts = 3
  /// Whether a tenth of the entries is hidden and foretold.
  public var holdsOut = true
  /// N known labels, to compare groups with; they are not used otherwise.
  public var labels: [String]?
  /// The size of the pictures when each row is one.
  public var imageSize: ImageSize?

  /// Creates options with the defaults above.
  public init(fit: FitOptions) { self.fit = fit }
}

/// What one method made of the data.
public struct MethodResult: Sendable {
  /// The method.
  public var method: ComparisonMethod
  /// The row of the table; nil when it cannot be done.
  public var measures: ComparisonMeasures?
  /// Why it cannot be done, in a sentence; nil when it can.
  public var failure: String?
  /// What a person should know, a sentence each.
  public var notes: [String] = []
  /// Basis, r × p; empty when impossible.
  public var basis: DenseMatrix<Double>
  /// Encoding, N × r; empty when impossible.
  public var encoding: DenseMatrix<Double>
  /// What is added to every observation, p numbers.
  public var centre: [Double]

  /// |wₖ| ‖bₖ‖ with the sign of wₖ, N × r: what the components contribute to observations.
  public var contributions: DenseMatrix<Double> {
    var result = NMF.contributions(basis: basis, encoding: encoding)
    for i in 0..<encoding.rows {
      for k in 0..<encoding.columns where encoding[i, k] < 0 { result[i, k] = -result[i, k] }
    }
    return result
  }

  /// One observation as the method describes it.
  public func reconstruction(of row: Int) -> [Double] {
    var result = centre
    for k in 0..<basis.rows {
      let weight = encoding[row, k]
      guard weight != 0 else { continue }
      for j in 0..<basis.columns { result[j] += weight * basis[k, j] }
    }
    return result
  }
}

/// Several methods on the same data, measured the same way.
public struct Comparison: Sendable {
  /// The size of X.
  public var shape: Shape
  /// What was asked.
  public var options: ComparisonOptions
  /// One for each method, in the order asked for.
  public var results: [MethodResult]
  /// How many entries were hidden; 0 when none were.
  public var heldOutCount: Int
  /// Whether observations differ from each other.
  public var varies: Bool
}
