internal import Matrices

/// Columns of random numbers.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func randomDirections<Scalar: MatrixScalar>(
  _ rows: Int, _ count: Int, seed: UInt64, pool: ComputePool
) -> Factor<Scalar> {
  let random = KeyedRandom(seed: seed, purpose: .rangeFinder)
  let result = Factor<Scalar>(rows: rows, rank: count)
  // Sixteen random bits are enough for a number.
  let words = (count + 3) / 4
  let piece = 256
  pool.run((rows + piece - 1) / piece) { task, _ in
    for i in task * piece..<min(rows, (task + 1) * piece) {
      // Safe: tasks own disjoint rows of `count` numbers.
      let row = unsafe result.base + i * result.stride
      var bits: UInt64 = 0
      for k in 0..<count {
        bits = k % 4 == 0 ? random.bits(i * words + k / 4) : bits >> 16
        unsafe row[k] = Scalar(UInt16(truncatingIfNeeded: bits)) - 32767.5
      }
    }
  }
  return result
}
