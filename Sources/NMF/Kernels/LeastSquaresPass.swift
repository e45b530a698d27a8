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
/// dealt out by rows, and WᵀX += W_bᵀ X_b, dealt out by columns and components. Every entry is summed
/// in the order of the rows, so neither threads nor block sizes show in the bits.
final class LeastSquaresPass<Scalar: MatrixScalar> {
  let products: Products<Scalar>
  let rank: Int
  /// XᵀW, p × r.
  let xtw: Factor<Scalar>
  /// XHᵀ at the H of the pass, N × r; kept only when X is sparse or `keepsProducts` is set.
  private(set) var xht: Factor<Scalar>
  private let superblock: Int
  /// WᵀX of the rows since the last panel's end, r × p; empty when X is sparse.
  private let sums: Factor<Scalar>
  /// WᵀX in double where the scalar is single: panels of rows are added to it.
  private var total: [Double]
  private var keepsAllProducts: Bool

  /// Rows whose sums may be added in single precision, and the sizes that divide them.
  private static var panel: Int { 960 }
  private static var superblocks: [Int] { [960, 480, 240, 192, 96, 48] }
  /// Rows of a task: a whole number of the kernels' tiles of 16, 12, 8 or 6 rows.
  private static var rowPiece: Int { 48 }
  /// Columns of a task: a whole number of the kernels' tiles.
  private static var columnTile: Int { 64 }
  private static var componentTile: Int { 6 }

  init(_ products: Products<Scalar>, rank: Int, keepsProducts: Bool = false) {
    self.products = products
    self.rank = rank
    let x = products.x
    xtw = Factor(rows: x.columns, rank: rank)
    let threads = products.pool.threads
    let bytesPerRow = max(1, x.columns * MemoryLayout<Scalar>.stride)
    let fewest = min(Self.panel, Self.rowPiece * threads)
    superblock =
      Self.superblocks.first { $0 * bytesPerRow <= (1 << 20) * threads && $0 >= fewest }
      ?? Self.superblocks.last { $0 >= fewest } ?? Self.panel
    var isSparse = false
    if case .sparse = x { isSparse = true }
    keepsAllProducts = isSparse || keepsProducts
    xht = Factor(rows: keepsAllProducts ? x.rows : min(x.rows, superblock), rank: rank)
    sums = Factor(rows: isSparse ? 0 : rank, rank: isSparse ? 0 : x.columns)
    let needsTotal = !isSparse && Scalar.self == Float.self && x.rows > Self.panel
    total = needsTotal ? [Double](repeating: 0, count: rank * sums.stride) : []
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

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runDense(
    _ x: DenseMatrix<Scalar>, w: Factor<Scalar>, ht: Factor<Scalar>, hht: [Scalar], step: RowStep
  ) {
    let pool = products.pool
    let columns = x.columns
    let stride = w.stride
    let rowPiece = Self.rowPiece
    let tiles = sumTiles(columns)
    sums.fillWithZeros()
    unsafe x.elements.withUnsafeBufferPointer { entries in
      unsafe total.withUnsafeMutableBufferPointer { total in
        guard let entries = entries.baseAddress else { return }
        for index in total.indices { unsafe total[index] = 0 }
        for first in Swift.stride(from: 0, to: x.rows, by: superblock) {
          let count = min(superblock, x.rows - first)
          let offset = keepsAllProducts ? first : 0
          pool.run((count + rowPiece - 1) / rowPiece) { task, _ in
            let top = task * rowPiece
            let rows = min(rowPiece, count - top)
            // Safe: tasks own disjoint rows of `xht` and of `w`.
            let a = unsafe xht.base + (offset + top) * stride
            unsafe a.zero(rows * stride)
            unsafe Scalar._kernels.multiplyAdd(
              rows, columns, ht.width, entries + (first + top) * columns, columns, 1, ht.base,
              stride, a, stride)
            unsafe improve(
              w.base + (first + top) * stride, rows: rows, against: a, gram: hht, rank: rank,
              stride: stride, step: step)
          }
          let endsPanel = (first + count) % Self.panel == 0 || first + count == x.rows
          pool.run(tiles.count) { task, _ in
            let tile = tiles[task]
            // Safe: tasks own disjoint tiles of `sums` and of `total`.
            unsafe Scalar._kernels.columnSums(
              count, tile.columns.count, tile.components.count,
              entries + first * columns + tile.columns.lowerBound, columns,
              w.base + first * stride + tile.components.lowerBound, stride,
              sums.base + tile.components.lowerBound * sums.stride + tile.columns.lowerBound,
              sums.stride)
            guard endsPanel, !total.isEmpty else { return }
            for k in tile.components {
              let row = k * sums.stride
              for j in tile.columns {
                unsafe total[row + j] += Double(sums.base[row + j])
                unsafe sums.base[row + j] = 0
              }
            }
          }
        }
        // XᵀW is the transpose.
        let piece = 64
        pool.run((columns + piece - 1) / piece) { task, _ in
          let range = task * piece..<min(columns, (task + 1) * piece)
          for k in 0..<rank {
            let row = k * sums.stride
            // Safe: tasks own disjoint rows of `xtw`.
            if !total.isEmpty {
              for j in range { unsafe xtw.base[j * stride + k] = Scalar(total[row + j]) }
            } else {
              for j in range { unsafe xtw.base[j * stride + k] = sums.base[row + j] }
            }
          }
        }
      }
    }
  }

  /// Tiles of WᵀX, at least two a thread where it is large enough.
  private func sumTiles(_ columns: Int) -> [(columns: Range<Int>, components: Range<Int>)] {
    let wanted = 2 * products.pool.threads
    let units = (columns + Self.columnTile - 1) / Self.columnTile
    let width = max(1, units / wanted) * Self.columnTile
    let across = (columns + width - 1) / width
    let most = (rank + Self.componentTile - 1) / Self.componentTile
    let down = min(most, max(1, wanted / across))
    return (0..<across).flatMap { column in
      (0..<down).map { row in
        (
          columns: column * width..<min(columns, (column + 1) * width),
          components: row * rank / down..<(row + 1) * rank / down
        )
      }
    }
  }
}

/// Improves some rows of a factor, or all, against its products, in pieces of 32 or 48 rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, in rows: Range<Int>? = nil, against products: Factor<Scalar>,
  gram: [Scalar], step: RowStep, pool: ComputePool
) {
  let rows = rows ?? 0..<w.rows
  let piece = rows.count < 96 * pool.threads ? 32 : 48
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
