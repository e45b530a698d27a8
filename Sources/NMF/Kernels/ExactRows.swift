internal import Matrices

/// Solves min ½ w G wᵀ − a w, w ≥ 0, exactly, for each row of `w`, whatever was there before.
///
/// Eight sweeps of coordinate descent from zero find most of the zeros; block principal pivoting (Kim &
/// Park 2011, Algorithm 1, with its back-up rule) starts from them. A row whose passive block of G is
/// singular has sixty sweeps more.
///
/// - Parameters:
///   - w: Rows to solve.
///   - products: a, one row for each of `w`.
///   - gram: G, rows `w.stride` apart.
func solveExactly(
  _ w: Factor<Double>, products: Factor<Double>, gram: [Double], pool: ComputePool
) {
  precondition(products.rows == w.rows && products.stride == w.stride)
  precondition(gram.count == w.rank * w.stride)
  let piece = rowsOfSweeps(w.rows, pool: pool)
  let (rank, stride) = (w.rank, w.stride)
  let size = Double._kernels.nonnegativeScratch(stride: stride)
  pool.run((w.rows + piece - 1) / piece) { task, _ in
    let first = task * piece
    let rows = min(piece, w.rows - first)
    // Safe: tasks own disjoint rows.
    let (block, targets) = unsafe (w.base + first * stride, products.base + first * stride)
    unsafe block.zero(rows * stride)
    unsafe improve(
      block, rows: rows, against: targets, gram: gram, rank: rank, stride: stride, step: .sweeps(8))
    unsafe withUnsafeTemporaryAllocation(
      byteCount: size * MemoryLayout<Double>.stride + rows, alignment: 64
    ) { memory in
      guard let start = memory.baseAddress else { return }
      let scratch = unsafe start.bindMemory(to: Double.self, capacity: size)
      let isSolved = unsafe (start + size * MemoryLayout<Double>.stride).bindMemory(
        to: UInt8.self, capacity: rows)
      unsafe Double._kernels.solveNonnegative(
        rows, rank, block, targets, gram, stride, isSolved, scratch)
      for row in 0..<rows where unsafe isSolved[row] == 0 {
        unsafe improve(
          block + row * stride, rows: 1, against: targets + row * stride, gram: gram, rank: rank,
          stride: stride, step: .sweeps(60))
      }
    }
  }
}
