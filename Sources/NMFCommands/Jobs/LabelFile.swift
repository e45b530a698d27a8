internal import Foundation

/// Reads known labels, one for each row of the data.
///
/// Either a line a row in order, or a table of comma- or tab-separated columns with a header: the
/// first column names rows (or counts them from 1), the last holds labels.
///
/// - Parameters:
///   - path: The file.
///   - rowNames: The names of the rows of the data, if they have any.
///   - rows: The number of rows of the data.
/// - Returns: One label a row, in the order of the rows.
/// - Throws: `CommandFailure` with the line or the row that has no place or no label.
func readLabels(_ path: String, rowNames: [String]?, rows: Int) throws -> [String] {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    throw CommandFailure("\(path) cannot be read as text; --labels needs one label a row.")
  }
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
    $0.hasSuffix("\r") ? String($0.dropLast()) : String($0)
  }
  while lines.last?.isEmpty == true { lines.removeLast() }
  let separator: Character = lines.first?.contains("\t") == true ? "\t" : ","
  let cells = lines.map { line in
    line.split(separator: separator, omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"")) }
  }
  let width = cells.first?.count ?? 0
  for (index, line) in cells.enumerated() where line.count != width {
    throw CommandFailure(
      "\(path), line \(index + 1): \(line.count) cells, but the first line has \(width).")
  }
  if width > 1, let names = rowNames {
    let table = Dictionary(cells.map { ($0[0], $0[width - 1]) }, uniquingKeysWith: { $1 })
    if names.contains(where: { table[$0] != nil }) {
      return try names.enumerated().map { row, name in
        guard let label = table[name] else {
          throw CommandFailure("\(path) has no label for row \(row + 1) (\(name)).")
        }
        return label
      }
    }
  }
  let body = cells.count == rows + 1 ? Array(cells.dropFirst()) : cells
  guard body.count == rows else {
    throw CommandFailure(
      "\(path) has \(counted(lines.count, "line")), but the data have \(counted(rows, "row")); "
        + "--labels needs one label a row, with or without a header.")
  }
  return body.map { $0[width - 1] }
}
