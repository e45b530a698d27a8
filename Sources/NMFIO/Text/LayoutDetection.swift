/// Words that head a column of names rather than of numbers.
private let nameHeaders: Set<String> = [
  "", "#", "id", "ids", "index", "row", "rows", "row.names", "rowname", "rownames", "name", "names",
  "sample", "samples", "sampleid", "sample_id", "gene", "genes", "cell", "cells", "barcode",
  "feature", "observation", "document", "unnamed: 0",
]

extension DelimitedLayout {
  /// Finds out how a text table is laid out from its first records.
  ///
  /// - Parameters:
  ///   - text: The beginning of the file, at least two records unless it has fewer.
  ///   - isComplete: Whether it is the whole file.
  ///   - separators: The separators to choose from.
  ///   - header: Whether there is a header, if that was said.
  ///   - rowNames: Whether there are row names, if that was said.
  /// - Returns: The layout.
  /// - Throws: `MatrixFileError` for text without a record, and for a header alone.
  static func detect(
    in text: [UInt8], isComplete: Bool, separators: [UInt8], header: Bool?, rowNames: Bool?
  ) throws -> DelimitedLayout {
    let hasMark = text.starts(with: [0xEF, 0xBB, 0xBF])
    let body = text[(hasMark ? 3 : 0)...]
    if isComplete, !body.contains(0x0A), body.dropLast().contains(0x0D) {
      throw MatrixFileError(
        "lines end with a carriage return alone, as on old Macintoshes. Save the file with line feeds, "
          + "as with tr '\\r' '\\n'.")
    }
    let separator = bestSeparator(in: body, isComplete: isComplete, among: separators)
    // Long lines are many cells each, and a few of them tell enough.
    let isWide = (body.firstIndex(of: 0x0A) ?? body.endIndex) > 20_000
    let records = records(
      of: body, separator: separator, isComplete: isComplete, limit: isWide ? 4 : 20)
    guard let first = records.first else { throw MatrixFileError("the file is empty.") }
    var layout = DelimitedLayout(separator: separator)
    layout.dataOffset = hasMark ? 3 : 0
    let data = records.dropFirst().map(\.cells)
    // R writes a header without a name for the row names: every line has one cell more.
    let isShort = !data.isEmpty && data.allSatisfy { $0.count == first.cells.count + 1 }
    layout.hasHeader = header ?? (isShort || looksLikeHeader(first.cells, second: data.first))
    let body2 = layout.hasHeader ? data : [first.cells] + data
    guard let firstData = body2.first else {
      throw MatrixFileError(
        "there is a header line and no data. If the line holds numbers, say --no-header.")
    }
    layout.hasRowNames =
      rowNames
      ?? (layout.hasHeader && isShort
        || looksLikeNames(body2, header: layout.hasHeader ? first.cells.first : nil))
    layout.columns = firstData.count - (layout.hasRowNames ? 1 : 0)
    guard layout.columns > 0 else {
      throw MatrixFileError("there are row names and no numbers. Is the separator unusual?")
    }
    if layout.hasHeader {
      layout.dataOffset = first.end
      layout.dataLine = first.nextLine
      let extra = layout.hasRowNames && !isShort
      var names = extra ? Array(first.cells.dropFirst()) : first.cells
      // NumPy's savetxt writes the header as a comment.
      if let name = names.first, name.hasPrefix("# "), !extra {
        names[0] = String(name.dropFirst(2))
      }
      if names.count == layout.columns - 1 && layout.hasRowNames == false && header == true {
        names.insert("", at: 0)
      }
      guard names.count == layout.columns else {
        if isComplete, !body.count(where: { $0 == 0x22 }).isMultiple(of: 2) {
          throw MatrixFileError("a quotation mark is never closed.")
        }
        throw MatrixFileError(
          "the header has \(counted(first.cells.count, "cell")), the first data line "
            + "\(firstData.count), separated by \(layout.separatorName).", line: 1)
      }
      layout.columnNames = names
    }
    return layout
  }

  /// The separator that splits the first lines evenly into the most numbers.
  private static func bestSeparator(
    in text: ArraySlice<UInt8>, isComplete: Bool, among candidates: [UInt8]
  ) -> UInt8 {
    var best = candidates.first ?? UInt8(ascii: ",")
    var bestScore = 0
    for candidate in candidates {
      let rows = records(of: text, separator: candidate, isComplete: isComplete, limit: 4)
        .map(\.cells)
      guard let last = rows.last, rows.contains(where: { $0.count > 1 }) else { continue }
      // Lines may differ: a ragged table must still be told apart from one without separators.
      let even = rows.dropFirst().allSatisfy { $0.count == last.count }
      let cells = rows.count > 1 ? rows.dropFirst().flatMap { $0 } : rows.flatMap { $0 }
      let numbers = cells.count { cell in
        CellContent(cell) == .number
          || candidate != UInt8(ascii: ",") && isDecimalComma(cell)
      }
      let score = (even ? 1000 : 1) * (2 * numbers + 1)
      if score > bestScore {
        bestScore = score
        best = candidate
      }
    }
    return best
  }

  private static func looksLikeHeader(_ first: [String], second: [String]?) -> Bool {
    let isWide = first.count > 1
    let corner = first.first ?? ""
    let cells = isWide ? first.dropFirst() : first[...]
    let texts = cells.count { CellContent($0) == .text }
    if texts * 2 >= cells.count {
      guard let second else { return texts == cells.count }
      let below = (isWide ? second.dropFirst() : second[...]).count { CellContent($0) == .text }
      return texts > below || texts == cells.count
    }
    guard isWide, texts == 0, second != nil else { return false }
    // Numbers as names: a corner that heads names, or the count 0, 1, 2, … that pandas writes.
    if CellContent(corner) == .text || corner.isEmpty {
      return nameHeaders.contains(corner.lowercased())
    }
    let numbers = first.compactMap { Int($0) }
    return numbers.count == first.count && first.count >= 5
      && (numbers == Array(0..<first.count) || numbers == Array(1...first.count))
  }

  private static func looksLikeNames(_ data: [[String]], header: String?) -> Bool {
    guard data.allSatisfy({ $0.count > 1 }) || header == "" else { return false }
    let firsts = data.compactMap(\.first)
    if firsts.count(where: { CellContent($0) == .text && !isDecimalComma($0) }) * 2 > firsts.count {
      return true
    }
    guard let header else { return false }
    if header.isEmpty { return true }
    return nameHeaders.contains(header.lowercased()) && firsts.allSatisfy { Int($0) != nil }
      && Set(firsts).count == firsts.count
  }
}
