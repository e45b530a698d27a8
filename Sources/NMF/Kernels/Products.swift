internal import Matrices

/// The two products of X with a tall factor, and the pieces of rows they are dealt out in.
///
/// Each entry of a result is summed in one order, whatever the number of threads.
struct Products<Scalar: MatrixScalar> {
  let x: DataMatrix<Scalar>
  /// Xᵀ in compressed rows, when X is sparse: its columns in order.
  let transposed: SparseMatrix<Scalar>?
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
      gather(matrix, b, into: result)
    case .dense(let matrix):
      let piece = 48
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let entries = entries.baseAddress else { return }
        pool.run((matrix.rows + piece - 1) / piece) { task, _ in
          let first = task * piece
          let count = min(piece, matrix.rows - first)
          // Safe: tasks own disjoint rows of the result.
          unsafe Scalar._kernels.multiplyAdd(
            count, matrix.columns, b.width, entries + first * matrix.columns, matrix.columns, 1,
            b.base, b.stride, result.base + first * result.stride, result.stride)
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
      let piece = 96
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let entries = entries.baseAddress else { return }
        pool.run((matrix.columns + piece - 1) / piece) { task, _ in
          let first = task * piece
          let count = min(piece, matrix.columns - first)
          // Safe: tasks own disjoint columns of X, so disjoint rows of the result.
          unsafe Scalar._kernels.multiplyAdd(
            count, matrix.rows, b.width, entries + first, 1, matrix.columns, b.base, b.stride,
            result.base + first * result.stride, result.stride)
        }
      }
    }
    return result
  }

  /// Adds the product of a compressed matrix with `b` to `result`, both row by row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func gather(_ matrix: SparseMatrix<Scalar>, _ b: Factor<Scalar>, into result: Factor<Scalar>) {
    let pieces = rowPieces(matrix)
    unsafe matrix.values.withUnsafeBufferPointer { values in
      unsafe matrix.columnIndices.withUnsafeBufferPointer { indices in
        guard let values = values.baseAddress, let indices = indices.baseAddress
        else { return }
        pool.run(pieces.count) { task, _ in
          for row in pieces[task] {
            let begin = matrix.rowOffsets[row]
            // Safe: tasks own disjoint rows; offsets and indices were checked when X was made.
            unsafe Scalar._kernels.gatherAdd(
              matrix.rowOffsets[row + 1] - begin, indices + begin, values + begin, b.base,
              b.stride, b.stride, result.base + row * result.stride)
          }
        }
      }
    }
  }
}

/// A factor's components mixed by weights, rank × count in rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func mixed<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, by weights: [Double], _ count: Int, pool: ComputePool
) -> Factor<Scalar> {
  precondition(weights.count == factor.rank * count, "one weight a pair of components is needed")
  let result = Factor<Scalar>(rows: factor.rows, rank: count)
  let table = Factor<Scalar>(rows: factor.rank, rank: count)
  for k in 0..<factor.rank {
    for l in 0..<count { table[k, l] = Scalar(weights[k * count + l]) }
  }
  let piece = 48
  pool.run((factor.rows + piece - 1) / piece) { task, _ in
    let first = task * piece
    // Safe: tasks own disjoint rows of the result.
    unsafe Scalar._kernels.multiplyAdd(
      min(piece, factor.rows - first), factor.rank, table.width,
      factor.base + first * factor.stride, factor.stride, 1, table.base, table.stride,
      result.base + first * result.stride, result.stride)
  }
  return result
}

/// Rows of a compressed matrix in at most 256 pieces of about the same number of entries.
///
/// The pieces depend on the matrix alone.
func rowPieces<Scalar>(_ matrix: SparseMatrix<Scalar>) -> [Range<Int>] {
  let target = max(256, (matrix.storedCount + matrix.rows) / 256 + 1)
  var pieces: [Range<Int>] = []
  var first = 0
  var load = 0
  for row in 0..<matrix.rows {
    load += matrix.rowOffsets[row + 1] - matrix.rowOffsets[row] + 1
    if load >= target || row == matrix.rows - 1 {
      pieces.append(first..<row + 1)
      first = row + 1
      load = 0
    }
  }
  return pieces
}

/// FᵀF of a factor over some rows or all, in double: row k, column l at `k * stride + l`.
///
/// Blocks of 32 rows leave out what lies below them and is mirrored: the sums are the same.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func gram<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, in rows: Range<Int>? = nil, pool: ComputePool
) -> [Double] {
  let rows = rows ?? 0..<factor.rows
  let stride = factor.stride
  let size = factor.rank * stride
  // Panels keep single-precision sums short: half of the objective's rounding would come from here.
  let panel = 64
  let panels = (rows.count + panel - 1) / panel
  let panelsPerPiece = max(8, (panels + 63) / 64)
  let pieces = (panels + panelsPerPiece - 1) / panelsPerPiece
  var partial = [Double](repeating: 0, count: max(1, pieces) * size)
  var scratch = [Scalar](repeating: 0, count: pool.threads * size)
  unsafe partial.withUnsafeMutableBufferPointer { partial in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      guard let partial = partial.baseAddress, let scratch = scratch.baseAddress
      else { return }
      pool.run(pieces) { piece, thread in
        let sum = unsafe scratch + thread * size
        for index in piece * panelsPerPiece..<min(panels, (piece + 1) * panelsPerPiece) {
          let first = rows.lowerBound + index * panel
          let count = min(panel, rows.upperBound - first)
          unsafe sum.zero(size)
          // Safe: a thread has its own scratch, a piece its own partial sum.
          for block in Swift.stride(from: 0, to: factor.rank, by: symmetricBlock) {
            let start = unsafe factor.base + first * stride + block
            unsafe Scalar._kernels.multiplyAdd(
              min(symmetricBlock, factor.rank - block), count, factor.width - block, start, 1,
              stride, start, stride, sum + block * stride + block, stride)
          }
          for entry in 0..<size { unsafe partial[piece * size + entry] += Double(sum[entry]) }
        }
      }
    }
  }
  var result = [Double](repeating: 0, count: size)
  for piece in 0..<pieces {
    for entry in 0..<size { result[entry] += partial[piece * size + entry] }
  }
  for k in symmetricBlock..<max(symmetricBlock, factor.rank) {
    for l in 0..<k / symmetricBlock * symmetricBlock {
      result[k * stride + l] = result[l * stride + k]
    }
  }
  return result
}

/// The rows of FᵀF that are computed together.
private let symmetricBlock = 32
