internal import Matrices
internal import Synchronization

/// Whether all numbers are finite and at least zero.
///
/// - Parameter threads: How many threads look at many numbers; nil means one a core.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func areOrdinary<Scalar: MatrixScalar>(_ values: [Scalar], threads: Int?) -> Bool {
  let piece = 1 << 18
  let pieces = (values.count + piece - 1) / piece
  let answer = Atomic(true)
  let pool = ComputePool(threads: pieces > 1 ? threads : 1)
  unsafe values.withUnsafeBufferPointer { values in
    guard let base = values.baseAddress else { return }
    pool.run(pieces) { task, _ in
      let first = task * piece
      // Safe: the piece lies within the numbers.
      guard unsafe Scalar._kernels.areOrdinary(min(piece, values.count - first), base + first)
      else { return answer.store(false, ordering: .relaxed) }
    }
  }
  return answer.load(ordering: .relaxed)
}
