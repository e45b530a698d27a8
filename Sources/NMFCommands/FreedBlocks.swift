internal import CAllocator

/// Has blocks of eight megabytes and more go back to the system as soon as they are freed.
///
/// glibc keeps freed blocks of up to 32 MB for itself once it has seen some, and the holes between
/// them added a fifth to the peak of sparse fits. Once it is told what to keep, it hands back the end of its heap
/// at 128 kB, unless it is told that too: every iteration then took its pages anew.
func returnFreedBlocks() { return_freed_blocks(1 << 23) }
