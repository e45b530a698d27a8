/// How a text table is laid out.
struct DelimitedLayout: Sendable, Equatable {
  /// The byte between cells; a space stands for any run of spaces and tabs.
  var separator: UInt8
  /// Whether the first record holds column names.
  var hasHeader = false
  /// Whether the first cell of each record is a name.
  var hasRowNames = false
  /// How many cells hold numbers, without the row name.
  var columns = 0
  /// The names in the header, without that of the names' own column.
  var columnNames: [String]?
  /// Where the first record with numbers begins.
  var dataOffset = 0
  /// The line of the file in which it begins, counted from 1.
  var dataLine = 1

  /// Whether cells stand apart by spaces.
  var isSpaced: Bool { separator == UInt8(ascii: " ") }

  /// The separator as a word.
  var separatorName: String {
    switch separator {
    case UInt8(ascii: ","): "commas"
    case UInt8(ascii: ";"): "semicolons"
    case UInt8(ascii: "\t"): "tabs"
    default: "spaces"
    }
  }
}

/// What a cell of text says.
enum CellContent: Equatable {
  case number
  case missing
  case text

  /// The content of a cell.
  init(_ cell: String) {
    if isMissingWord(cell) {
      self = .missing
    } else {
      // Swift also reads hexadecimal numbers, which the parser does not.
      self = Double(cell) != nil && !cell.utf8.contains(UInt8(ascii: "x")) ? .number : .text
    }
  }
}

/// Whether a cell says that its number is missing: empty, NA, N/A, NaN or null in any case.
func isMissingWord(_ cell: some StringProtocol) -> Bool {
  guard cell.utf8.count <= 4 else { return false }
  return ["", "na", "n/a", "nan", "null"].contains(cell.lowercased())
}

/// Whether a cell is a number with commas, such as `1,5` or `1,234,567`.
func isDecimalComma(_ cell: some StringProtocol) -> Bool {
  let parts = cell.split(separator: ",", omittingEmptySubsequences: false)
  guard parts.count >= 2, let last = parts.last, !last.isEmpty else { return false }
  return Double(parts.dropLast().joined() + "." + last.filter { $0 != "." }) != nil
}

extension DelimitedLayout {
  /// Splits the first records of a text into cells.
  ///
  /// - Parameters:
  ///   - text: The beginning of the file.
  ///   - separator: The byte between cells.
  ///   - isComplete: Whether it is the whole file; if not, a last record without end is left out.
  ///   - limit: The most records to split.
  /// - Returns: The records with something in them, where each ends, and on which line the next is.
  static func records(
    of text: ArraySlice<UInt8>, separator: UInt8, isComplete: Bool, limit: Int
  ) -> [(cells: [String], end: Int, nextLine: Int)] {
    var result: [(cells: [String], end: Int, nextLine: Int)] = []
    let isSpaced = separator == 0x20
    var cells: [String] = []
    var cell: [UInt8] = []
    var wasQuoted = false
    var line = 1
    var index = text.startIndex
    func finishCell() {
      if isSpaced && cell.isEmpty && !wasQuoted { return }
      if !wasQuoted {
        while let last = cell.last, last == 0x20 || last == 0x09 || last == 0x0D {
          cell.removeLast()
        }
      }
      cells.append(String(decoding: cell, as: UTF8.self))
      cell.removeAll(keepingCapacity: true)
      wasQuoted = false
    }
    func finishRecord(end: Int) {
      if isSpaced && cell.allSatisfy({ $0 == 0x0D }) && !wasQuoted { cell.removeAll() }
      finishCell()
      if !(cells.isEmpty || cells == [""]) { result.append((cells, end, line)) }
      cells.removeAll()
    }
    while index < text.endIndex, result.count < limit {
      let byte = text[index]
      index += 1
      if byte == 0x22 && cell.isEmpty && !wasQuoted {
        wasQuoted = true
        while index < text.endIndex {
          let inner = text[index]
          index += 1
          if inner == 0x0A { line += 1 }
          if inner == 0x22 {
            guard index < text.endIndex, text[index] == 0x22 else { break }
            index += 1
          }
          cell.append(inner)
        }
      } else if byte == 0x0A {
        line += 1
        finishRecord(end: index)
      } else if byte == separator || (isSpaced && byte == 0x09) {
        finishCell()
      } else if cell.isEmpty && (byte == 0x20 || byte == 0x09) {
        continue
      } else if wasQuoted && (byte == 0x20 || byte == 0x0D || byte == 0x09) {
        continue
      } else {
        cell.append(byte)
      }
    }
    if isComplete, index == text.endIndex, result.count < limit, !(cells.isEmpty && cell.isEmpty) {
      finishRecord(end: index)
    }
    return result
  }
}
