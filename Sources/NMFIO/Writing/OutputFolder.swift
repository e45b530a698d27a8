import Foundation

/// A folder of results that appears whole or not at all.
///
/// Files are written into a hidden folder beside the target; `commit` renames it into place, or
/// exchanges it with older results, in one step. Until then the target is as it was. What is not
/// committed is removed with the last reference; what a killed process left, by the next one.
public final class OutputFolder {
  /// The path at which the results will stand.
  public let target: String
  private let hidden: HiddenSibling
  private let force: Bool
  private var isOpen = true

  /// A file by which a folder of results is known.
  private static let marks = ["model.json", "compare.json", "rank.json", "unique.json"]

  /// Prepares a folder.
  ///
  /// - Parameters:
  ///   - target: The path of the folder.
  ///   - force: Whether results that stand there may be replaced. A folder that does not look like
  ///     results is never replaced.
  /// - Throws: `MatrixFileError` when the target exists, or nothing can be written beside it.
  public init(_ target: String, force: Bool = false) throws {
    var path = target
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty, path != "/", path != ".", path != ".." else {
      throw MatrixFileError("this cannot be a folder of results. Name a new one.", path: target)
    }
    self.target = path
    self.force = force
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    HiddenSibling.removeAbandoned(of: path)
    try OutputFolder.check(path, force: force)
    guard isDirectory(parent) else {
      throw MatrixFileError(
        "the folder \(parent), in which it would stand, does not exist.", path: path)
    }
    do {
      hidden = try HiddenSibling(of: path, make: makeFolder)
    } catch var error as MatrixFileError {
      error.path = path
      throw error
    }
  }

  deinit { discard() }

  /// Refuses a target that must not be replaced.
  private static func check(_ path: String, force: Bool) throws {
    guard exists(path) else { return }
    guard force else {
      throw MatrixFileError(
        "there is something at this path already. Name another, or say --force to replace results.",
        path: path)
    }
    guard isDirectory(path) else {
      throw MatrixFileError("this is a file, and is not replaced by a folder.", path: path)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    guard names.isEmpty || marks.contains(where: names.contains) else {
      throw MatrixFileError(
        "this folder does not look like results (it has no \(marks.joined(separator: " or "))), and "
          + "is not replaced. Name another.", path: path)
    }
  }

  /// The path of a file to be written, inside the hidden folder.
  public func path(for name: String) -> String { hidden.path + "/" + name }

  /// Writes a file of text.
  ///
  /// - Throws: `MatrixFileError` when it cannot be written, with its name in the target.
  public func write(_ name: String, text: String) throws {
    try write(name, bytes: Array(text.utf8))
  }

  /// Writes a file of bytes.
  ///
  /// - Throws: `MatrixFileError` when it cannot be written, with its name in the target.
  public func write(_ name: String, bytes: [UInt8]) throws {
    try write(name) { path in
      let writer = try FileWriter(path: path)
      try writer.write(bytes)
      try writer.finish()
    }
  }

  /// Writes a file by a function that is given the path at which to write it.
  ///
  /// - Throws: What `fill` throws; a `MatrixFileError` with the file's name in the target.
  public func write(_ name: String, fill: (String) throws -> Void) throws {
    do {
      try fill(path(for: name))
    } catch var error as MatrixFileError {
      error.path = target + "/" + name
      throw error
    }
  }

  /// Puts the results into place.
  ///
  /// Old results are exchanged with the new ones in one step, and then removed; where the file
  /// system cannot do that, they are moved aside until the new ones stand.
  ///
  /// - Throws: `MatrixFileError`; old results are then where they were.
  public func commit() throws {
    precondition(isOpen, "results can be committed once")
    try OutputFolder.check(target, force: force)
    guard exists(target) else {
      try rename(from: hidden.path, to: target)
      isOpen = false
      return
    }
    var old = hidden.path
    if !exchange(hidden.path, target) {
      old += HiddenSibling.asideEnding
      // Held, so that nobody takes it for what a killed process left.
      let lock = PathLock(target)
      defer { withExtendedLifetime(lock) {} }
      try rename(from: target, to: old)
      do {
        try rename(from: hidden.path, to: target)
      } catch {
        try rename(from: old, to: target)
        throw error
      }
    }
    isOpen = false
    try? FileManager.default.removeItem(atPath: old)
  }

  /// Removes what was written; the target stays as it is.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    try? FileManager.default.removeItem(atPath: hidden.path)
  }
}
