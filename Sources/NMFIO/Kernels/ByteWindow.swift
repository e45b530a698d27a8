/// A stretch of a byte stream in memory that is moved on as it is consumed.
///
/// Behind the last byte stand 64 newlines, so that a parser may look ahead without checking.
@safe final class ByteWindow {
  private let reader: any ByteReader
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  /// Whether the last byte of the stream is in the window.
  private(set) var atEnd = false

  private static let margin = 64

  init(_ reader: any ByteReader, capacity: Int = 1 << 20) throws {
    self.reader = reader
    unsafe buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + ByteWindow.margin, alignment: 64)
    _ = unsafe try refill(keepingFrom: start)
  }

  deinit { unsafe buffer.deallocate() }

  /// The first byte of the window.
  var start: UnsafePointer<UInt8> {
    guard let address = unsafe buffer.baseAddress else { preconditionFailure("an empty buffer") }
    return unsafe UnsafePointer(address.assumingMemoryBound(to: UInt8.self))
  }

  /// Where the bytes end and the newlines of the margin begin.
  var end: UnsafePointer<UInt8> { unsafe start + filled }

  /// Keeps the bytes from `mark` on, reads more behind them, and returns where `mark` is now.
  ///
  /// A window that is wholly kept doubles.
  func refill(keepingFrom mark: UnsafePointer<UInt8>) throws -> UnsafePointer<UInt8> {
    let kept = unsafe end - mark
    let offset = unsafe mark - start
    if unsafe kept > (buffer.count - ByteWindow.margin) / 2 {
      guard unsafe buffer.count < 1 << 30 else {
        throw MatrixFileError("a single cell is longer than 512 MB. Is a quotation mark left open?")
      }
      let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
        byteCount: 2 * buffer.count, alignment: 64)
      unsafe larger.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + kept]))
      unsafe buffer.deallocate()
      unsafe buffer = unsafe larger
    } else if kept > 0 {
      unsafe buffer.baseAddress?.copyMemory(from: mark, byteCount: kept)
    }
    filled = kept
    let room = unsafe UnsafeMutableRawBufferPointer(
      rebasing: buffer[filled..<buffer.count - ByteWindow.margin])
    let count = unsafe try reader.read(into: room)
    if count == 0 { atEnd = true }
    filled += count
    // Safe: `filled` never exceeds the size less the margin.
    unsafe UnsafeMutableRawBufferPointer(
      rebasing: buffer[filled..<filled + ByteWindow.margin]
    ).initializeMemory(as: UInt8.self, repeating: 0x0A)
    return unsafe start
  }
}
