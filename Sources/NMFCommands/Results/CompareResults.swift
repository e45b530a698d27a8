internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// The files of a comparison.
struct CompareResults {
  let comparison: Comparison
  let context: ReportContext
  let originals: [(row: Int, values: [Double])]

  /// The page to open.
  static let pageName = "report.html"
  /// The file with the table.
  static let fileName = "compare.json"

  /// Writes all files into a folder that is not yet in its place.
  func write(to output: OutputFolder) throws {
    let components = (1...max(1, comparison.options.fit.rank)).map { "component\($0)" }
    for result in comparison.results where result.measures != nil {
      let name = result.method.rawValue
      try writeCSV(
        result.basis, rowNames: components, columnNames: context.columnNames, corner: "component",
        to: output.path(for: "\(name)-basis.csv"))
      try writeCSV(
        result.encoding, rowNames: context.rowNames, columnNames: components,
        corner: "observation", to: output.path(for: "\(name)-encoding.csv"))
      try writeNPY(result.basis, to: output.path(for: "\(name)-basis.npy"))
      try writeNPY(result.encoding, to: output.path(for: "\(name)-encoding.npy"))
    }
    let picture = ComparisonPicture(
      comparison, originals: originals, context: context
    ).picture()
    try output.write("compare.png", bytes: PNGCodec.encode(picture))
    let report = ComparisonReport(comparison, originals: originals, context: context)
    try output.write(Self.pageName, text: report.html())
    try output.write(Self.fileName, text: json)
  }

  /// The text of `compare.json`.
  var json: String {
    let options = comparison.options
    return JSONText.object([
      ("command", .string(context.command)), ("version", .string(context.version)),
      ("created", .string(context.date)), ("data", .string(context.dataPath)),
      ("rows", .integer(comparison.shape.rows)), ("columns", .integer(comparison.shape.columns)),
      ("rank", .integer(options.fit.rank)), ("loss", .string(options.fit.loss.rawValue)),
      ("seed", .unsigned(options.fit.seed)), ("heldOutEntries", .integer(comparison.heldOutCount)),
      ("shownRows", .array(originals.map { .integer($0.row + 1) })),
      (
        "sentences",
        .array(
          ComparisonSentences(comparison).sentences.map {
            .string($0.replacing("\u{A0}", with: " "))
          })
      ),
      ("methods", .array(comparison.results.map(object))),
    ]).text
  }

  private func object(_ result: MethodResult) -> JSONText {
    var members: [(key: String, value: JSONText)] = [("name", .string(result.method.rawValue))]
    if let reason = result.failure {
      members += [("status", .string("failed")), ("error", .string(reason))]
    } else if let measures = result.measures {
      members += [
        ("status", .string("ok")),
        ("varianceExplained", .number(measures.varianceExplained)),
        ("poissonDevianceExplained", .number(measures.poissonDevianceExplained)),
        ("heldOutVarianceExplained", JSONText(measures.heldOutVarianceExplained)),
        ("heldOutPoissonDevianceExplained", JSONText(measures.heldOutPoissonDevianceExplained)),
        ("negativeBasisFraction", .number(measures.negativeBasisFraction)),
        ("negativeEncodingFraction", .number(measures.negativeEncodingFraction)),
        ("basisSparseness", .number(measures.basisSparseness)),
        ("localisation", JSONText(measures.localisation)),
        ("partsPerObservation", .number(measures.partsPerObservation)),
        ("stability", JSONText(measures.stability)),
        ("adjustedRandIndex", JSONText(measures.adjustedRandIndex)),
        ("normalizedMutualInformation", JSONText(measures.normalizedMutualInformation)),
        ("seconds", .number(measures.seconds)),
      ]
    }
    members.append(("notes", .array(result.notes.map { .string($0) })))
    return .object(members)
  }

  /// The table for a terminal: a measure a line, a method a column.
  var textTable: String {
    let columns = ComparisonColumn.all(for: comparison)
    func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
      let space = String(repeating: " ", count: max(0, width - text.count))
      return left ? text + space : space + text
    }
    var lines = [
      pad("", 20, left: true) + comparison.results.map { pad($0.method.title, 12) }.joined()
    ]
    for column in columns {
      var line = pad(column.title, 20, left: true)
      for result in comparison.results {
        if let measures = result.measures {
          line += pad(column.text(measures), 12)
        } else {
          line += pad("failed", 12)
        }
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }
}
