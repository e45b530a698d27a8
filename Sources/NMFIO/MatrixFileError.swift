import Matrices

/// What is wrong with a file that was to be read or written, and what to do about it.
public struct MatrixFileError: Error, Equatable, CustomStringConvertible {
  /// The file or folder; empty while it is not known.
  public var path: String
  /// The line of the file, counted from 1.
  public var line: Int?
  /// The row of the table, counted from 1, without the header.
  public var row: Int?
  /// The column of the table, counted from 1, without the column of row names.
  public var column: Int?
  /// The name of the column in the header.
  public var columnName: String?
  /// One or more sentences: what was found and what to do.
  public var message: String

  /// Creates an error.
  public init(
    _ message: String, path: String = "", line: Int? = nil, row: Int? = nil, column: Int? = nil,
    columnName: String? = nil
  ) {
    self.path = path
    self.line = line
    self.row = row
    self.column = column
    self.columnName = columnName
    self.message = message
  }

  /// The place, a colon, and the sentence.
  public var description: String {
    var place = path.isEmpty ? [] : [path == "-" ? "standard input" : path]
    if let line { place.append("line \(line)") }
    if let row { place.append("row \(row)") }
    if let column {
      place.append("column \(column)" + (columnName.map { " (\(onOneLine($0)))" } ?? ""))
    }
    return place.isEmpty ? message : place.joined(separator: ", ") + ": " + message
  }
}

/// Text from a file as it is shown in a message: short, on one line, in quotation marks.
func quoted(_ text: some StringProtocol) -> String {
  let printable = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
  return "\"" + String(printable.prefix(40)) + (printable.count > 40 ? "…" : "") + "\""
}

/// A number with its noun, as in `1 row` and `3 rows`.
func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) " + (count == 1 ? singular : plural ?? singular + "s")
}
