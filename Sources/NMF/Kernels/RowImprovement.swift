internal import Matrices

/// What one pass over X does with the rows of W.
enum RowStep {
  /// Leaves them as they are.
  case keep
  /// They become what they are multiplied to: their rows of XHᵀ.
  case products
  /// This many sweeps of coordinate descent.
  case sweeps(Int)
  /// One multiplicative update.
  case multiply
  /// This many sweeps, or none, by what is left of X: both products are formed with X − WH, the second
  /// with that of the new W. They are gradients then, as exact as what is left allows.
  case residual(sweeps: Int)
}

/// The rows of a task of sweeps, which take 48 for little more than a few; a small factor is shared out evenly.
func rowsOfSweeps(_ count: Int, pool: ComputePool) -> Int { count < 96 * pool.threads ? 32 : 48 }

/// Improves some rows of a factor, or all, against its products, in pieces of 32 or 48 rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, in rows: Range<Int>? = nil, against products: Factor<Scalar>,
  gram: [Scalar], step: RowStep, pool: ComputePool
) {
  let rows = rows ?? 0..<w.rows
  let piece = rowsOfSweeps(rows.count, pool: pool)
  pool.run((rows.count + piece - 1) / piece) { task, _ in
    let first = rows.lowerBound + task * piece
    // Safe: tasks own disjoint rows.
    unsafe improve(
      w.base + first * w.stride, rows: min(piece, rows.upperBound - first),
      against: products.base + first * w.stride, gram: gram, rank: w.rank, stride: w.stride,
      step: step)
  }
}

/// Improves the rows of a factor against its products, and returns ⟨products, new rows⟩ and FᵀF.
///
/// - Parameters:
///   - isExact: Whether FᵀF is summed in double.
///   - prepare: Called for the rows of each task before: forms their products.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, against products: Factor<Scalar>, gram: [Scalar], step: RowStep,
  isExact: Bool, pool: ComputePool, preparedBy prepare: (Range<Int>) -> Void
) -> (crossProduct: Double, gram: [Double]) {
  precondition(products.rows == w.rows && products.stride == w.stride)
  // They depend on the shape alone, and are at most 64 where that is more than a few.
  let piece = w.rows < 192 ? 32 : (w.rows + 48 * 64 - 1) / (48 * 64) * 48
  let pieces = max(1, (w.rows + piece - 1) / piece)
  let sums = GramSums(w, pieces: pieces, threads: pool.threads)
  let crossProducts = Factor<Double>(rows: 1, rank: pieces)
  pool.run(pieces) { task, thread in
    let rows = task * piece..<min(w.rows, (task + 1) * piece)
    prepare(rows)
    // Safe: tasks own disjoint rows, and a place each among the cross products.
    let first = rows.lowerBound * w.stride
    let (a, now) = unsafe (products.base + first, w.base + first)
    unsafe improve(
      now, rows: rows.count, against: a, gram: gram, rank: w.rank, stride: w.stride, step: step)
    unsafe crossProducts[0, task] = Scalar._kernels.dot(rows.count * w.stride, a, now)
    sums.add(rows, of: w, piece: task, whole: rows, thread: thread, isExact: isExact)
  }
  return ((0..<pieces).reduce(0) { $0 + crossProducts[0, $1] }, sums.total())
}

/// Improves the rows of a factor against a sparse matrix, and returns ⟨products, new rows⟩.
///
/// The products of 48 rows are used while they are in cache, and kept nowhere.
///
/// - Parameter start: What the rows are written with before; nil for a factor that is there.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, of x: StoredRows<Scalar>, against held: Factor<Scalar>, gram: [Scalar],
  step: RowStep, from start: Extrapolation<Scalar>? = nil, pool: ComputePool
) -> Double {
  precondition(x.rows == w.rows && x.columns == held.rows && held.stride == w.stride)
  let (stride, block) = (w.stride, 48)
  // Sweeps take 48 rows for little more than a few.
  let pieces = rowPieces(x.offsets, unit: x.rows < 32 * block ? 16 : block)
  let products = Factor<Scalar>(rows: pool.threads * block, rank: w.rank)
  var sums = [Double](repeating: 0, count: pieces.count)
  let kernels = Scalar._kernels
  unsafe x.withPointers { x in
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      let (source, target) = unsafe (UnsafePointer(held.base), w.base)
      pool.run(pieces.count) { task, thread in
        // Safe: a thread has its own products, a task its own rows and sum.
        let a = unsafe products.base + thread * block * stride
        var sum = 0.0
        for first in Swift.stride(
          from: pieces[task].lowerBound, to: pieces[task].upperBound, by: block)
        {
          let count = min(block, pieces[task].upperBound - first)
          start?.write(first..<first + count, to: w)
          unsafe a.zero(count * stride)
          for i in 0..<count {
            unsafe x.add(row: first + i, times: source, stride, to: a + i * stride)
          }
          let rows = unsafe target + first * stride
          unsafe improve(
            rows, rows: count, against: a, gram: gram, rank: w.rank, stride: stride, step: step)
          unsafe sum += kernels.dot(count * stride, a, rows)
        }
        unsafe sums[task] = sum
      }
    }
  }
  return sums.reduce(0, +)
}

/// Improves rows of W for min ½ w G wᵀ − a w, w ≥ `least` or 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improve<Scalar: MatrixScalar>(
  _ w: UnsafeMutablePointer<Scalar>, rows: Int, against a: UnsafeMutablePointer<Scalar>,
  least: UnsafePointer<Scalar>? = nil, gram: [Scalar], rank: Int, stride: Int, step: RowStep
) {
  switch step {
  case .keep, .residual: break
  case .products: unsafe w.update(from: a, count: rows * stride)
  case .sweeps(let count):
    unsafe withUnsafeTemporaryAllocation(
      of: Scalar.self, capacity: 3 * rank * 4 * Factor<Scalar>.lanes
    ) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      unsafe Scalar._kernels.hals(
        rows, rank, w, stride, a, stride, least, gram, stride, count, scratch)
    }
  case .multiply:
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: rows * stride) { scratch in
      guard let denominator = scratch.baseAddress else { return }
      unsafe denominator.initialize(repeating: 0, count: rows * stride)
      unsafe Scalar._kernels.multiplyAdd(
        rows, rank, stride, w, stride, 1, gram, stride, denominator, stride)
      for i in 0..<rows {
        for k in 0..<rank {
          let index = i * stride + k
          // W ← W ∘ XHᵀ ⊘ WHHᵀ; where the denominator is zero so is the entry or its whole part.
          if unsafe denominator[index] > 0 { unsafe w[index] *= a[index] / denominator[index] }
        }
      }
    }
  }
}
