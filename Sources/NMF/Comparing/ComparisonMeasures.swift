internal import Matrices

/// One row of the table: all methods are measured by the same formulas.
public struct ComparisonMeasures: Sendable, Equatable {
  /// 1 − ‖X − X̂‖² / ‖X − column means‖².
  public var varianceExplained: Double
  /// 1 − D(X, X̂) / D(X, independence of rows and columns), D the Poisson deviance.
  ///
  /// A prediction below a thousandth of the mean of X counts as that, for every method: a negative
  /// rate has no deviance. Below 0 when X̂ is worse than independence.
  public var poissonDevianceExplained: Double
  /// The variance explained of entries that were hidden from the fit; nil when not measured.
  public var heldOutVarianceExplained: Double?
  /// The Poisson deviance explained of entries that were hidden from the fit.
  public var heldOutPoissonDevianceExplained: Double?
  /// The share of entries of the basis below zero.
  public var negativeBasisFraction: Double
  /// The share of entries of the encoding below zero.
  public var negativeEncodingFraction: Double
  /// The mean over rows of the basis of (√p − ‖b‖₁ / ‖b‖₂) / (√p − 1) (Hoyer 2004).
  ///
  /// 1 when one feature is other than zero, 0 when all have the same magnitude.
  public var basisSparseness: Double
  /// How local the basis pictures are: 1 for a single pixel, 0 for an even grey; nil for data that
  /// are no pictures.
  ///
  /// 1 − the root mean square distance of b² from its centre over that of an even picture.
  public var localisation: Double?
  /// The effective number of components of an observation, (Σ cₖ)² / Σ cₖ² with cₖ = |wₖ| ‖bₖ‖, on
  /// average.
  public var partsPerObservation: Double
  /// The mean |cosine| of basis rows with those of other starts, matched one to one.
  public var stability: Double?
  /// The adjusted Rand index (Hubert & Arabie 1985) of the groups with given labels.
  ///
  /// An observation belongs to the component with the largest |wₖ| ‖bₖ‖.
  public var adjustedRandIndex: Double?
  /// Mutual information over the mean entropy of groups and labels.
  public var normalizedMutualInformation: Double?
  /// Seconds of the fit.
  public var seconds: Double
}

/// |wₖ| ‖bₖ‖, N × r: how much each component contributes to each observation.
func contributions(
  basis: DenseMatrix<Double>, encoding: DenseMatrix<Double>
) -> DenseMatrix<Double> {
  let norms = (0..<basis.rows).map { k in
    basis.row(k).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
  var result = encoding
  for i in 0..<encoding.rows {
    for k in 0..<encoding.columns { result[i, k] = abs(encoding[i, k]) * norms[k] }
  }
  return result
}

/// The mean of (Σ c)² / Σ c² over the rows that are not all zero.
func effectiveParts(_ contributions: DenseMatrix<Double>) -> Double {
  var (total, rows) = (0.0, 0)
  for i in 0..<contributions.rows {
    var (sum, squares) = (0.0, 0.0)
    for value in contributions.row(i) {
      sum += value
      squares += value * value
    }
    guard squares > 0 else { continue }
    total += sum * sum / squares
    rows += 1
  }
  return rows > 0 ? total / Double(rows) : 0
}

/// The component with the largest contribution to each observation; ties go to the first.
func dominantComponents(_ contributions: DenseMatrix<Double>) -> [Int] {
  (0..<contributions.rows).map { i in
    var (best, largest) = (0, -Double.infinity)
    for (k, value) in contributions.row(i).enumerated() where value > largest {
      (best, largest) = (k, value)
    }
    return best
  }
}

/// The share of entries below zero.
func negativeFraction(_ matrix: DenseMatrix<Double>) -> Double {
  let count = matrix.elements.count { $0 < 0 }
  return matrix.elements.isEmpty ? 0 : Double(count) / Double(matrix.elements.count)
}

/// The mean sparseness of the rows that are not all zero (Hoyer 2004).
func hoyerSparseness(_ basis: DenseMatrix<Double>) -> Double {
  let root = Double(basis.columns).squareRoot()
  guard root > 1 else { return 0 }
  var (total, rows) = (0.0, 0)
  for k in 0..<basis.rows {
    var (sum, squares) = (0.0, 0.0)
    for value in basis.row(k) {
      sum += abs(value)
      squares += value * value
    }
    guard squares > 0 else { continue }
    total += (root - sum / squares.squareRoot()) / (root - 1)
    rows += 1
  }
  return rows > 0 ? total / Double(rows) : 0
}

/// How local pictures are, on average over the rows that are not all zero.
func spatialLocalisation(_ basis: DenseMatrix<Double>, size: ImageSize) -> Double {
  func spread(_ weight: (Int) -> Double) -> Double? {
    var (mass, x, y, squares) = (0.0, 0.0, 0.0, 0.0)
    for j in 0..<size.count {
      let share = weight(j)
      let (across, down) = (Double(j % size.width), Double(j / size.width))
      mass += share
      x += share * across
      y += share * down
      squares += share * (across * across + down * down)
    }
    guard mass > 0 else { return nil }
    return max(0, squares / mass - (x / mass) * (x / mass) - (y / mass) * (y / mass)).squareRoot()
  }
  guard let even = spread({ _ in 1 }), even > 0 else { return 0 }
  let spreads = (0..<basis.rows).compactMap { k in
    spread { j in basis[k, j] * basis[k, j] }
  }
  guard !spreads.isEmpty else { return 0 }
  return 1 - spreads.reduce(0, +) / Double(spreads.count) / even
}

/// How well groups agree with labels: adjusted Rand index and normalised mutual information.
package func groupAgreement(
  _ groups: [Int], _ labels: [String]
) -> (adjustedRand: Double, mutualInformation: Double) {
  precondition(groups.count == labels.count, "one label a group member is needed")
  var pairs: [String: [Int: Int]] = [:]
  var groupSizes: [Int: Int] = [:]
  for (group, label) in zip(groups, labels) {
    pairs[label, default: [:]][group, default: 0] += 1
    groupSizes[group, default: 0] += 1
  }
  let count = Double(groups.count)
  func choose(_ size: Int) -> Double { Double(size) * Double(size - 1) / 2 }
  func entropy(_ sizes: [Int]) -> Double {
    sizes.reduce(0) { $1 > 0 ? $0 - Double($1) / count * log(Double($1) / count) : $0 }
  }
  let labelSizes = pairs.keys.sorted().map { pairs[$0]?.values.reduce(0, +) ?? 0 }
  let sizes = groupSizes.keys.sorted().map { groupSizes[$0] ?? 0 }
  let cells = pairs.keys.sorted().flatMap { label in
    (pairs[label] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
  }
  let together = cells.reduce(0) { $0 + choose($1) }
  let (first, second) = (
    labelSizes.reduce(0) { $0 + choose($1) }, sizes.reduce(0) { $0 + choose($1) }
  )
  let all = choose(groups.count)
  let expected = all > 0 ? first * second / all : 0
  let most = (first + second) / 2
  let rand = most > expected ? (together - expected) / (most - expected) : 1
  let (h1, h2) = (entropy(labelSizes), entropy(sizes))
  let mutual = max(0, h1 + h2 - entropy(cells))
  return (rand, h1 + h2 > 0 ? 2 * mutual / (h1 + h2) : 1)
}
