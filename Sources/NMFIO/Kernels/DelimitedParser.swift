import Foundation
import Matrices

/// Parses records of delimited text into the rows of a matrix.
///
/// - Parameters:
///   - reader: The text from the beginning of a record to the end of one.
///   - layout: Separator, row names and number of columns.
///   - line: The line of the file in which the text begins.
///   - row: The row of the table in which it begins, for messages.
///   - rows: How many records there are, as `countLines` found.
///   - output: Room for `rows * layout.columns` numbers.
/// - Returns: The row names, and how many numbers are missing.
/// - Throws: `MatrixFileError` with the place of the first cell that cannot be read.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func parseRecords<Scalar: MatrixScalar>(
  _ reader: any ByteReader, layout: DelimitedLayout, line: Int, row: Int, rows: Int,
  into output: UnsafeMutablePointer<Scalar>
) throws -> (names: [String], missing: Int) {
  var parser = unsafe try RecordParser<Scalar>(
    reader, layout: layout, line: line, row: row, rows: rows, output: output)
  return try parser.run()
}

/// The state of `parseRecords`.
@safe private struct RecordParser<Scalar: MatrixScalar> {
  let window: ByteWindow
  let layout: DelimitedLayout
  let firstRow: Int
  let rows: Int
  let output: UnsafeMutablePointer<Scalar>
  let numbers = DecimalParser()
  var line: Int
  var row = 0
  /// The cell of the record that comes next; 0 is the row name when there is one.
  var cell = 0
  var names: [String] = []
  var missing = 0

  init(
    _ reader: any ByteReader, layout: DelimitedLayout, line: Int, row: Int, rows: Int,
    output: UnsafeMutablePointer<Scalar>
  ) throws {
    window = try ByteWindow(reader)
    self.layout = layout
    self.line = line
    firstRow = row
    self.rows = rows
    unsafe self.output = unsafe output
    if layout.hasRowNames { names.reserveCapacity(rows) }
  }

  mutating func run() throws -> (names: [String], missing: Int) {
    let separator = layout.separator
    let isSpaced = layout.isSpaced
    let otherBlank: UInt8 = separator == 0x09 ? 0x20 : 0x09
    let nameCells = layout.hasRowNames ? 1 : 0
    let cells = layout.columns + nameCells
    var p = unsafe window.start
    var end = unsafe window.end
    var target = unsafe output
    while true {
      // At the beginning of a cell. Blanks before it mean nothing.
      var q = unsafe p
      while unsafe q[0] == 0x20 || q[0] == otherBlank { unsafe q += 1 }
      if cell >= nameCells && cell < cells && row < rows {
        var value: Scalar = 0
        if unsafe numbers.parse(&q, &value) {
          while unsafe q[0] == 0x20 || q[0] == otherBlank { unsafe q += 1 }
          var after = unsafe q[0]
          if unsafe after == 0x0D && q[1] == 0x0A {
            unsafe q += 1
            after = 0x0A
          }
          let isEnd = after == 0x0A
          // Safe: fewer than `columns` numbers were stored in each of fewer than `rows` rows.
          if unsafe q < end && (isEnd || after == separator) {
            unsafe target.pointee = value
            unsafe target += 1
            cell += 1
            unsafe p = unsafe q + 1
            if isEnd { try finishRecord(cells) }
            continue
          }
          if unsafe isSpaced && q < end && (q[-1] == 0x20 || q[-1] == 0x09) {
            unsafe target.pointee = value
            unsafe target += 1
            cell += 1
            unsafe p = unsafe q
            continue
          }
        }
      }
      // Anything else: names, missing numbers, quotation marks, mistakes, the end of the window.
      guard let found = try unsafe findCell(from: p, end: end, otherBlank: otherBlank) else {
        unsafe p = try window.refill(keepingFrom: p)
        unsafe end = unsafe window.end
        continue
      }
      if found.isNothing {
        if cell > 0 { try finishRecord(cells) } else { line += 1 }
        if unsafe found.next > end { break }
        unsafe p = unsafe found.next
        continue
      }
      if cell < nameCells {
        names.append(found.text)
      } else if cell < cells && row < rows {
        unsafe target.pointee = try number(in: found)
        unsafe target += 1
      }
      cell += 1
      unsafe p = unsafe found.next
      if found.newlines > 0 { line += found.newlines }
      if found.atLineEnd { try finishRecord(cells) }
      if unsafe found.next > end { break }
    }
    return (names, missing)
  }

  /// Checks that a record has all its cells, and goes to the next.
  @inline(__always)
  private mutating func finishRecord(_ cells: Int) throws {
    if cell != cells || row >= rows { throw wrongRecord(cells) }
    cell = 0
    row += 1
    line += 1
  }

  @inline(never)
  private func wrongRecord(_ cells: Int) -> MatrixFileError {
    guard cell != cells else {
      return MatrixFileError("the file changed while it was read. Read it again.", line: line)
    }
    let names = layout.hasRowNames ? " (the row name included)" : ""
    return MatrixFileError(
      "\(counted(cells, "cell")) expected\(names), \(cell) found. Cells are separated by "
        + "\(layout.separatorName); a cell that contains one must be in quotation marks.",
      line: line, row: firstRow + row + 1)
  }

  /// The number in a cell that is not plainly one.
  private mutating func number(in found: FoundCell) throws -> Scalar {
    var p = unsafe found.start
    var value: Scalar = 0
    if unsafe numbers.parse(&p, &value) && p == found.stop { return value }
    let text = found.text
    if isMissingWord(text) {
      missing += 1
      return .nan
    }
    switch text.lowercased() {
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: break
    }
    let index = cell - (layout.hasRowNames ? 1 : 0)
    throw MatrixFileError(
      "\(quoted(text)) is not a number. \(hint(for: text, column: index))", line: line,
      row: firstRow + row + 1, column: index + 1, columnName: layout.columnNames?[index])
  }

  private func hint(for text: String, column: Int) -> String {
    if isDecimalComma(text) {
      return "Commas within numbers are not read: save the file with decimal points, and without "
        + "marks between thousands."
    }
    let names = "If the first column holds names, say --row-names."
    let header = "If the first line holds column names, say --header."
    let mayBeNames = !layout.hasRowNames && column == 0
    let mayBeHeader = !layout.hasHeader && firstRow + row == 0
    if mayBeNames && mayBeHeader { return header + " " + names }
    if mayBeNames { return names }
    if mayBeHeader { return header }
    return "Correct the cell or remove its column; a missing number is written NA."
  }
}

/// A cell found in the window.
@safe private struct FoundCell {
  /// Where the content begins and stops, without quotation marks and blanks.
  var start: UnsafePointer<UInt8>
  var stop: UnsafePointer<UInt8>
  /// Where the next cell begins; behind the window's end at the end of the text.
  var next: UnsafePointer<UInt8>
  var atLineEnd: Bool
  /// Whether there is no cell, only the blanks before the end of a line.
  var isNothing = false
  var wasQuoted = false
  var newlines = 0

  /// The content, doubled quotation marks resolved, invalid UTF-8 replaced.
  var text: String {
    let bytes = unsafe UnsafeBufferPointer(start: start, count: stop - start)
    guard wasQuoted, unsafe bytes.contains(0x22) else {
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
    var isSecond = false
    let single = unsafe bytes.filter { byte in
      isSecond = byte == 0x22 && !isSecond
      return byte != 0x22 || isSecond
    }
    return String(decoding: single, as: UTF8.self)
  }
}

extension RecordParser {
  /// The cell that begins at `p`, or nil when the window must first be refilled.
  @inline(never)
  private func findCell(
    from p: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, otherBlank: UInt8
  ) throws -> FoundCell? {
    var q = unsafe p
    while unsafe q < end && (q[0] == 0x20 || q[0] == otherBlank) { unsafe q += 1 }
    var found = unsafe FoundCell(start: q, stop: q, next: q, atLineEnd: false)
    if unsafe q < end && q[0] == 0x22 {
      unsafe q += 1
      unsafe found.start = unsafe q
      found.wasQuoted = true
      while true {
        while unsafe q < end && q[0] != 0x22 {
          if unsafe q[0] == 0x0A { found.newlines += 1 }
          unsafe q += 1
        }
        if unsafe q >= end {
          guard window.atEnd else { return nil }
          throw MatrixFileError("a quotation mark is never closed.", line: line)
        }
        guard unsafe q + 1 < end || window.atEnd else { return nil }
        guard unsafe q + 1 < end && q[1] == 0x22 else { break }
        unsafe q += 2
      }
      unsafe found.stop = unsafe q
      unsafe q += 1
      while unsafe q < end && (q[0] == 0x20 || q[0] == otherBlank) { unsafe q += 1 }
      if unsafe q < end && q[0] == 0x0D { unsafe q += 1 }
      if unsafe layout.isSpaced && q < end && q[0] != 0x0A {
        unsafe found.next = unsafe q
        return found
      }
      if unsafe q < end && q[0] != 0x0A && q[0] != layout.separator {
        throw MatrixFileError(
          "text follows a closing quotation mark after \(quoted(found.text)). A quotation "
            + "mark inside a cell is written twice.", line: line)
      }
    } else {
      let separator = layout.separator
      let isSpaced = layout.isSpaced
      while unsafe q < end && q[0] != 0x0A && q[0] != separator && !(isSpaced && q[0] == 0x09) {
        unsafe q += 1
      }
      unsafe found.stop = unsafe q
      while unsafe found.stop > found.start
        && (found.stop[-1] == 0x20 || found.stop[-1] == otherBlank || found.stop[-1] == 0x0D)
      {
        unsafe found.stop -= 1
      }
    }
    guard unsafe q < end || window.atEnd else { return nil }
    let atLineEnd = unsafe q >= end || q[0] == 0x0A
    found.atLineEnd = atLineEnd
    let isEmpty = unsafe found.stop == found.start && !found.wasQuoted
    // A blank line, or blanks at the end of a line of spaced cells.
    if atLineEnd && isEmpty && (cell == 0 || layout.isSpaced) { found.isNothing = true }
    unsafe found.next = unsafe q + 1
    return found
  }
}
