internal import Matrices

/// What one pass over X does with the rows of W.
enum RowStep {
  /// Leaves them as they are.
  case keep
  /// This many sweeps of coordinate descent.
  case sweeps(Int)
  /// One multiplicative update.
  case multiply
}

/// One pass over X for least squares: improves W row by row, and gathers what H needs.
///
/// A dense X is read once: its rows come in super-blocks that stay in cache between W_b ← …X_b Hᵀ,
/// dealt out by rows, and XᵀW += X_bᵀ W_b, dealt out by columns. Every entry is summed in the order
/// of the rows, so neither threads nor block sizes show in the bits.
final class LeastSquaresPass<Scalar: MatrixScalar> {
  let products: Products<Scalar>
  let rank: Int
  /// XᵀW, p × r.
  let xtw: Factor<Scalar>
  /// XHᵀ at the H of the pass, N × r; kept only when X is sparse or `keepsProducts` is set.
  private(set) var xht: Factor<Scalar>
  private let superblock: Int
  /// XᵀW in double where the scalar is single: panels of 1,024 rows are added to it.
  private var total: [Double]
  private static var panel: Int { 1024 }
  private var keepsAllProducts: Bool

  init(_ products: Products<Scalar>, rank: Int, keepsProducts: Bool = false) {
    self.products = products
    self.rank = rank
    let x = products.x
    xtw = Factor(rows: x.columns, rank: rank)
    let bytesPerRow = max(1, x.columns * MemoryLayout<Scalar>.stride)
    var rows = 1024
    while rows > 64, rows * bytesPerRow > (1 << 20) * products.pool.threads { rows /= 2 }
    superblock = rows
    var isSparse = false
    if case .sparse = x { isSparse = true }
    keepsAllProducts = isSparse || keepsProducts
    xht = Factor(rows: keepsAllProducts ? x.rows : min(x.rows, superblock), rank: rank)
    let needsTotal = !isSparse && Scalar.self == Float.self && x.rows > Self.panel
    total = needsTotal ? [Double](repeating: 0, count: x.columns * xtw.stride) : []
  }

  /// Runs the pass: `w` is improved against `ht`, `xtw` is XᵀW for the new W.
  ///
  /// - Parameters:
  ///   - w: N × r.
  ///   - ht: Hᵀ, p × r.
  ///   - hht: HHᵀ, r rows `ht.stride` apart.
  ///   - step: What to do with each row of W.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run(w: Factor<Scalar>, ht: Factor<Scalar>, hht: [Scalar], step: RowStep) {
    switch products.x {
    case .dense(let x): runDense(x, w: w, ht: ht, hht: hht, step: step)
    case .sparse(let x):
      xht.fillWithZeros()
      products.gather(x, ht, into: xht)
      improveRows(w, against: xht, gram: hht, step: step, pool: products.pool)
      xtw.fillWithZeros()
      if let transposed = products.transposed { products.gather(transposed, w, into: xtw) }
    }
  }

  /// ⟨XᵀW, Hᵀ⟩ in double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func crossProduct(with ht: Factor<Scalar>) -> Double {
    var sum = 0.0
    for j in 0..<ht.rows {
      var row = 0.0
      for k in 0..<rank {
        let index = j * ht.stride + k
        let entry = total.isEmpty ? unsafe Double(xtw.base[index]) : total[index]
        unsafe row += entry * Double(ht.base[index])
      }
      sum += row
    }
    return sum
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runDense(
    _ x: DenseMatrix<Scalar>, w: Factor<Scalar>, ht: Factor<Scalar>, hht: [Scalar], step: RowStep
  ) {
    let pool = products.pool
    let columns = x.columns
    let stride = w.stride
    xtw.fillWithZeros()
    for index in total.indices { total[index] = 0 }
    let rowPiece = max(
      16, min(64, (superblock / pool.threads + 15) / 16 * 16))
    let columnPiece = max(48, (columns / (2 * pool.threads) + 47) / 48 * 48)
    let columnPieces = (columns + columnPiece - 1) / columnPiece
    unsafe x.elements.withUnsafeBufferPointer { entries in
      guard let entries = entries.baseAddress else { return }
      var sinceFlush = 0
      for first in Swift.stride(from: 0, to: x.rows, by: superblock) {
        let count = min(superblock, x.rows - first)
        let offset = keepsAllProducts ? first : 0
        pool.run((count + rowPiece - 1) / rowPiece) { task, _ in
          let top = task * rowPiece
          let rows = min(rowPiece, count - top)
          // Safe: tasks own disjoint rows of `xht` and of `w`.
          let a = unsafe xht.base + (offset + top) * stride
          unsafe a.update(repeating: 0, count: rows * stride)
          unsafe Scalar._kernels.multiplyAdd(
            rows, columns, stride, entries + (first + top) * columns, columns, 1, ht.base, stride,
            a, stride)
          unsafe improve(
            w.base + (first + top) * stride, rows: rows, against: a, gram: hht, rank: rank,
            stride: stride, step: step)
        }
        pool.run(columnPieces) { task, _ in
          let left = task * columnPiece
          let width = min(columnPiece, columns - left)
          // Safe: tasks own disjoint rows of `xtw`.
          unsafe Scalar._kernels.multiplyAdd(
            width, count, stride, entries + first * columns + left, 1, columns,
            w.base + first * stride, stride, xtw.base + left * stride, stride)
        }
        sinceFlush += count
        if sinceFlush >= Self.panel, !total.isEmpty {
          flush()
          sinceFlush = 0
        }
      }
    }
    guard !total.isEmpty else { return }
    flush()
    for index in total.indices { unsafe xtw.base[index] = Scalar(total[index]) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func flush() {
    for index in total.indices {
      unsafe total[index] += Double(xtw.base[index])
      unsafe xtw.base[index] = 0
    }
  }
}

/// Improves some rows of a factor, or all, against its products, in pieces of 64 rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, in rows: Range<Int>? = nil, against products: Factor<Scalar>,
  gram: [Scalar], step: RowStep, pool: ComputePool
) {
  let piece = 64
  let rows = rows ?? 0..<w.rows
  pool.run((rows.count + piece - 1) / piece) { task, _ in
    let first = rows.lowerBound + task * piece
    // Safe: tasks own disjoint rows.
    unsafe improve(
      w.base + first * w.stride, rows: min(piece, rows.upperBound - first),
      against: products.base + first * w.stride, gram: gram, rank: w.rank, stride: w.stride,
      step: step)
  }
}

/// Improves rows of W for min ½ w G wᵀ − a w, w ≥ 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func improve<Scalar: MatrixScalar>(
  _ w: UnsafeMutablePointer<Scalar>, rows: Int, against a: UnsafeMutablePointer<Scalar>,
  gram: [Scalar], rank: Int, stride: Int, step: RowStep
) {
  switch step {
  case .keep: break
  case .sweeps(let count):
    unsafe withUnsafeTemporaryAllocation(
      of: Scalar.self, capacity: 2 * rank * 4 * Factor<Scalar>.lanes
    ) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      unsafe Scalar._kernels.hals(rows, rank, w, stride, a, stride, gram, stride, count, scratch)
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
