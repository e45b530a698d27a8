internal import Matrices

/// The two products of X with a tall factor, and the pieces of rows they are dealt out in.
///
/// Each entry of a result is summed in one order, whatever the number of threads.
struct Products<Scalar: MatrixScalar> {
  let x: DataMatrix<Scalar>
  /// Xᵀ in compressed rows, when X is sparse: its columns in order.
  let transposed: StoredRows<Scalar>?
  let pool: ComputePool

  init(_ x: DataMatrix<Scalar>, pool: ComputePool) {
    self.x = x
    self.pool = pool
    if case .sparse(let matrix) = x {
      transposed = NMF.transposed(matrix, pool: pool)
    } else {
      transposed = nil
    }
  }

  /// The same products, for another pool of threads.
  init(_ other: Products, pool: ComputePool) {
    x = other.x
    transposed = other.transposed
    self.pool = pool
  }

  /// XB, N × l, for B p × l.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply(_ b: Factor<Scalar>) -> Factor<Scalar> {
    precondition(b.rows == x.columns, "B must have one row a column of X")
    let result = Factor<Scalar>(rows: x.rows, rank: b.rank)
    switch x {
    case .sparse(let matrix):
      gather(StoredRows(matrix), b, into: result)
    case .dense(let matrix):
      let piece = rowsOfTask(of: matrix.rows)
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let entries = entries.baseAddress else { return }
        pool.run((matrix.rows + piece - 1) / piece) { task, _ in
          let first = task * piece
          let count = min(piece, matrix.rows - first)
          // Safe: tasks own disjoint rows of the result. Written before they are read: a new page that is
          // read first costs a second fault.
          let rows = unsafe result.base + first * result.stride
          unsafe rows.zero(count * result.stride)
          unsafe Scalar._kernels.multiplyAdd(
            count, matrix.columns, b.rank, entries + first * matrix.columns, matrix.columns, 1,
            b.base, b.stride, rows, result.stride)
        }
      }
    }
    return result
  }

  /// XᵀB, p × l, for B N × l.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiplyTransposed(_ b: Factor<Scalar>) -> Factor<Scalar> {
    precondition(b.rows == x.rows, "B must have one row a row of X")
    let result = Factor<Scalar>(rows: x.columns, rank: b.rank)
    switch x {
    case .sparse:
      guard let transposed else { return result }
      gather(transposed, b, into: result)
    case .dense(let matrix):
      let piece = max(64, min(192, matrix.columns / 8 / 64 * 64))
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let entries = entries.baseAddress else { return }
        pool.run((matrix.columns + piece - 1) / piece) { task, _ in
          let first = task * piece
          let count = min(piece, matrix.columns - first)
          unsafe withUnsafeTemporaryAllocation(
            byteCount: b.rank * piece * MemoryLayout<Scalar>.stride, alignment: 64
          ) { memory in
            let memory = unsafe memory.bindMemory(to: Scalar.self)
            guard let sums = memory.baseAddress else { return }
            // Safe: tasks own disjoint columns of X, so disjoint rows of the result, and sums of their own.
            unsafe sums.zero(b.rank * piece)
            unsafe Scalar._kernels.columnSums(
              matrix.rows, count, b.rank, entries + first, matrix.columns, b.base, b.stride, sums,
              piece, nil)
            unsafe Scalar._kernels.transpose(
              b.rank, count, sums, piece, result.base + first * result.stride, result.stride,
              b.rank)
          }
        }
      }
    }
    return result
  }

  /// Writes the product of a compressed matrix with `b` to `result`, both row by row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func gather(
    _ matrix: StoredRows<Scalar>, _ b: Factor<Scalar>, into result: Factor<Scalar>
  ) {
    let pieces = rowPieces(matrix.offsets)
    let (stride, length) = (result.stride, b.stride)
    unsafe matrix.withPointers { x in
      let (held, target) = unsafe (UnsafePointer(b.base), result.base)
      pool.run(pieces.count) { task, _ in
        let rows = pieces[task]
        // Safe: tasks own disjoint rows; offsets and indices were checked when X was made.
        unsafe (target + rows.lowerBound * stride).zero(rows.count * stride)
        for row in rows { unsafe x.add(row: row, times: held, length, to: target + row * stride) }
      }
    }
  }
}

/// Writes a factor's components mixed by weights, rank × target's rank in rows.
///
/// - Parameter target: As many rows; may be the factor itself.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func mix<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, by weights: [Double], into target: Factor<Scalar>, pool: ComputePool
) {
  let count = target.rank
  precondition(weights.count == factor.rank * count, "one weight a pair of components is needed")
  precondition(target.rows == factor.rows, "the target must have the factor's rows")
  let table = Factor<Scalar>(rows: factor.rank, rank: count)
  for k in 0..<factor.rank {
    for l in 0..<count { table[k, l] = Scalar(weights[k * count + l]) }
  }
  let piece = 48
  pool.run((factor.rows + piece - 1) / piece) { task, _ in
    let first = task * piece
    let rows = min(piece, factor.rows - first)
    unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: rows * target.stride) { sums in
      guard let sums = sums.baseAddress else { return }
      // Safe: tasks own disjoint rows of both factors, and have sums of their own.
      unsafe sums.zero(rows * target.stride)
      unsafe Scalar._kernels.multiplyAdd(
        rows, factor.rank, table.width, factor.base + first * factor.stride, factor.stride, 1,
        table.base, table.stride, sums, target.stride)
      unsafe (target.base + first * target.stride).update(from: sums, count: rows * target.stride)
    }
  }
}

/// The rows of a dense matrix that a task takes: as many as kernels like, or a third where tasks would be
/// too few to share out evenly.
func rowsOfTask(of rows: Int) -> Int { rows < 16 * 48 ? 16 : 48 }

/// Rows of a compressed matrix in at most 256 pieces of about the same number of entries.
///
/// The pieces depend on the matrix alone; all but the last have a multiple of `unit` rows.
func rowPieces(_ offsets: [Int], unit: Int = 1) -> [Range<Int>] {
  let rows = offsets.count - 1
  let target = max(256, (offsets[rows] + rows) / 256 + 1)
  var pieces: [Range<Int>] = []
  var first = 0
  var load = 0
  for row in 0..<rows {
    load += offsets[row + 1] - offsets[row] + 1
    if load >= target && (row + 1 - first) % unit == 0 || row == rows - 1 {
      pieces.append(first..<row + 1)
      first = row + 1
      load = 0
    }
  }
  return pieces
}

/// FᵀF of a factor, in double: row k, column l at `k * stride + l`.
///
/// - Parameter isExact: Whether products are summed in double from the first row on, at twice the price.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func gram<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, isExact: Bool = false, pool: ComputePool
) -> [Double] {
  let size = factor.rank * factor.stride
  let panels = (factor.rows + gramPanel - 1) / gramPanel
  // A short factor has a piece a panel, or its sum would be the work of one thread.
  let panelsPerPiece = panels <= 16 ? 1 : max(8, (panels + 63) / 64)
  let pieces = max(1, (panels + panelsPerPiece - 1) / panelsPerPiece)
  var scratch = [Scalar](repeating: 0, count: pool.threads * size)
  return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: pieces * size) { partial in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      guard let scratch = scratch.baseAddress, let partial = partial.baseAddress else { return }
      pool.run(pieces) { task, thread in
        // Dealt out evenly: threads that have as many pieces each are done together.
        let end = min(factor.rows, (task + 1) * panels / pieces * gramPanel)
        let rows = task * panels / pieces * gramPanel..<end
        // Safe: a thread has its own scratch, a piece its own partial sum.
        let sum = unsafe partial + task * size
        unsafe sum.zero(size)
        if isExact {
          unsafe addExactGram(of: factor, rows: rows, to: sum)
        } else {
          unsafe addGram(of: factor, rows: rows, to: sum, scratch: scratch + thread * size)
        }
      }
    }
    return unsafe [Double](unsafeUninitializedCapacity: size) { result, count in
      count = size
      guard let result = result.baseAddress, let partial = partial.baseAddress else { return }
      unsafe result.initialize(from: partial, count: size)
      for task in 1..<pieces {
        let term = unsafe partial + task * size
        for entry in 0..<size { unsafe result[entry] += term[entry] }
      }
      unsafe mirrorGram(result, rank: factor.rank, stride: factor.stride)
    }
  }
}

/// Doubles in the precision of a factor.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func rounded<Scalar: MatrixScalar>(_ numbers: [Double]) -> [Scalar] {
  // By hand, as `map` converts them one by one.
  unsafe [Scalar](unsafeUninitializedCapacity: numbers.count) { target, count in
    count = numbers.count
    unsafe numbers.withUnsafeBufferPointer { numbers in
      guard let source = numbers.baseAddress, let target = target.baseAddress else { return }
      // Safe: both have `count` numbers.
      for index in 0..<numbers.count {
        unsafe (target + index).initialize(to: Scalar(source[index]))
      }
    }
  }
}

/// FᵀF over each of some ranges of rows, a row for each, laid out as `gram` does.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func classGrams<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, ranges: [Range<Int>], pool: ComputePool
) -> Factor<Double> {
  let size = factor.rank * factor.stride
  let result = Factor<Double>(rows: ranges.count, rank: size)
  var scratch = [Scalar](repeating: 0, count: pool.threads * size)
  unsafe scratch.withUnsafeMutableBufferPointer { scratch in
    guard let scratch = scratch.baseAddress else { return }
    pool.run(ranges.count) { task, thread in
      // Safe: a thread has its own scratch, a task its own row of the result.
      let sum = unsafe result.base + task * result.stride
      unsafe addGram(of: factor, rows: ranges[task], to: sum, scratch: scratch + thread * size)
      unsafe mirrorGram(sum, rank: factor.rank, stride: factor.stride)
    }
  }
  return result
}

/// The rows of F whose products are summed in its own precision: panels keep such sums short, and half
/// of the objective's rounding would come from here.
private let gramPanel = 64
/// The rows of FᵀF that are computed together.
private let symmetricBlock = 32

/// Adds FᵀF over some rows to `sum`.
///
/// Blocks of 32 rows leave out what lies below them and is mirrored: the sums are the same.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addGram<Scalar: MatrixScalar>(
  of factor: Factor<Scalar>, rows: Range<Int>, to sum: UnsafeMutablePointer<Double>,
  scratch: UnsafeMutablePointer<Scalar>
) {
  let stride = factor.stride
  let size = factor.rank * stride
  for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: gramPanel) {
    let count = min(gramPanel, rows.upperBound - first)
    unsafe scratch.zero(size)
    // Safe: the rows are the factor's, and both sums have `size` numbers.
    for block in Swift.stride(from: 0, to: factor.rank, by: symmetricBlock) {
      let start = unsafe factor.base + first * stride + block
      unsafe Scalar._kernels.multiplyAdd(
        min(symmetricBlock, factor.rank - block), count, factor.width - block, start, 1, stride,
        start, stride, scratch + block * stride + block, stride)
    }
    unsafe Scalar._kernels.addWidened(size, scratch, sum)
  }
}

/// Adds FᵀF over some rows to `sum`, by panels that are converted to double first.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addExactGram<Scalar: MatrixScalar>(
  of factor: Factor<Scalar>, rows: Range<Int>, to sum: UnsafeMutablePointer<Double>
) {
  let stride = factor.stride
  unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: gramPanel * stride) { panel in
    guard let panel = panel.baseAddress else { return }
    for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: gramPanel) {
      let count = min(gramPanel, rows.upperBound - first)
      // Safe: the rows are the factor's, a panel has room for them, and the sum has rank · stride numbers.
      let source = unsafe factor.base + first * stride
      unsafe Scalar._kernels.widen(count * stride, source, panel)
      for block in Swift.stride(from: 0, to: factor.rank, by: symmetricBlock) {
        unsafe Double._kernels.multiplyAdd(
          min(symmetricBlock, factor.rank - block), count, factor.width - block, panel + block, 1,
          stride, panel + block, stride, sum + block * stride + block, stride)
      }
    }
  }
}

/// Completes a Gram matrix below its diagonal blocks.
private func mirrorGram(_ gram: UnsafeMutablePointer<Double>, rank: Int, stride: Int) {
  for k in symmetricBlock..<max(symmetricBlock, rank) {
    for l in 0..<k / symmetricBlock * symmetricBlock {
      // Safe: k and l are components.
      unsafe gram[k * stride + l] = gram[l * stride + k]
    }
  }
}
