import Foundation

/// An unfinished file or folder: hidden, beside the place that it will take.
///
/// Its maker holds a lock on it. One that nobody holds was left by a process that was killed, and
/// `removeAbandoned` is called before the next one with the same target is made.
struct HiddenSibling {
  /// Where it is.
  let path: String
  private let lock: PathLock?

  /// What the second of two renames leaves aside when the file system cannot exchange.
  static let asideEnding = ".old"

  /// Makes one.
  ///
  /// - Parameters:
  ///   - target: The place it will take.
  ///   - make: Creates the file or folder at a path.
  /// - Throws: What `make` throws.
  init(of target: String, make: (String) throws -> Void) throws {
    let (folder, prefix) = HiddenSibling.place(of: target)
    // Another process may take it for abandoned before the lock is there: then a new one is made.
    for _ in 0..<3 {
      let token = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let path = folder + "/" + prefix + token
      try make(path)
      let lock = PathLock(path)
      if lock != nil || exists(path) {
        // A file system without locks has it too, and never loses it, as nobody else can lock it.
        self.path = path
        self.lock = lock
        return
      }
    }
    throw MatrixFileError("unfinished results are removed by another program.", path: target)
  }

  /// Removes what killed processes left, and puts old results back that were only moved aside.
  static func removeAbandoned(of target: String) {
    let (folder, prefix) = place(of: target)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    for name in names where name.hasPrefix(prefix) {
      let path = folder + "/" + name
      guard let lock = PathLock(path) else { continue }
      withExtendedLifetime(lock) {
        if name.hasSuffix(asideEnding), !exists(target) {
          try? rename(from: path, to: target)
        } else {
          try? FileManager.default.removeItem(atPath: path)
        }
      }
    }
  }

  /// The folder of a target, and how hidden names for it begin on this machine.
  private static func place(of target: String) -> (folder: String, prefix: String) {
    let url = URL(fileURLWithPath: target)
    // A lock may be unknown to other machines: each looks after its own. FNV-1a of the name.
    let machine = machineName().utf8.reduce(UInt32(2_166_136_261)) {
      ($0 ^ UInt32($1)) &* 16_777_619
    }
    return (
      url.deletingLastPathComponent().path,
      ".\(url.lastPathComponent).\(String(machine, radix: 36))-"
    )
  }
}

/// Writes a file, all of it or nothing.
///
/// It is filled under a hidden name beside its place and takes that place in one step. A pipe or a
/// device is written directly.
///
/// - Parameters:
///   - path: The file; what was there is replaced.
///   - fill: Writes the content to the path that it is given.
/// - Throws: What `fill` throws, as a `MatrixFileError` with `path`.
public func replaceFile(_ path: String, fill: (String) throws -> Void) throws {
  do {
    guard isReplaceable(path) else { return try fill(path) }
    HiddenSibling.removeAbandoned(of: path)
    let hidden = try HiddenSibling(of: path) { try FileWriter(path: $0).finish() }
    do {
      try fill(hidden.path)
      try rename(from: hidden.path, to: path)
    } catch {
      try? FileManager.default.removeItem(atPath: hidden.path)
      throw error
    }
  } catch var error as MatrixFileError {
    error.path = path
    throw error
  }
}

/// Writes a file of text, all of it or nothing.
///
/// - Throws: `MatrixFileError` with `path` when it cannot be written.
public func replaceFile(_ path: String, text: String) throws {
  try replaceFile(path) { hidden in
    let writer = try FileWriter(path: hidden)
    try writer.write(Array(text.utf8))
    try writer.finish()
  }
}

/// Whether a path is free or holds a plain file.
private func isReplaceable(_ path: String) -> Bool {
  guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
    return true
  }
  return attributes[.type] as? FileAttributeType == .typeRegular
}
