public import Matrices

/// Writes a matrix as comma-separated text, RFC 4180.
///
/// Numbers are the shortest that read back to the same value; whole numbers have no decimal point, and
/// a missing number is `NaN`.
///
/// - Parameters:
///   - matrix: The numbers.
///   - rowNames: A name for each row, or nil for none.
///   - columnNames: A name for each column, or nil for no header.
///   - corner: What heads the column of row names.
///   - path: The file; what was there is replaced.
/// - Throws: `MatrixFileError` when the file cannot be written.
public func writeCSV<Scalar: MatrixScalar>(
  _ matrix: DenseMatrix<Scalar>, rowNames: [String]?, columnNames: [String]?, corner: String,
  to path: String
) throws {
  precondition(rowNames.map { $0.count == matrix.rows } ?? true, "one name a row is needed")
  precondition(columnNames.map { $0.count == matrix.columns } ?? true, "one name a column")
  let writer = try FileWriter(path: path)
  if let columnNames {
    let cells = (rowNames == nil ? [] : [corner]) + columnNames
    try writer.write((cells.map(csvCell).joined(separator: ",") + "\n").utf8)
  }
  // To put numbers into words takes longer than to write them: some rows a piece, all processors at a time.
  let piece = max(1, 16_384 / max(1, matrix.columns))
  let batch = piece * 2 * defaultThreadCount
  for top in stride(from: 0, to: matrix.rows, by: batch) {
    let count = (min(batch, matrix.rows - top) + piece - 1) / piece
    let texts = try inParallel(count) { index in
      let first = top + index * piece
      return csvRows(first..<min(first + piece, matrix.rows), of: matrix, rowNames: rowNames)
    }
    for text in texts { try writer.write(text) }
  }
  try writer.finish()
}

private func csvRows<Scalar: MatrixScalar>(
  _ rows: Range<Int>, of matrix: DenseMatrix<Scalar>, rowNames: [String]?
) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(rows.count * matrix.columns * 10)
  for row in rows {
    if let rowNames {
      text += csvCell(rowNames[row]).utf8
      text.append(UInt8(ascii: ","))
    }
    appendNumbers(matrix.row(row), to: &text)
  }
  return text
}

/// A cell of text: in quotation marks when it would be misread without them.
func csvCell(_ text: String) -> String {
  let special: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D]
  let isPlain =
    text.utf8.allSatisfy { !special.contains($0) } && text.first != " "
    && text.last != " "
  return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
}

@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
private func appendNumbers<Scalar: MatrixScalar>(
  _ numbers: ArraySlice<Scalar>, to line: inout [UInt8]
) {
  for number in numbers {
    appendNumber(number, to: &line)
    line.append(UInt8(ascii: ","))
  }
  if !numbers.isEmpty { line.removeLast() }
  line.append(0x0A)
}

@inline(__always)
private func appendNumber<Scalar: MatrixScalar>(_ number: Scalar, to line: inout [UInt8]) {
  // Zeros and small whole numbers are most of what is written.
  if number >= 0, number < 10, number == number.rounded(.down),
    !(number == 0 && number.sign == .minus)
  {
    line.append(0x30 + UInt8(number))
    return
  }
  // The description is the shortest text that reads back the same.
  let text = (number as? Double)?.description ?? Float(number).description
  line += text.utf8
  if text.hasSuffix(".0") { line.removeLast(2) }
}
