/// A file to read from, decompressed on the way if it is a .gz file.
struct FileInput: Sendable {
  /// The bytes as stored.
  let source: ByteSource
  /// Whether they are compressed by gzip.
  let isCompressed: Bool

  /// Opens a file; a pipe and standard input (`-`) are taken into memory.
  init(path: String) throws {
    let file = try OpenFile(path: path)
    if let size = file.size {
      source = .file(file, size: size)
    } else {
      source = .memory(try PipeReader(file).allBytes())
    }
    isCompressed = try source.bytes(at: 0, count: 2) == [0x1F, 0x8B]
  }

  /// The most bytes that can come out; deflate expands at most 1032-fold.
  var largestCount: Int {
    guard isCompressed else { return source.count }
    let (count, overflow) = source.count.multipliedReportingOverflow(by: 1032)
    return overflow ? Int.max : count
  }

  /// Reads the content from its beginning, decompressed.
  func reader() throws -> any ByteReader {
    let stored = RangeReader(source, 0..<source.count)
    return isCompressed ? try InflatingReader(stored, .gzip) : stored
  }

  /// Up to `count` bytes of the content.
  func prefix(_ count: Int) throws -> [UInt8] {
    try reader().bytes(min(count, largestCount))
  }
}
