internal import Matrices
internal import Synchronization

/// Whether all numbers are finite and at least zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func areOrdinary<Scalar: MatrixScalar>(_ values: [Scalar], pool: ComputePool) -> Bool {
  let piece = 1 << 18
  let pieces = (values.count + piece - 1) / piece
  let answer = Atomic(true)
  unsafe values.withUnsafeBufferPointer { values in
    guard let base = values.baseAddress else { return }
    pool.run(pieces) { task, _ in
      let first = task * piece
      // Safe: the piece lies within the numbers.
      guard
        unsafe Scalar._kernels.areOrdinary(
          min(piece, values.count - first), base + first, below: .infinity)
      else { return answer.store(false, ordering: .relaxed) }
    }
  }
  return answer.load(ordering: .relaxed)
}
