#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Asks the system for pages of 2 MiB where memory will be touched first: what is read or written in any
/// order costs a fault and a place in the translation buffer for each small page.
package func askForLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
  #if os(Linux)
    let page = 1 << 21
    guard byteCount >= 2 * page else { return }
    let first = unsafe memory.alignedUp(toMultipleOf: page)
    // Safe: whole pages within the memory; a system that has none says no, and nothing changes.
    _ = unsafe madvise(first, (memory + byteCount - first) / page * page, MADV_HUGEPAGE)
  #endif
}
