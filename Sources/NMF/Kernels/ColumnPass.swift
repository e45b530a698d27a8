internal import Matrices

/// One pass over the columns of a dense X for least squares: improves H column by column, and gathers what W
/// needs.
///
/// A wide X has rows of which a few fill a cache: a pass by rows reads it twice, and threads meet at every
/// super-block. Here X comes in blocks of columns that stay in cache between H_b ← …X_bᵀW and XHᵀ += X_b H_bᵀ. A
/// chunk of them is the work of one thread and has sums of its own; chunks depend on the shape alone, so that
/// threads do not show in the bits.
final class ColumnPass<Scalar: MatrixScalar> {
  private let x: DenseMatrix<Scalar>
  private let pool: ComputePool
  private let rank: Int
  /// XHᵀ at the H of the last run, N × r.
  let xht: Factor<Scalar>
  /// Columns of a chunk: so many that its sums are small beside its part of X, and few enough to be added up in
  /// single precision.
  private let length: Int
  private let block: Int
  /// X_c H_cᵀ of each chunk, one below the other.
  private let sums: Factor<Scalar>
  private let grams: GramSums<Scalar>
  private var chunks: Int { (x.columns + length - 1) / length }
  /// The H that `xht` belongs to; empty while XHᵀ is formed anew by each run.
  private var earlierHt: Factor<Scalar>

  /// The columns of a block that stays in cache, at most and at least.
  private static var columns: (most: Int, fewest: Int) { (512, 256) }
  private static var bytesInCache: Int { 1 << 20 }

  /// - Returns: Nil where X is not wide, or a block of its columns does not fit into a cache.
  init?(_ products: Products<Scalar>, rank: Int) {
    guard case .dense(let x) = products.x else { return nil }
    let size = MemoryLayout<Scalar>.stride
    // The super-blocks of a pass by rows have 48 rows or more.
    guard 48 * x.columns * size > Self.bytesInCache,
      x.rows * Self.columns.fewest * size <= Self.bytesInCache
    else { return nil }
    self.x = x
    self.rank = rank
    pool = products.pool
    xht = Factor(rows: x.rows, rank: rank)
    earlierHt = Factor(rows: 0, rank: rank)
    length = max(1024, 16 * xht.stride)
    block =
      x.rows * Self.columns.most * size <= Self.bytesInCache
      ? Self.columns.most : Self.columns.fewest
    let chunks = (x.columns + length - 1) / length
    sums = Factor(rows: chunks * x.rows, rank: rank)
    grams = GramSums(xht, pieces: chunks, threads: pool.threads)
  }

  /// From now on XHᵀ is kept from one run to the next, and follows the change of H.
  ///
  /// As `LeastSquaresPass.followW()`, for the other product.
  func followH() {
    earlierHt = Factor(rows: x.columns, rank: rank)
    xht.fillWithZeros()
  }

  /// From now on XHᵀ is formed anew again.
  func formAnew() { earlierHt = Factor(rows: 0, rank: rank) }

  /// Runs the pass: `ht` is improved against `w`, `xht` is XHᵀ for the new H.
  ///
  /// - Parameters:
  ///   - w: N × r.
  ///   - ht: Hᵀ, p × r.
  ///   - wtw: WᵀW, r rows `w.stride` apart.
  ///   - step: What to do with each row of Hᵀ: sweeps, products, or nothing.
  func run(w: Factor<Scalar>, ht: Factor<Scalar>, wtw: [Scalar], step: RowStep) {
    improveParts(ht, against: w, wtw: wtw, step: step)
    let piece = 16
    pool.run((x.rows + piece - 1) / piece) { task, _ in
      formProducts(of: task * piece..<min(x.rows, (task + 1) * piece))
    }
  }

  /// The first half of the pass, after which `formProducts(of:)` gives rows of XHᵀ.
  ///
  /// - Parameters:
  ///   - start: What Hᵀ is written with before; nil for an Hᵀ that is there.
  ///   - formsGram: Whether `hht` is asked for.
  ///   - isExact: Whether it is summed in double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func improveParts(
    _ ht: Factor<Scalar>, from start: Extrapolation<Scalar>? = nil, against w: Factor<Scalar>,
    wtw: [Scalar], step: RowStep, formsGram: Bool = false, isExact: Bool = false
  ) {
    let (rows, columns, stride) = (x.rows, x.columns, w.stride)
    let needsProducts = if case .keep = step { false } else { true }
    unsafe x.elements.withUnsafeBufferPointer { entries in
      guard let entries = entries.baseAddress else { return }
      pool.run(chunks) { chunk, thread in
        // Safe, as all that follows: tasks own disjoint rows of `ht` and of the sums.
        let sum = unsafe sums.base + chunk * rows * stride
        unsafe sum.zero(rows * stride)
        unsafe withUnsafeTemporaryAllocation(
          byteCount: block * (rank + stride) * MemoryLayout<Scalar>.stride, alignment: 64
        ) { memory in
          let memory = unsafe memory.bindMemory(to: Scalar.self)
          guard let products = memory.baseAddress else { return }
          let whole = chunk * length..<min(columns, (chunk + 1) * length)
          for first in Swift.stride(from: whole.lowerBound, to: whole.upperBound, by: block) {
            let count = min(block, whole.upperBound - first)
            start?.write(first..<first + count, to: ht)
            let now = unsafe ht.base + first * stride
            if needsProducts {
              let across = unsafe products + block * stride
              unsafe across.zero(rank * block)
              unsafe Scalar._kernels.columnSums(
                rows, count, rank, entries + first, columns, w.base, stride, across, block,
                nil)
              unsafe Scalar._kernels.transpose(
                rank, count, across, block, products, stride, stride)
              unsafe improve(
                now, rows: count, against: products, gram: wtw, rank: rank, stride: stride,
                step: step)
            }
            if formsGram {
              grams.add(
                first..<first + count, of: ht, piece: chunk, whole: whole, thread: thread,
                isExact: isExact)
            }
            var moved = unsafe UnsafePointer(now)
            if earlierHt.rows > 0 {
              let earlier = unsafe earlierHt.base + first * stride
              for index in 0..<count * stride {
                unsafe products[index] = now[index] - earlier[index]
                unsafe earlier[index] = now[index]
              }
              unsafe moved = UnsafePointer(products)
            }
            unsafe Scalar._kernels.multiplyAdd(
              rows, count, rank, entries + first, columns, 1, moved, stride, sum, stride)
          }
        }
      }
    }
  }

  /// HHᵀ for the H of the last call of `improveParts` that was asked for it.
  var hht: [Double] { grams.total() }

  /// Writes some rows of XHᵀ, the sums of all chunks. No row may be written twice after a pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func formProducts(of rows: Range<Int>) {
    let stride = xht.stride
    let (chunks, follows) = (chunks, earlierHt.rows > 0)
    // Safe: tasks own disjoint rows of `xht`.
    for index in rows.lowerBound * stride..<rows.upperBound * stride {
      var total = unsafe follows ? Double(xht.base[index]) : 0
      for chunk in 0..<chunks { unsafe total += Double(sums.base[chunk * x.rows * stride + index]) }
      unsafe xht.base[index] = Scalar(total)
    }
  }
}
