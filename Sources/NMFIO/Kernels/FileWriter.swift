import Foundation

/// Writes a file through a buffer.
///
/// Every error becomes a `MatrixFileError` with the reason the system gives, as for a full disk.
final class FileWriter {
  private let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  private static let capacity = 1 << 18

  /// Creates the file, or empties it.
  init(path: String) throws {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else {
      throw MatrixFileError("cannot be created: \(systemReason()).", path: path)
    }
    buffer.reserveCapacity(FileWriter.capacity + 4096)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends bytes.
  func write(_ bytes: some Sequence<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= FileWriter.capacity { try flush() }
  }

  /// Appends the bytes of numbers, as they lie in memory.
  func write<Number: BitwiseCopyable>(numbers: [Number]) throws {
    try flush()
    unsafe try numbers.withUnsafeBytes { unsafe try write($0) }
  }

  /// Writes what is left and closes the file.
  func finish() throws {
    try flush()
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw failure() }
  }

  private func flush() throws {
    unsafe try buffer.withUnsafeBytes { unsafe try write($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      // Safe: the bytes from `done` to the end are within the buffer.
      let count = unsafe Foundation.write(
        descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      done += count
    }
  }

  private func failure() -> MatrixFileError {
    MatrixFileError("cannot be written: \(systemReason()).", path: path)
  }
}

/// Creates a folder, or says why not.
func makeFolder(_ path: String) throws {
  guard unsafe mkdir(path, 0o777) == 0 else {
    throw MatrixFileError("the folder cannot be created: \(systemReason()).", path: path)
  }
}

/// Renames a file or folder, or says why not.
func rename(from old: String, to new: String) throws {
  guard unsafe rename(old, new) == 0 else {
    throw MatrixFileError("cannot be put into place: \(systemReason()).", path: new)
  }
}

/// Whether something is at a path, be it a link that leads nowhere.
func exists(_ path: String) -> Bool {
  var status = stat()
  return unsafe lstat(path, &status) == 0
}
