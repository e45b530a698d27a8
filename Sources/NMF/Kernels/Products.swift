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
