import Matrices

/// Goes through the lines of a Matrix Market file's entries.
@safe private struct EntryLines {
  let window: ByteWindow
  var line: Int
  /// The next byte to read.
  var p: UnsafePointer<UInt8>
  /// Behind the last whole line in the window.
  private var end: UnsafePointer<UInt8>

  init(_ reader: any ByteReader, line: Int) throws {
    window = try ByteWindow(reader)
    self.line = line
    unsafe p = unsafe window.start
    unsafe end = unsafe p
    unsafe end = unsafe lastLineEnd()
  }

  private func lastLineEnd() -> UnsafePointer<UInt8> {
    var last = unsafe window.end
    if window.atEnd { return unsafe last }
    while unsafe last > window.start && last[-1] != 0x0A { unsafe last -= 1 }
    return unsafe last
  }

  /// Moves to the next line with an entry; false at the end of the file.
  @inline(__always)
  mutating func advance() throws -> Bool {
    while true {
      if unsafe p >= end {
        if window.atEnd { return false }
        unsafe p = unsafe try window.refill(keepingFrom: p)
        unsafe end = unsafe lastLineEnd()
        continue
      }
      while unsafe p[0] == 0x20 || p[0] == 0x09 || p[0] == 0x0D { unsafe p += 1 }
      if unsafe p[0] != 0x0A && p[0] != 0x25 { return true }
      skipLine()
    }
  }

  /// Moves behind the next newline; the margin of the window holds one.
  @inline(__always)
  mutating func skipLine() {
    while unsafe p[0] != 0x0A { unsafe p += 1 }
    unsafe p += 1
    line += 1
  }

  /// Reads a whole number of at most 18 digits, or nil.
  @inline(__always)
  mutating func index() -> Int? {
    while unsafe p[0] == 0x20 || p[0] == 0x09 { unsafe p += 1 }
    let first = unsafe p
    var value = 0
    while true {
      let digit = unsafe p[0] &- 0x30
      if digit > 9 { break }
      value = value &* 10 &+ Int(digit)
      unsafe p += 1
    }
    let digits = unsafe p - first
    guard digits > 0, digits < 19, unsafe p[0] <= 0x20 else { return nil }
    return value
  }

  @inline(__always)
  mutating func number<Scalar: MatrixScalar>(_ numbers: DecimalParser) -> Scalar? {
    while unsafe p[0] == 0x20 || p[0] == 0x09 { unsafe p += 1 }
    var value: Scalar = 0
    if unsafe numbers.parse(&p, &value) { return value }
    return word()
  }

  /// Reads NaN or infinity.
  @inline(never)
  private mutating func word<Scalar: MatrixScalar>() -> Scalar? {
    var q = unsafe p
    while unsafe q[0] > 0x20 { unsafe q += 1 }
    let text = unsafe String(
      decoding: UnsafeBufferPointer(start: p, count: q - p), as: UTF8.self
    ).lowercased()
    unsafe p = unsafe q
    switch text {
    case "nan", "na": return .nan
    case "inf", "+inf", "infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }

  /// Whether nothing follows on the line; moves to the next.
  @inline(__always)
  mutating func finish() -> Bool {
    while unsafe p[0] == 0x20 || p[0] == 0x09 || p[0] == 0x0D { unsafe p += 1 }
    guard unsafe p[0] == 0x0A else { return false }
    unsafe p += 1
    line += 1
    return true
  }

  /// What the line holds from the current place back to its beginning, for a message.
  func broken(_ header: MatrixMarketHeader) -> MatrixFileError {
    let wanted =
      !header.isCoordinate
      ? "one number" : header.isPattern ? "a row and a column" : "a row, a column and a number"
    return MatrixFileError("the line must hold \(wanted) and nothing else.", line: line)
  }
}

/// Parses the entries of a coordinate file.
///
/// - Throws: `MatrixFileError` for an index outside the matrix, and more or fewer entries than stated.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func parseCoordinates<Scalar: MatrixScalar>(
  _ reader: any ByteReader, header: MatrixMarketHeader, as type: Scalar.Type
) throws -> EntryList<Scalar> {
  var lines = try EntryLines(reader, line: header.dataLine)
  let numbers = DecimalParser()
  let room = header.isSymmetric ? 2 * header.entries : header.entries
  var list = EntryList<Scalar>()
  list.rowIndices = [Int32](repeating: 0, count: room)
  list.columnIndices = [Int32](repeating: 0, count: room)
  list.values = [Scalar](repeating: 0, count: room)
  var kept = 0
  var found = 0
  var lastByRow = -1
  var lastByColumn = -1
  while try lines.advance() {
    guard let row = lines.index(), let column = lines.index() else { throw lines.broken(header) }
    var value: Scalar = 1
    if !header.isPattern {
      guard let number: Scalar = lines.number(numbers) else { throw lines.broken(header) }
      value = number
    }
    if row < 1 || row > header.rows || column < 1 || column > header.columns {
      let hint = row == 0 || column == 0 ? " Rows and columns are counted from 1." : ""
      throw MatrixFileError(
        "the place (\(row), \(column)) is outside the \(header.rows) × \(header.columns) "
          + "matrix.\(hint)", line: lines.line)
    }
    guard lines.finish() else { throw lines.broken(header) }
    found += 1
    if found > header.entries {
      throw MatrixFileError(
        "more than the stated \(counted(header.entries, "entry", "entries")) found.",
        line: lines.line - 1)
    }
    if value == 0 { continue }
    list.rowIndices[kept] = Int32(truncatingIfNeeded: row - 1)
    list.columnIndices[kept] = Int32(truncatingIfNeeded: column - 1)
    list.values[kept] = value
    kept += 1
    let byRow = (row << 31) | column
    let byColumn = (column << 31) | row
    if byRow <= lastByRow { list.isRowOrdered = false }
    if byColumn <= lastByColumn { list.isColumnOrdered = false }
    lastByRow = byRow
    lastByColumn = byColumn
    if header.isSymmetric && row != column {
      list.rowIndices[kept] = Int32(truncatingIfNeeded: column - 1)
      list.columnIndices[kept] = Int32(truncatingIfNeeded: row - 1)
      list.values[kept] = value
      kept += 1
      list.isRowOrdered = false
      list.isColumnOrdered = false
    }
  }
  guard found == header.entries else {
    throw MatrixFileError(
      "\(header.entries) entries are stated and \(found) found. The file is cut short.")
  }
  list.rowIndices.removeSubrange(kept...)
  list.columnIndices.removeSubrange(kept...)
  list.values.removeSubrange(kept...)
  return list
}

/// Parses the entries of an array file, column after column, into the rows of Xᵀ.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func parseArray<Scalar: MatrixScalar>(
  _ reader: any ByteReader, header: MatrixMarketHeader, as type: Scalar.Type
) throws -> [Scalar] {
  var lines = try EntryLines(reader, line: header.dataLine)
  let numbers = DecimalParser()
  var elements = [Scalar](repeating: 0, count: header.rows * header.columns)
  var row = 0
  var column = 0
  while try lines.advance() {
    guard let value: Scalar = lines.number(numbers), lines.finish() else {
      throw lines.broken(header)
    }
    guard column < header.columns else {
      throw MatrixFileError("more numbers than the stated sizes found.", line: lines.line - 1)
    }
    elements[column * header.rows + row] = value
    if header.isSymmetric { elements[row * header.rows + column] = value }
    row += 1
    if row == header.rows {
      column += 1
      row = header.isSymmetric ? column : 0
    }
  }
  guard column == header.columns else {
    throw MatrixFileError(
      "\(header.rows) × \(header.columns) numbers are stated, and they end in column "
        + "\(column + 1). The file is cut short.")
  }
  return elements
}
