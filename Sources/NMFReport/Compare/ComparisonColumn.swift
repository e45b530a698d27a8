public import NMF

/// One column of the table: what it is called, what it means and how its numbers are written.
public struct ComparisonColumn: Sendable {
  /// The head.
  public let title: String
  /// What is measured, for people.
  public let meaning: String
  private let value: @Sendable (ComparisonMeasures) -> String?

  /// The cell of a method.
  public func text(_ measures: ComparisonMeasures) -> String { value(measures) ?? "–" }

  private init(
    _ title: String, _ meaning: String, _ value: @escaping @Sendable (ComparisonMeasures) -> String?
  ) {
    self.title = title
    self.meaning = meaning
    self.value = value
  }

  /// The columns that the comparison has numbers for.
  public static func all(for comparison: Comparison) -> [ComparisonColumn] {
    let measures = comparison.results.compactMap(\.measures)
    return columns.filter { column in
      measures.isEmpty || measures.contains { column.value($0) != nil }
    }
  }

  @Sendable private static func fixed(_ value: Double) -> String {
    NumberFormat.fixed(value, 2).replacing("-", with: "−")
  }

  private static let columns: [ComparisonColumn] = [
    ComparisonColumn(
      "variance", "The share of the squared deviation from the column means that is described."
    ) { NumberFormat.percent($0.varianceExplained) },
    ComparisonColumn(
      "hidden variance",
      """
      The same for entries hidden from the fit: a tenth, or fewer of a large sparse matrix. NMF leaves \
      them out; for the other methods they are filled with what the method says of them, in turns. \
      Predictions outside the range of the data count as its end.
      """
    ) { $0.heldOutVarianceExplained.map(NumberFormat.percent) },
    ComparisonColumn(
      "Poisson deviance",
      """
      The share of the deviance from independent rows and columns that is described. Predictions below \
      a thousandth of the mean count as that, as negative counts do not exist.
      """
    ) { NumberFormat.percent($0.poissonDevianceExplained) },
    ComparisonColumn("hidden deviance", "The same for the hidden entries.") {
      $0.heldOutPoissonDevianceExplained.map(NumberFormat.percent)
    },
    ComparisonColumn("negative basis", "The share of entries of the basis below zero.") {
      NumberFormat.percent($0.negativeBasisFraction)
    },
    ComparisonColumn("negative weights", "The share of weights below zero.") {
      NumberFormat.percent($0.negativeEncodingFraction)
    },
    ComparisonColumn(
      "sparseness",
      "Hoyer's sparseness of the basis: 1 is a single feature, 0 all features alike, whatever the sign."
    ) { fixed($0.basisSparseness) },
    ComparisonColumn(
      "localisation", "1 when a basis picture is a single pixel, 0 when it is spread out evenly."
    ) { $0.localisation.map(fixed) },
    ComparisonColumn(
      "components used",
      "The effective number of components of an observation: (Σ c)² / Σ c² of their contributions c."
    ) { NumberFormat.number($0.partsPerObservation, digits: 3) },
    ComparisonColumn(
      "stability",
      "The mean |cosine| of the basis with those of other starts, matched one to one; 1 is the same."
    ) { $0.stability.map(fixed) },
    ComparisonColumn(
      "Rand index",
      """
      Agreement of the groups by largest contribution with the labels, adjusted for chance: 1 is perfect, \
      0 is chance.
      """
    ) { $0.adjustedRandIndex.map(fixed) },
    ComparisonColumn(
      "mutual information", "Mutual information of groups and labels over their mean entropy."
    ) { $0.normalizedMutualInformation.map(fixed) },
    ComparisonColumn("time", "Seconds of the fit alone.") {
      NumberFormat.seconds($0.seconds).replacing("less than ", with: "< ")
    },
  ]
}
