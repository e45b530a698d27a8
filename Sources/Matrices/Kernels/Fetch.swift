internal import CNMFKernels

/// Asks for memory that will be read soon, into the second-level cache.
@inline(__always)
package func fetch(_ first: UnsafeRawPointer, bytes: Int) { unsafe nmf_fetch(first, bytes) }
