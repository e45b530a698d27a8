internal import Matrices

/// One pass over a dense X for least squares: improves W row by row, and gathers what H needs.
///
/// X is read once: its rows come in super-blocks that stay in cache between W_b ← …X_b Hᵀ and
/// WᵀX += W_bᵀ X_b. A tall X is cut into chunks of rows with sums of their own, which threads take
/// whole; with fewer chunks than threads all of them share each super-block, the first product by
/// rows and the second by columns and components. Chunks depend on the shape alone, and every entry is
/// summed in the order of the rows, so neither threads nor block sizes show in the bits.
final class LeastSquaresPass<Scalar: MatrixScalar> {
  let products: Products<Scalar>
  let rank: Int
  /// XᵀW, p × r.
  let xtw: Factor<Scalar>
  /// XHᵀ at the H of the pass, N × r when `keepsProducts` is set; else of each thread's super-block, from the
  /// first run on that needs it.
  private(set) var xht: Factor<Scalar>
  private let blocks: PassBlocks
  /// WᵀX of the rows since the last panel's end, r × p for each thread that takes chunks whole, or
  /// once.
  private let sums: Factor<Scalar>
  /// WᵀX in double for each chunk: panels of rows are added to it. Nil when there is one panel.
  private let totals: Factor<Double>?
  /// WᵀW of each chunk; nil when there is one chunk, whose rows threads share.
  private let grams: GramSums<Scalar>?
  private let keepsProducts: Bool
  /// The W that `xtw` belongs to, and the change of each thread's super-block from it; empty while
  /// XᵀW is formed anew by each pass.
  private var earlierW: Factor<Scalar>
  private var changes: Factor<Scalar>
  /// Whether XHᵀ is summed in lanes of columns, as few components would leave lanes empty.
  private let usesDots: Bool
  /// H by components, filled up with zeros; empty until residuals or dots ask for it.
  private var components = Factor<Scalar>(rows: 0, rank: 0)
  /// X − WH of each thread's super-block, and the squares of its rows side by side; empty until residuals
  /// are asked for.
  private var residuals = Factor<Scalar>(rows: 0, rank: 0)
  private var squares = Factor<Double>(rows: 1, rank: 0)

  init(_ products: Products<Scalar>, rank: Int, keepsProducts: Bool = false) {
    self.products = products
    self.rank = rank
    let x = products.x
    xtw = Factor(rows: x.columns, rank: rank)
    blocks = PassBlocks(of: x, rank: rank, threads: products.pool.threads)
    self.keepsProducts = keepsProducts
    usesDots = Self.paysDots(rank: rank, columns: x.columns)
    let workers = blocks.takesChunksWhole ? products.pool.threads : 1
    xht = Factor(rows: keepsProducts ? x.rows : 0, rank: rank)
    earlierW = Factor(rows: 0, rank: rank)
    changes = earlierW
    sums = Factor(rows: workers * rank, rank: x.columns, inWholeVectors: true)
    let count = blocks.chunks.count
    let needsTotals = count > 1 || (Scalar.self == Float.self && x.rows > PassBlocks.panel)
    totals = needsTotals ? Factor(rows: count * rank, rank: sums.stride) : nil
    grams = count > 1 ? GramSums(xtw, pieces: count, threads: products.pool.threads) : nil
  }

  /// From now on XᵀW of a dense X is kept from one pass to the next, and follows the change of W.
  ///
  /// Sums of changes round by as much less as the changes are smaller: objectives of neighbouring steps
  /// then differ by what the steps did, and not by rounding.
  func followW() {
    earlierW = Factor(rows: products.x.rows, rank: rank)
    changes = Factor(rows: sums.rows / rank * blocks.superblock, rank: rank)
    xtw.fillWithZeros()
  }

  /// From now on XᵀW is formed anew again.
  func formAnew() {
    earlierW = Factor(rows: 0, rank: rank)
    changes = earlierW
  }

  /// ‖X − WH‖² at the factors of the last run for residuals.
  var squaredResidual: Double {
    (0..<squares.rank).reduce(0) { $0 + squares[0, $1] }
  }

  /// Whether XHᵀ is quicker by dot products: in single precision, where a quarter or more of the half vectors
  /// of a few components would be padding, and rows are long (`Documentation/Race-LeastSquares.md`).
  private static func paysDots(rank: Int, columns: Int) -> Bool {
    let half = Factor<Scalar>.lanes / 2
    let isPadded = 4 * rank <= 3 * ((rank + half - 1) / half * half)
    return Scalar.self == Float.self && rank <= 12 && isPadded && columns >= 256
  }

  /// Columns of whole vectors, an odd number of them: rows do not fall into the same few lines of the cache.
  private static func oddVectors(_ columns: Int) -> Int {
    let lanes = Factor<Scalar>.lanes
    return ((columns + lanes - 1) / lanes | 1) * lanes
  }

  /// Runs the pass: `w` is improved against `ht`, `xtw` is XᵀW for the new W.
  ///
  /// - Parameters:
  ///   - w: N × r.
  ///   - ht: Hᵀ, p × r.
  ///   - hht: HHᵀ, r rows `ht.stride` apart.
  ///   - step: What to do with each row of W.
  func run(w: Factor<Scalar>, ht: Factor<Scalar>, hht: [Scalar], step: RowStep) {
    _ = improveMemberships(w, against: ht, hht: hht, step: step)
    let columns = products.x.columns
    // Few columns are shared out too.
    let piece = columns < 512 ? 16 : 64
    products.pool.run((columns + piece - 1) / piece) { task, _ in
      formProducts(of: task * piece..<min(columns, (task + 1) * piece))
    }
  }

  /// The first half of the pass, after which `formProducts(of:)` gives rows of XᵀW.
  ///
  /// - Parameters:
  ///   - start: What W is written with before; nil for a W that is there.
  ///   - formsGram: Whether WᵀW is asked for.
  /// - Returns: WᵀW for the new W.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func improveMemberships(
    _ w: Factor<Scalar>, from start: Extrapolation<Scalar>? = nil, against ht: Factor<Scalar>,
    hht: [Scalar], step: RowStep, formsGram: Bool = false
  ) -> [Double]? {
    guard case .dense(let x) = products.x else {
      preconditionFailure("a sparse X has improveRows(_:of:)")
    }
    let (pool, chunks) = (products.pool, blocks.chunks)
    if needsProducts(step), xht.rows == 0 {
      xht = Factor(rows: sums.rows / rank * blocks.superblock, rank: rank)
    }
    var needsComponents = usesDots && needsProducts(step)
    if case .residual = step {
      needsComponents = true
      if squares.rank == 0 {
        residuals = Factor(
          rows: sums.rows / rank * blocks.superblock, rank: Self.oddVectors(x.columns))
        squares = Factor(rows: 1, rank: x.rows)
      }
    }
    if needsComponents {
      if components.rows == 0 { components = Factor(rows: rank, rank: Self.oddVectors(x.columns)) }
      unsafe ht.writeComponents(to: components.base, stride: components.stride, pool: pool)
    }
    let improvement = Improvement(
      start: start, ht: ht, hht: hht, step: step,
      formsGram: formsGram && blocks.takesChunksWhole)
    unsafe x.elements.withUnsafeBufferPointer { entries in
      guard let entries = entries.baseAddress else { return }
      if blocks.takesChunksWhole {
        pool.run(chunks.count) { chunk, thread in
          // Safe: a chunk has a total of its own, a thread its sums and products.
          unsafe add(chunk, of: entries, w, improvement, worker: thread) { count, body in
            for task in 0..<count { body(task) }
          }
        }
      } else {
        for chunk in chunks.indices {
          unsafe add(chunk, of: entries, w, improvement, worker: 0) { count, body in
            pool.run(count) { task, _ in body(task) }
          }
        }
      }
    }
    guard formsGram else { return nil }
    guard let grams else { return gram(w, pool: pool) }
    if !blocks.takesChunksWhole {
      pool.run(chunks.count) { chunk, thread in
        grams.add(chunks[chunk], of: w, piece: chunk, whole: chunks[chunk], thread: thread)
      }
    }
    return grams.total()
  }

  /// Writes some rows of XᵀW, the transpose of the sums. No row may be written twice after a pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func formProducts(of columns: Range<Int>) {
    let (stride, across) = (xtw.stride, sums.stride)
    // Safe: tasks own disjoint rows of `xtw`, which are columns of the sums and totals.
    if let total = unsafe totals?.base {
      for row in 0..<rank {
        for chunk in 1..<max(1, blocks.chunks.count) {
          let term = unsafe total + (chunk * rank + row) * across
          for j in columns { unsafe total[row * across + j] += term[j] }
        }
        for j in columns {
          unsafe sums.base[row * across + j] = Scalar(total[row * across + j])
        }
      }
    }
    let target = unsafe xtw.base + columns.lowerBound * stride
    let source = unsafe sums.base + columns.lowerBound
    guard earlierW.rows > 0 else {
      unsafe Scalar._kernels.transpose(
        rank, columns.count, source, across, target, stride, stride)
      return
    }
    let size = columns.count * stride
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: size) { change in
      guard let change = change.baseAddress else { return }
      unsafe Scalar._kernels.transpose(
        rank, columns.count, source, across, change, stride, stride)
      for index in 0..<size { unsafe target[index] += change[index] }
    }
  }

  /// What a pass does with rows of W.
  private struct Improvement {
    let start: Extrapolation<Scalar>?
    let ht: Factor<Scalar>
    let hht: [Scalar]
    let step: RowStep
    let formsGram: Bool
  }

  /// Nobody asks for XHᵀ where W stays as it is, but a pass that keeps it.
  private func needsProducts(_ step: RowStep) -> Bool {
    if case .keep = step { keepsProducts } else { true }
  }

  /// Improves the rows of W of a chunk, and adds their WᵀX to its total, or to the sums alone without totals.
  ///
  /// - Parameters:
  ///   - worker: Whose sums and products are used.
  ///   - share: Does so many numbered tasks.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func add(
    _ chunk: Int, of entries: UnsafePointer<Scalar>, _ w: Factor<Scalar>,
    _ improvement: Improvement, worker: Int, share: (Int, (Int) -> Void) -> Void
  ) {
    let (columns, stride) = (products.x.columns, w.stride)
    let rows = blocks.chunks[chunk]
    let total = unsafe totals.map { unsafe $0.base + chunk * rank * sums.stride }
    let tiles = blocks.sumTiles(columns)
    let ht = improvement.ht
    let own = unsafe sums.base + worker * rank * sums.stride
    var left: UnsafeMutablePointer<Scalar>?
    if case .residual = improvement.step {
      unsafe left = residuals.base + worker * blocks.superblock * residuals.stride
    }
    let across = unsafe left == nil ? columns : residuals.stride
    /// What both products are formed with: the rows of X from `first` on, or what is left of them.
    func block(_ first: Int) -> UnsafePointer<Scalar> {
      if let left = unsafe left { return unsafe UnsafePointer(left) }
      return unsafe entries + first * columns
    }
    let needsProducts = needsProducts(improvement.step)
    var hasTotal = false
    for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: blocks.superblock) {
      let count = min(blocks.superblock, rows.upperBound - first)
      let offset = keepsProducts ? first : worker * blocks.superblock
      let rowPiece = blocks.rowPiece(count)
      share((count + rowPiece - 1) / rowPiece) { task in
        let top = task * rowPiece
        let height = min(rowPiece, count - top)
        let group = first + top..<first + top + height
        improvement.start?.write(group, to: w)
        // Safe: tasks own disjoint rows of `xht` and of `w`.
        let a = unsafe xht.base + (offset + top) * stride
        if let left = unsafe left {
          unsafe self.writeResiduals(group, of: entries, w, to: left + top * across)
        }
        let now = unsafe w.base + (first + top) * stride
        if needsProducts {
          unsafe a.zero(height * stride)
          let rows = unsafe block(first) + top * across
          if usesDots {
            unsafe Scalar._kernels.rowDots(
              height, columns, rank, rows, across, components.base, components.stride, a, stride)
          } else {
            unsafe Scalar._kernels.multiplyAdd(
              height, columns, rank, rows, across, 1, ht.base, stride, a, stride)
          }
        }
        if let left = unsafe left {
          unsafe self.improveByResidual(
            now, rows: height, against: a, gram: improvement.hht, step: improvement.step,
            residual: left + top * across)
          for row in top..<top + height {
            let numbers = unsafe left + row * across
            unsafe squares[0, first + row] = Scalar._kernels.dot(across, numbers, numbers)
          }
        } else {
          unsafe improve(
            now, rows: height, against: a, gram: improvement.hht, rank: rank, stride: stride,
            step: improvement.step)
        }
        if improvement.formsGram {
          grams?.add(group, of: w, piece: chunk, whole: rows, thread: worker)
        }
        guard earlierW.rows > 0 else { return }
        let earlier = unsafe earlierW.base + (first + top) * stride
        let change = unsafe changes.base + (worker * blocks.superblock + top) * stride
        for index in 0..<height * stride {
          unsafe change[index] = now[index] - earlier[index]
          unsafe earlier[index] = now[index]
        }
      }
      let weights =
        unsafe earlierW.rows > 0
        ? changes.base + worker * blocks.superblock * stride : w.base + first * stride
      let next = first + count
      let endsPanel =
        next == rows.upperBound
        || ((next - rows.lowerBound) % PassBlocks.panel == 0
          && rows.upperBound - next > PassBlocks.panel / 4)
      let isFirst = !hasTotal
      let fetched = blocks.fetchesNext && next + count <= rows.upperBound
      let later = unsafe fetched && left == nil ? block(next) : nil
      share(tiles.count) { task in
        let tile = tiles[task]
        // Safe: tasks own disjoint tiles of the sums and of the total.
        if first == rows.lowerBound {
          for k in tile.components {
            unsafe (own + k * sums.stride + tile.columns.lowerBound).zero(tile.columns.count)
          }
        }
        unsafe Scalar._kernels.columnSums(
          count, tile.columns.count, tile.components.count,
          block(first) + tile.columns.lowerBound, across,
          weights + tile.components.lowerBound, stride,
          own + tile.components.lowerBound * sums.stride + tile.columns.lowerBound, sums.stride,
          later.map { unsafe $0 + tile.columns.lowerBound })
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

  /// Writes X − WH of some rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func writeResiduals(
    _ rows: Range<Int>, of entries: UnsafePointer<Scalar>, _ w: Factor<Scalar>,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    let (columns, stride) = (products.x.columns, residuals.stride)
    // Safe: the caller owns the target's rows.
    for (i, row) in rows.enumerated() {
      unsafe (target + i * stride).update(from: entries + row * columns, count: columns)
      unsafe (target + i * stride + columns).zero(stride - columns)
    }
    unsafe subtract(w.base + rows.lowerBound * w.stride, rows: rows.count, from: target)
  }

  /// Improves rows of W by their change, and takes what that changes off the residual.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func improveByResidual(
    _ w: UnsafeMutablePointer<Scalar>, rows: Int, against a: UnsafeMutablePointer<Scalar>,
    gram: [Scalar], step: RowStep, residual: UnsafeMutablePointer<Scalar>
  ) {
    guard case .residual(let sweeps) = step, sweeps > 0 else { return }
    let stride = xtw.stride
    let size = rows * stride
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 2 * size) { scratch in
      guard let change = scratch.baseAddress else { return }
      let least = unsafe change + size
      // Safe: both have `size` numbers.
      for index in 0..<size {
        unsafe change[index] = 0
        unsafe least[index] = -w[index]
      }
      unsafe improve(
        change, rows: rows, against: a, least: least, gram: gram, rank: rank, stride: stride,
        step: .sweeps(sweeps))
      for index in 0..<size { unsafe w[index] += change[index] }
      unsafe subtract(change, rows: rows, from: residual)
    }
  }

  /// Takes FH off some rows of a residual, in blocks of columns that stay in cache.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func subtract(
    _ factor: UnsafePointer<Scalar>, rows: Int, from residual: UnsafeMutablePointer<Scalar>
  ) {
    let (stride, lanes) = (xtw.stride, Factor<Scalar>.lanes)
    let block = 32 * lanes
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: rows * stride) { scratch in
      guard let negated = scratch.baseAddress else { return }
      for index in 0..<rows * stride { unsafe negated[index] = -factor[index] }
      for left in Swift.stride(from: 0, to: products.x.columns, by: block) {
        let width = (min(block, products.x.columns - left) + lanes - 1) / lanes * lanes
        // Safe: rows of H and of the residual are padded to whole vectors.
        unsafe Scalar._kernels.multiplyAdd(
          rows, rank, width, negated, stride, 1, components.base + left, components.stride,
          residual + left, residuals.stride)
      }
    }
  }
}
