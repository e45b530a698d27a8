import Foundation

/// What a first pass over delimited text finds.
struct LineCount: Sendable {
  /// Lines that hold something, quoted newlines taken into account.
  var records = 0
  /// Bytes.
  var bytes = 0
  /// Newlines.
  var lines = 0
  /// Newlines within quotation marks.
  var quotedNewlines = 0
  /// Whether the text ends inside quotation marks.
  var endsInQuotes = false
}

/// Counts the records of delimited text.
///
/// - Parameters:
///   - reader: The text from the beginning of a record.
///   - separator: The byte between cells; a space stands for any spaces and tabs.
/// - Returns: The counts.
/// - Throws: `MatrixFileError` when the text cannot be read.
func countLines(_ reader: any ByteReader, separator: UInt8) throws -> LineCount {
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  defer { unsafe chunk.deallocate() }
  var count = LineCount()
  var hasContent = false
  var inQuotes = false
  var atCellStart = true
  let isSpaced = separator == 0x20
  let blankTab: UInt8 = separator == 0x09 ? 0x20 : 0x09
  while true {
    let filled = unsafe try reader.read(into: chunk)
    if filled == 0 { break }
    count.bytes += filled
    guard let base = chunk.baseAddress else { break }
    let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
    var index = 0
    if unsafe !inQuotes && memchr(base, 0x22, filled) == nil {
      while index < filled {
        // Is there anything on this line?
        while unsafe !hasContent && index < filled && bytes[index] != 0x0A {
          let byte = unsafe bytes[index]
          hasContent = byte != 0x20 && byte != 0x0D && byte != blankTab
          index += 1
        }
        guard index < filled,
          let newline = unsafe memchr(base + index, 0x0A, filled - index)
        else { break }
        index = unsafe newline - base + 1
        count.lines += 1
        if hasContent { count.records += 1 }
        hasContent = false
      }
      var last = filled - 1
      if isSpaced {
        atCellStart = unsafe bytes[last] <= 0x20
      } else {
        while unsafe last > 0 && (bytes[last] == 0x20 || bytes[last] == blankTab) { last -= 1 }
        atCellStart = unsafe bytes[last] == 0x0A || bytes[last] == separator
      }
      continue
    }
    // A quotation mark counts only where a cell begins.
    while index < filled {
      let byte = unsafe bytes[index]
      index += 1
      if inQuotes {
        if byte == 0x22 { inQuotes = false }
        if byte == 0x0A {
          count.quotedNewlines += 1
          count.lines += 1
        }
      } else if byte == 0x0A {
        count.lines += 1
        if hasContent { count.records += 1 }
        hasContent = false
        atCellStart = true
      } else if byte == 0x22 && atCellStart {
        inQuotes = true
        hasContent = true
      } else if byte == separator || (isSpaced && byte == 0x09) {
        if !isSpaced { hasContent = true }
        atCellStart = true
      } else if byte != 0x20 && byte != blankTab && byte != 0x0D {
        // Behind a closing mark a second mark opens again: the pair is doubled.
        hasContent = true
        atCellStart = false
      }
    }
  }
  if hasContent { count.records += 1 }
  count.endsInQuotes = inQuotes
  return count
}
