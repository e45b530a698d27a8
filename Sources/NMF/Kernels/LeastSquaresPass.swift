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
/// A dense X is read once: its rows come in super-blocks that stay in cache between W_b ← …X_b Hᵀ and
/// WᵀX += W_bᵀ X_b. A tall X is cut into chunks of rows with sums of their own, which threads take
/// whole; with fewer chunks than threads all of them share each super-block, the first product by
/// rows and the second by columns and components. Chunks depend on the shape alone, and every entry is
/// summed in the order of the rows, so neither threads nor block sizes show in the bits.
final class LeastSquaresPass<Scalar: MatrixScalar> {
  let products: Products<Scalar>
  let rank: Int
  /// XᵀW, p × r.
  let xtw: Factor<Scalar>
  /// XHᵀ at the H of the pass, N × r; kept only when X is sparse or `keepsProducts` is set.
  private(set) var xht: Factor<Scalar>
  private let chunks: [Range<Int>]
  /// Whether each chunk is the work of one thread.
  private let takesChunksWhole: Bool
  private let superblock: Int
  /// WᵀX of the rows since the last panel's end, r × p for each thread that takes chunks whole, or
  /// once; empty when X is sparse.
  private let sums: Factor<Scalar>
  /// WᵀX in double for each chunk: panels of rows are added to it. Empty when there is one panel.
  private var totals: [Double]
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
    var isSparse = false
    if case .sparse = x { isSparse = true }
    // A power of two, so that they can be dealt evenly; a chunk has a panel or about as much, and all
    // sums are small beside X.
    var count = 1
    while !isSparse, count < 32, 2 * count * max(Self.panel, 32 * rank) <= x.rows { count *= 2 }
    let length = ((x.rows + count - 1) / count + Self.rowPiece - 1) / Self.rowPiece * Self.rowPiece
    chunks = stride(from: 0, to: x.rows, by: max(1, length)).map {
      $0..<min(x.rows, $0 + length)
    }
    let threads = products.pool.threads
    takesChunksWhole = chunks.count > 1 && chunks.count >= threads
    // Threads that share a super-block have a cache each for it.
    let caches = takesChunksWhole ? 1 : threads
    let bytesPerRow = max(1, x.columns * MemoryLayout<Scalar>.stride)
    let fewest = min(Self.panel, Self.rowPiece * caches)
    superblock =
      Self.superblocks.first { $0 * bytesPerRow <= (1 << 20) * caches && $0 >= fewest }
      ?? Self.superblocks.last { $0 >= fewest } ?? Self.panel
    keepsAllProducts = isSparse || keepsProducts
    let workers = takesChunksWhole ? threads : 1
    xht = Factor(
      rows: keepsAllProducts ? x.rows : min(x.rows, superblock * workers), rank: rank)
    sums = Factor(rows: isSparse ? 0 : workers * rank, rank: isSparse ? 0 : x.columns)
    let needsTotals =
      chunks.count > 1 || (!isSparse && Scalar.self == Float.self && x.rows > Self.panel)
    totals = needsTotals ? [Double](repeating: 0, count: chunks.count * rank * sums.stride) : []
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
      guard case .keep = step else { preconditionFailure("a sparse X has improveRows(_:of:)") }
      products.gather(x, ht, into: xht)
      if let transposed = products.transposed { products.gather(transposed, w, into: xtw) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runDense(
    _ x: DenseMatrix<Scalar>, w: Factor<Scalar>, ht: Factor<Scalar>, hht: [Scalar], step: RowStep
  ) {
    let pool = products.pool
    let (columns, stride) = (x.columns, w.stride)
    let size = rank * sums.stride
    let improvement = (ht: ht, hht: hht, step: step)
    unsafe x.elements.withUnsafeBufferPointer { entries in
      unsafe totals.withUnsafeMutableBufferPointer { totals in
        guard let entries = entries.baseAddress else { return }
        let total = totals.isEmpty ? nil : totals.baseAddress
        if takesChunksWhole {
          pool.run(chunks.count) { chunk, thread in
            // Safe: a chunk has a total of its own, a thread its sums and products.
            unsafe add(
              chunks[chunk], of: entries, w, improvement, worker: thread,
              to: total.map { unsafe $0 + chunk * size }
            ) { count, body in for task in 0..<count { body(task) } }
          }
        } else {
          for (chunk, rows) in chunks.enumerated() {
            unsafe add(
              rows, of: entries, w, improvement, worker: 0,
              to: total.map { unsafe $0 + chunk * size }
            ) { count, body in pool.run(count) { task, _ in body(task) } }
          }
        }
        // XᵀW is the transpose.
        let piece = 64
        pool.run((columns + piece - 1) / piece) { task, _ in
          let range = task * piece..<min(columns, (task + 1) * piece)
          for k in 0..<rank {
            let row = k * sums.stride
            // Safe: tasks own disjoint rows of `xtw` and columns of the totals.
            guard let total = unsafe total else {
              for j in range { unsafe xtw.base[j * stride + k] = sums.base[row + j] }
              continue
            }
            for chunk in 1..<max(1, chunks.count) {
              let term = unsafe total + chunk * size
              for j in range { unsafe total[row + j] += term[row + j] }
            }
            for j in range { unsafe xtw.base[j * stride + k] = Scalar(total[row + j]) }
          }
        }
      }
    }
  }

  /// Improves some rows of W, and adds their WᵀX to `total`, or to the sums alone where it is nil.
  ///
  /// - Parameters:
  ///   - worker: Whose sums and products are used.
  ///   - share: Does so many numbered tasks.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add(
    _ rows: Range<Int>, of entries: UnsafePointer<Scalar>, _ w: Factor<Scalar>,
    _ improvement: (ht: Factor<Scalar>, hht: [Scalar], step: RowStep), worker: Int,
    to total: UnsafeMutablePointer<Double>?, share: (Int, (Int) -> Void) -> Void
  ) {
    let (columns, stride) = (products.x.columns, w.stride)
    let rowPiece = Self.rowPiece
    let tiles = sumTiles(columns)
    let ht = improvement.ht
    let own = unsafe sums.base + worker * rank * sums.stride
    unsafe own.zero(rank * sums.stride)
    var hasTotal = false
    for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: superblock) {
      let count = min(superblock, rows.upperBound - first)
      let offset = keepsAllProducts ? first : worker * superblock
      share((count + rowPiece - 1) / rowPiece) { task in
        let top = task * rowPiece
        let height = min(rowPiece, count - top)
        // Safe: tasks own disjoint rows of `xht` and of `w`.
        let a = unsafe xht.base + (offset + top) * stride
        unsafe a.zero(height * stride)
        unsafe Scalar._kernels.multiplyAdd(
          height, columns, rank, entries + (first + top) * columns, columns, 1, ht.base,
          stride, a, stride)
        unsafe improve(
          w.base + (first + top) * stride, rows: height, against: a, gram: improvement.hht,
          rank: rank, stride: stride, step: improvement.step)
      }
      let next = first + count
      let endsPanel =
        next == rows.upperBound
        || ((next - rows.lowerBound) % Self.panel == 0 && rows.upperBound - next > Self.panel / 4)
      let isFirst = !hasTotal
      share(tiles.count) { task in
        let tile = tiles[task]
        // Safe: tasks own disjoint tiles of the sums and of the total.
        unsafe Scalar._kernels.columnSums(
          count, tile.columns.count, tile.components.count,
          entries + first * columns + tile.columns.lowerBound, columns,
          w.base + first * stride + tile.components.lowerBound, stride,
          own + tile.components.lowerBound * sums.stride + tile.columns.lowerBound, sums.stride)
        guard endsPanel, let total = unsafe total else { return }
        for k in tile.components {
          let row = k * sums.stride
          for j in tile.columns {
            let sum = unsafe Double(own[row + j])
            unsafe total[row + j] = isFirst ? sum : total[row + j] + sum
            unsafe own[row + j] = 0
          }
        }
      }
      hasTotal = hasTotal || endsPanel
    }
  }

  /// Tiles of WᵀX, at least two a thread that shares it, where it is large enough.
  private func sumTiles(_ columns: Int) -> [(columns: Range<Int>, components: Range<Int>)] {
    let wanted = takesChunksWhole ? 1 : 2 * products.pool.threads
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

/// Improves the rows of a factor against a sparse matrix, and returns ⟨products, new rows⟩.
///
/// The products of 48 rows are used while they are in cache, and kept nowhere.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, of x: SparseMatrix<Scalar>, against held: Factor<Scalar>, gram: [Scalar],
  step: RowStep, pool: ComputePool
) -> Double {
  precondition(x.rows == w.rows && x.columns == held.rows && held.stride == w.stride)
  let (stride, block) = (w.stride, 48)
  // Sweeps take 48 rows for little more than a few.
  let pieces = rowPieces(x, unit: x.rows < 32 * block ? 16 : block)
  let products = Factor<Scalar>(rows: pool.threads * block, rank: w.rank)
  var sums = [Double](repeating: 0, count: pieces.count)
  // Looked up once, as counting references from two threads costs more than a short row.
  let (add, dot) = unsafe (Scalar._kernels.gatherAdd, Scalar._kernels.dot)
  unsafe x.values.withUnsafeBufferPointer { values in
    unsafe x.columnIndices.withUnsafeBufferPointer { indices in
      unsafe x.rowOffsets.withUnsafeBufferPointer { offsets in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          guard let values = values.baseAddress, let indices = indices.baseAddress,
            let offsets = offsets.baseAddress, let sums = sums.baseAddress
          else { return }
          let (source, target) = unsafe (UnsafePointer(held.base), w.base)
          pool.run(pieces.count) { task, thread in
            // Safe: a thread has its own products, a task its own rows and sum.
            let a = unsafe products.base + thread * block * stride
            var sum = 0.0
            for first in Swift.stride(
              from: pieces[task].lowerBound, to: pieces[task].upperBound, by: block)
            {
              let count = min(block, pieces[task].upperBound - first)
              unsafe a.zero(count * stride)
              for i in 0..<count {
                let begin = unsafe offsets[first + i]
                unsafe add(
                  offsets[first + i + 1] - begin, indices + begin, values + begin, source, stride,
                  stride, a + i * stride)
              }
              let rows = unsafe target + first * stride
              unsafe improve(
                rows, rows: count, against: a, gram: gram, rank: w.rank, stride: stride, step: step)
              unsafe sum += dot(count * stride, a, rows)
            }
            unsafe sums[task] = sum
          }
        }
      }
    }
  }
  return sums.reduce(0, +)
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
