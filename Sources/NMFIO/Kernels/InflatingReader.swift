import CZlib

/// Decompresses what another reader gives, through zlib.
@safe final class InflatingReader: ByteReader {
  /// How the compressed bytes are wrapped.
  enum Wrapping {
    /// The members of a .gz file, one after another.
    case gzip
    /// Bare deflate, as in a zip archive.
    case raw
  }

  private let base: any ByteReader
  private let wrapping: Wrapping
  private var stream: UnsafeMutablePointer<z_stream>
  private var input: UnsafeMutableRawBufferPointer
  private var memberEnded = false
  private var ended = false

  init(_ base: any ByteReader, _ wrapping: Wrapping) throws {
    self.base = base
    self.wrapping = wrapping
    // Allocated, not stored inline: zlib keeps a pointer back to the stream.
    unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    let bits = wrapping == .gzip ? 15 + 16 : -15
    let status = unsafe inflateInit2_(
      stream, Int32(bits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw MatrixFileError("zlib could not start.") }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !ended, buffer.count > 0 else { return 0 }
    let room = min(buffer.count, 1 << 30)
    // Safe: zlib writes at most `avail_out` bytes and reads at most `avail_in`.
    unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = uInt(room)
    while unsafe stream.pointee.avail_out > 0 {
      if unsafe stream.pointee.avail_in == 0 {
        let count = unsafe try base.read(into: input)
        if count == 0 {
          guard memberEnded else {
            throw MatrixFileError("the compressed data end early. The file is cut short.")
          }
          ended = true
          break
        }
        unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_in = uInt(count)
      }
      if memberEnded {
        // Zeros after the last member are padding; anything else must be another member.
        if unsafe wrapping == .raw || stream.pointee.next_in.pointee == 0 {
          ended = true
          break
        }
        unsafe inflateReset(stream)
        memberEnded = false
      }
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      switch status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: memberEnded = true
      default: throw MatrixFileError("the compressed data are damaged.")
      }
      if memberEnded && wrapping == .raw {
        ended = true
        break
      }
    }
    return unsafe room - Int(stream.pointee.avail_out)
  }
}
