internal import CAllocator

/// Has blocks of four megabytes and more go back to the system as soon as they are freed.
///
/// glibc keeps freed blocks of up to 32 MB for itself once it has seen some, and the holes between
/// them added a fifth to the peak of sparse fits.
func returnFreedBlocks() { return_freed_blocks(1 << 22) }
