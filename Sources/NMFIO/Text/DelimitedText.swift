import Matrices

/// Reads a table of text: once to count its lines, once to parse them into the finished array.
func readDelimitedText<Scalar: MatrixScalar>(
  _ input: FileInput, path: String, options: ReadOptions, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  var layout = try detectLayout(input, options: options)
  let (matrix, names, missing) = try parseText(input, layout: layout, options: options, as: type)
  var notes: [String] = []
  let isTabbed = layout.separator == UInt8(ascii: "\t")
  let format: MatrixFileFormat = layout.isSpaced ? .text : isTabbed ? .tsv : .csv
  if layout.separator == UInt8(ascii: ";") { notes.append("Cells are separated by semicolons.") }
  notes.append(
    layout.hasHeader
      ? "The first line is a header of \(counted(layout.columns, "column name"))."
      : "There is no header line.")
  if layout.hasRowNames { notes.append("The first column holds row names.") }
  if missing > 0 { notes.append("\(counted(missing, "entry is", "entries are")) missing.") }
  if layout.columnNames?.allSatisfy(\.isEmpty) == true { layout.columnNames = nil }
  let table = LabeledMatrix(
    .dense(matrix), rowNames: layout.hasRowNames ? names : nil, columnNames: layout.columnNames)
  return MatrixFile(
    table: table, path: path, format: format, notes: notes, storedType: "text numbers")
}

/// Reads as much of the beginning as detection needs.
private func detectLayout(_ input: FileInput, options: ReadOptions) throws -> DelimitedLayout {
  let comma = UInt8(ascii: ",")
  let semicolon = UInt8(ascii: ";")
  let tab = UInt8(ascii: "\t")
  let space = UInt8(ascii: " ")
  let separators: [UInt8] =
    switch options.format {
    case .csv: [semicolon, comma]
    case .tsv: [tab]
    case .text: [space]
    default: [tab, semicolon, comma, space]
    }
  var size = 1 << 20
  while true {
    let start = try input.prefix(size)
    let isComplete = start.count < size
    // Two whole lines are the least that detection needs.
    let lines = start.count(where: { $0 == 0x0A })
    if isComplete || lines > 3 || size >= 1 << 30 {
      return try DelimitedLayout.detect(
        in: start, isComplete: isComplete, separators: separators, header: options.header,
        rowNames: options.rowNames)
    }
    size *= 4
  }
}

/// A stretch of whole records.
private struct Segment: Sendable {
  var range: Range<Int>
  var count = LineCount()
}

private func parseText<Scalar: MatrixScalar>(
  _ input: FileInput, layout: DelimitedLayout, options: ReadOptions, as type: Scalar.Type
) throws -> (matrix: DenseMatrix<Scalar>, names: [String], missing: Int) {
  let whole = layout.dataOffset..<input.source.count
  @Sendable func reader(_ range: Range<Int>) throws -> any ByteReader {
    guard input.isCompressed else { return RangeReader(input.source, range) }
    let reader = try input.reader()
    try reader.skip(layout.dataOffset)
    return reader
  }
  let threads = max(1, options.threads ?? defaultThreadCount)
  let pieces = input.isCompressed ? 1 : max(1, min(threads, whole.count >> 20))
  var segments = try split(input.source, whole, pieces: pieces).map { Segment(range: $0) }
  let counts = try inParallel(segments.count) { [segments] index in
    try countLines(reader(segments[index].range), separator: layout.separator)
  }
  for index in segments.indices { segments[index].count = counts[index] }
  // A newline within quotation marks may be where the text was cut: then it must stay whole.
  if segments.count > 1,
    counts.contains(where: { $0.quotedNewlines > 0 || $0.endsInQuotes })
  {
    let count = try countLines(reader(whole), separator: layout.separator)
    segments = [Segment(range: whole, count: count)]
  }
  var rows = segments.reduce(0) { $0 + $1.count.records }
  // A cell takes a byte at least; more cells than bytes cannot be, and parsing will say where.
  let bytes = segments.reduce(0) { $0 + $1.count.bytes } + 1
  let isPossible = rows <= bytes / layout.columns
  if !isPossible {
    rows = bytes / layout.columns + 1
    segments = [Segment(range: whole, count: LineCount(records: rows))]
  }
  var names: [String] = []
  var missing = 0
  let elements = try makeElements(rows * layout.columns, as: type) { output in
    var row = 0
    var line = layout.dataLine
    let places = segments.map { segment in
      defer {
        row += segment.count.records
        line += segment.count.lines
      }
      return (row: row, line: line)
    }
    let parsed = try inParallel(segments.count) { [segments] index in
      let segment = segments[index]
      let place = places[index]
      return try output.parse(
        reader(segment.range), layout: layout, line: place.line, row: place.row,
        rows: segment.count.records)
    }
    for part in parsed {
      names += part.names
      missing += part.missing
    }
  }
  return (
    try DenseMatrix(rows: rows, columns: layout.columns, elements: elements), names, missing
  )
}

/// Cuts a range into pieces that begin behind a newline.
private func split(
  _ source: ByteSource, _ range: Range<Int>, pieces: Int
) throws -> [Range<Int>] {
  var result: [Range<Int>] = []
  var begin = range.lowerBound
  for piece in 1..<max(pieces, 1) {
    var cut = range.lowerBound + range.count / pieces * piece
    guard cut > begin else { continue }
    search: while cut < range.upperBound {
      let bytes = try source.bytes(at: cut, count: 1 << 16)
      if let newline = bytes.firstIndex(of: 0x0A) {
        cut += newline + 1
        break search
      }
      cut = bytes.isEmpty ? range.upperBound : cut + bytes.count
    }
    if cut > begin && cut < range.upperBound {
      result.append(begin..<cut)
      begin = cut
    }
  }
  return result + [begin..<range.upperBound]
}
