import CZlib
import Foundation

/// Gives the bytes of a file one after another.
protocol ByteReader: AnyObject {
  /// Reads up to `buffer.count` bytes and returns how many; 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// An open file; reading names its place, so threads may share it.
final class OpenFile: Sendable {
  let descriptor: Int32
  /// The size in bytes; nil for a pipe or a terminal.
  let size: Int?

  /// Opens a file for reading; `-` is standard input.
  init(path: String) throws {
    descriptor = unsafe path == "-" ? dup(0) : open(path, O_RDONLY)
    guard descriptor >= 0 else { throw MatrixFileError("cannot be opened: \(systemReason()).") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw MatrixFileError("cannot be examined: \(systemReason()).")
    }
    // Standard input is read from where it stands, as a pipe is.
    let regular = status.st_mode & S_IFMT == S_IFREG && path != "-"
    size = regular ? Int(status.st_size) : nil
  }

  deinit { close(descriptor) }

  /// Reads at a place (or on from the last one, for a pipe) until the buffer is full or the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count {
      // Safe: at most the rest of `buffer` is written.
      let rest = unsafe buffer.baseAddress.map { unsafe $0 + done }
      let count =
        size == nil
        ? unsafe Foundation.read(descriptor, rest, buffer.count - done)
        : unsafe pread(descriptor, rest, buffer.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw MatrixFileError("cannot be read: \(systemReason()).") }
      if count == 0 { break }
      done += count
    }
    return done
  }
}

/// What the system said about the last call that failed, and what helps where that is not plain.
func systemReason() -> String {
  let code = errno
  let reason = unsafe String(cString: strerror(code)).lowercased()
  return switch code {
  case EACCES, EPERM: "\(reason); change its permissions with chmod, or use a place of your own"
  case ENOSPC, EDQUOT: "\(reason); free some room, or use another place"
  default: reason
  }
}

/// Bytes that can be read at any place: of a file, or in memory.
enum ByteSource: Sendable {
  case file(OpenFile, size: Int)
  case memory([UInt8])

  var count: Int {
    switch self {
    case .file(_, let size): size
    case .memory(let bytes): bytes.count
    }
  }

  /// Reads at a place until the buffer is full or the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    switch self {
    case .file(let file, _): return unsafe try file.read(into: buffer, at: offset)
    case .memory(let bytes):
      let count = max(0, min(buffer.count, bytes.count - offset))
      if count > 0 { unsafe buffer.copyBytes(from: bytes[offset..<offset + count]) }
      return count
    }
  }

  /// Up to `count` bytes from a place.
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    let available = max(0, min(count, self.count - offset))
    return try unsafe [UInt8](unsafeUninitializedCapacity: available) { buffer, initialized in
      initialized = unsafe try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }
}

/// Reads a range of a source from its beginning to its end.
final class RangeReader: ByteReader {
  private let source: ByteSource
  private var position: Int
  private let end: Int

  init(_ source: ByteSource, _ range: Range<Int>) {
    self.source = source
    position = range.lowerBound
    end = range.upperBound
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(buffer.count, end - position)
    guard wanted > 0 else { return 0 }
    let count = unsafe try source.read(
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: position)
    position += count
    return count
  }
}

extension ByteReader {
  /// Up to `count` bytes; fewer only at the end.
  func bytes(_ count: Int) throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      while initialized < count {
        let read = unsafe try read(
          into: UnsafeMutableRawBufferPointer(rebasing: raw[initialized...]))
        if read == 0 { break }
        initialized += read
      }
    }
  }

  /// Every byte to the end.
  func allBytes() throws -> [UInt8] {
    var result: [UInt8] = []
    while true {
      let chunk = try bytes(1 << 20)
      result += chunk
      if chunk.count < 1 << 20 { return result }
    }
  }

  /// Passes over bytes.
  func skip(_ count: Int) throws {
    var left = count
    while left > 0 {
      let passed = try bytes(min(left, 1 << 20)).count
      if passed == 0 { return }
      left -= passed
    }
  }
}

/// Reads a pipe to its end.
final class PipeReader: ByteReader {
  private let file: OpenFile

  init(_ file: OpenFile) { self.file = file }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    unsafe try file.read(into: buffer, at: 0)
  }
}

/// Whether a path leads to a folder.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
