internal import CAllocator

/// Tells glibc what to do with memory; other allocators decide for themselves.
///
/// It keeps freed blocks of up to 32 MB for itself once it has seen some, and the holes between them added a fifth
/// to the peak of sparse fits: those of eight megabytes and more go back to the system at once. Once it is told what
/// to keep, it hands back the end of its heap at 128 kB, unless it is told that too: every iteration then took
/// its pages anew. And the heap comes in large pages, as each small one costs a fault.
func prepareHeap() {
  return_freed_blocks(1 << 23)
  widen_heap(1 << 26)
}
