import CRename
import Foundation

/// Holds a file or folder for as long as it lives, so that other processes can tell that it is in use.
///
/// The lock ends with the process, however that ends: what nobody holds was left by a process that
/// was killed.
final class PathLock: Sendable {
  private let descriptor: Int32

  /// Locks a file or folder; nil when it is gone, or another process holds it.
  init?(_ path: String) {
    descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    // It may have been removed, or replaced, between the two calls.
    var held = stat()
    var named = stat()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &held) == 0,
      unsafe lstat(path, &named) == 0, held.st_ino == named.st_ino, held.st_dev == named.st_dev
    else {
      // A failed initialiser runs no `deinit`.
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}

/// Exchanges what stands at two paths in one step.
///
/// - Returns: Whether it was done; some file systems cannot.
func exchange(_ first: String, _ second: String) -> Bool {
  unsafe exchange_paths(first, second) == 0
}

/// The name of this machine, for telling its files from those of others on a shared disk.
func machineName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
