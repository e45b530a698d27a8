/// What the first lines of a Matrix Market file say.
struct MatrixMarketHeader: Equatable {
  /// Whether entries are listed by place; if not, all are, column after column.
  var isCoordinate: Bool
  /// Whether values are left out, because each is 1.
  var isPattern: Bool
  /// Whether values are whole numbers.
  var isInteger: Bool
  /// Whether only the lower triangle is listed.
  var isSymmetric: Bool
  var rows: Int
  var columns: Int
  /// How many lines of entries follow.
  var entries: Int
  /// Where the entries begin.
  var dataOffset: Int
  /// The line in which they begin, counted from 1.
  var dataLine: Int

  /// Reads the banner, the comments and the sizes.
  ///
  /// - Parameters:
  ///   - start: The beginning of the file.
  ///   - largestCount: The most bytes the file can hold, against which sizes are checked.
  /// - Throws: `MatrixFileError` with the line that cannot be read.
  init(_ start: [UInt8], largestCount: Int) throws {
    var lines = start.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    func words(_ line: ArraySlice<UInt8>) -> [String] {
      String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }
    let banner = lines.popFirst().map(words)?.map { $0.lowercased() } ?? []
    guard banner.count >= 5, banner[0] == "%%matrixmarket", banner[1] == "matrix" else {
      throw MatrixFileError(
        "a Matrix Market file begins with a line such as \"%%MatrixMarket matrix coordinate real "
          + "general\".", line: 1)
    }
    guard ["coordinate", "array"].contains(banner[2]) else {
      throw MatrixFileError(
        "the layout \(quoted(banner[2])) is not read; coordinate and array are.", line: 1)
    }
    guard ["real", "double", "integer", "pattern"].contains(banner[3]) else {
      throw MatrixFileError(
        "values of type \(quoted(banner[3])) are not read; real, integer and pattern are.", line: 1)
    }
    guard ["general", "symmetric"].contains(banner[4]) else {
      throw MatrixFileError(
        "a \(banner[4]) matrix is not read; general and symmetric are.", line: 1)
    }
    isCoordinate = banner[2] == "coordinate"
    isPattern = banner[3] == "pattern"
    isInteger = banner[3] == "integer"
    isSymmetric = banner[4] == "symmetric"
    guard isCoordinate || !isPattern else {
      throw MatrixFileError("an array cannot be a pattern; it must list its values.", line: 1)
    }
    dataOffset = 0
    dataLine = 2
    while let line = lines.popFirst() {
      let text = words(line)
      dataLine += 1
      if text.isEmpty || line.first == UInt8(ascii: "%") { continue }
      dataOffset = min(line.endIndex + 1, start.count)
      let sizes = text.compactMap { Int($0) }
      guard sizes.count == text.count, sizes.count == (isCoordinate ? 3 : 2),
        sizes.allSatisfy({ $0 >= 0 })
      else {
        throw MatrixFileError(
          "\(isCoordinate ? "rows, columns and entries" : "rows and columns") expected, "
            + "\(quoted(text.joined(separator: " "))) found.", line: dataLine - 1)
      }
      rows = sizes[0]
      columns = sizes[1]
      let (cells, overflow) = rows.multipliedReportingOverflow(by: columns)
      entries = isCoordinate ? sizes[2] : isSymmetric ? cells / 2 + (rows + 1) / 2 : cells
      try checkSizes(largestCount, cells: overflow ? nil : cells)
      return
    }
    throw MatrixFileError("the line with the sizes is missing.")
  }

  /// Refuses sizes that the bytes of the file cannot hold.
  private func checkSizes(_ largestCount: Int, cells: Int?) throws {
    let line = dataLine - 1
    guard rows > 0, columns > 0 else {
      throw MatrixFileError("the matrix is \(rows) × \(columns), that is, empty.", line: line)
    }
    guard rows <= Int(Int32.max), columns <= Int(Int32.max) else {
      throw MatrixFileError(
        "\(rows) × \(columns) is larger than 2³¹ − 1 rows or columns, which is the limit.",
        line: line)
    }
    guard !isSymmetric || rows == columns else {
      throw MatrixFileError(
        "a symmetric matrix must be square, and this one is \(rows) × \(columns).", line: line)
    }
    if let cells, isCoordinate, entries > cells, entries > 2 * cells {
      throw MatrixFileError(
        "\(entries) entries are stated for a matrix of \(cells) places.", line: line)
    }
    // The shortest entry is "1 1\n", or "1\n" of an array.
    let shortest = isCoordinate ? isPattern ? 4 : 6 : 2
    guard cells != nil || isCoordinate, entries <= (largestCount + 1) / shortest else {
      throw MatrixFileError(
        "\(entries) entries are stated, more than the file has room for. It is cut short, or its "
          + "sizes are wrong.", line: line)
    }
  }
}
