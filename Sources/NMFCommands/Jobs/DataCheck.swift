internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO

/// What `nnmf check` says about a file.
struct DataCheck {
  private let data: CheckedData<Double>
  private let description: DataDescription

  /// Reads and inspects a file.
  ///
  /// - Throws: `MatrixFileError` when it cannot be read.
  init(path: String, reading: ReadOptions) throws {
    data = try CheckedData(path: path, reading: reading)
    description = data.description(transposed: reading.transpose)
  }

  /// Lines for a person.
  var text: String {
    let inspection = data.inspection
    var lines = [data.file.path]
    lines.append(row("format", description.format + (description.bytes.map(sizeText) ?? "")))
    let transposed = description.transposed ? ", after --transpose" : ""
    lines.append(
      row(
        "shape",
        "\(counted(inspection.shape.rows, "observation")) (rows) × "
          + "\(counted(inspection.shape.columns, "feature")) (columns)\(transposed)"))
    lines.append(row("stored", storageText))
    lines.append(row("values", valuesText))
    lines.append(row("row names", namesText(data.file.table.rowNames)))
    lines.append(row("column names", namesText(data.file.table.columnNames)))
    if let size = data.file.table.imageSize { lines.append(row("pictures", "\(size) pixels")) }
    lines.append(
      row(
        "rank",
        "-r 1 to \(groupedCount(max(1, inspection.trivialRank - 1))) can say something; "
          + "a fit accepts up to \(groupedCount(inspection.largestRank))"))
    lines += data.file.notes.map { row("note", $0) }
    lines += inspection.findings.map { row($0.severity.rawValue, data.words.sentence(for: $0)) }
    if inspection.findings.isEmpty { lines.append(row("findings", "nothing odd")) }
    return lines.joined(separator: "\n")
  }

  /// The same for a program.
  var json: String {
    let inspection = data.inspection
    let findings = inspection.findings.map { finding in
      JSONText.object([
        ("kind", .string(finding.kind)), ("severity", .string(finding.severity.rawValue)),
        ("sentence", .string(data.words.sentence(for: finding))),
      ])
    }
    return JSONText.object([
      ("path", .string(data.file.path)),
      ("format", .string(description.format)),
      ("rows", .integer(inspection.shape.rows)),
      ("columns", .integer(inspection.shape.columns)),
      ("transposed", .boolean(description.transposed)),
      ("storage", .string(description.storage)),
      ("storedType", .string(description.storedType)),
      ("storedEntries", .integer(inspection.storedCount)),
      ("nonzeroEntries", .integer(inspection.nonzeroCount)),
      ("density", .number(inspection.density)),
      ("minimum", JSONText(inspection.minimum)),
      ("maximum", JSONText(inspection.maximum)),
      ("mean", JSONText(inspection.mean)),
      ("sum", .number(inspection.sum)),
      ("integers", .boolean(inspection.isInteger)),
      ("hasRowNames", .boolean(data.file.table.rowNames != nil)),
      ("hasColumnNames", .boolean(data.file.table.columnNames != nil)),
      ("notes", .array(data.file.notes.map { .string($0) })),
      ("findings", .array(findings)),
    ]).text.trimmingLineEnd
  }

  private var storageText: String {
    let inspection = data.inspection
    let percent = String(format: "%.3g %%", 100 * inspection.density)
    return "\(description.storage), \(description.storedType); "
      + "\(groupedCount(inspection.nonzeroCount)) entries other than zero (\(percent))"
  }

  private var valuesText: String {
    let inspection = data.inspection
    guard let minimum = inspection.minimum, let maximum = inspection.maximum,
      let mean = inspection.mean
    else { return "none" }
    return "\(inspection.isInteger ? "whole numbers" : "numbers") from \(shortNumber(minimum)) to "
      + "\(shortNumber(maximum)), mean \(shortNumber(mean)), sum \(shortNumber(inspection.sum))"
  }

  private func namesText(_ names: [String]?) -> String {
    guard let names else { return "none" }
    return names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }

  private func sizeText(_ bytes: Int) -> String { ", \(groupedCount(bytes)) bytes" }

  private func row(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 14 - name.count)) + value
  }
}

extension Finding {
  /// The name of the finding for programs.
  fileprivate var kind: String {
    switch self {
    case .negatives: "negatives"
    case .infinities: "infinities"
    case .missing: "missing"
    case .zeroRows: "zeroRows"
    case .zeroColumns: "zeroColumns"
    case .constantColumns: "constantColumns"
    case .duplicateRows: "duplicateRows"
    case .nonIntegers: "nonIntegers"
    case .transposed: "transposed"
    case .unequalScales: "unequalScales"
    case .hugeValues: "hugeValues"
    }
  }
}
