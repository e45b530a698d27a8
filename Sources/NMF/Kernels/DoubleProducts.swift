internal import Matrices

extension Factor {
  /// The factor in another precision.
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  func converted<Other: MatrixScalar>(to type: Other.Type, pool: ComputePool) -> Factor<Other> {
    if let same = self as? Factor<Other> { return same }
    let result = Factor<Other>(rows: rows, rank: rank)
    let piece = 512
    pool.run((rows + piece - 1) / piece) { task, _ in
      for i in task * piece..<min(rows, (task + 1) * piece) {
        // Safe: both factors have `rank` numbers in each of their `rows` rows, and tasks own theirs.
        let (source, target) = unsafe (base + i * stride, result.base + i * result.stride)
        for k in 0..<rank { unsafe target[k] = Other(source[k]) }
      }
    }
    return result
  }
}

extension Products {
  /// XᵀB, p × l, as `multiplyTransposed` gives it, but a dense X of many rows by panels of them, whose sums are
  /// added in double; and a tall one by all threads.
  func multiplyTransposedByPanels(_ b: Factor<Scalar>) -> Factor<Scalar> {
    guard case .dense = x, x.rows >= PassBlocks.panel else {
      return multiplyTransposed(b)
    }
    let pass = LeastSquaresPass(self, rank: b.rank)
    pass.run(w: b, ht: Factor(rows: 0, rank: b.rank), hht: [], step: .keep)
    return pass.xtw
  }

  /// XB, N × l, summed in double whatever the precision of X.
  func multiplyInDouble(_ b: Factor<Scalar>) -> Factor<Double> {
    if let (same, factor) = (self, b) as? (Products<Double>, Factor<Double>) {
      return same.multiply(factor)
    }
    precondition(b.rows == x.columns, "B must have one row a column of X")
    let result = Factor<Double>(rows: x.rows, rank: b.rank)
    switch x {
    case .sparse(let matrix): addInDouble(matrix, b, to: result)
    case .dense(let matrix):
      addInDouble(matrix, b.converted(to: Double.self, pool: pool), to: result)
    }
    return result
  }

  @specialized(where Scalar == Float)
  private func addInDouble(
    _ matrix: SparseMatrix<Scalar>, _ b: Factor<Scalar>, to result: Factor<Double>
  ) {
    let pieces = rowPieces(matrix.rowOffsets)
    unsafe matrix.values.withUnsafeBufferPointer { values in
      unsafe matrix.columnIndices.withUnsafeBufferPointer { indices in
        guard let values = values.baseAddress, let indices = indices.baseAddress else { return }
        pool.run(pieces.count) { task, _ in
          let rows = pieces[task]
          // Written before they are read: a new page that is read first costs a second fault.
          unsafe (result.base + rows.lowerBound * result.stride).zero(rows.count * result.stride)
          for row in rows {
            let begin = matrix.rowOffsets[row]
            // Safe: tasks own disjoint rows, which are no longer than those of B; offsets and indices were
            // checked when X was made.
            unsafe Scalar._kernels.gatherAddWidened(
              matrix.rowOffsets[row + 1] - begin, indices + begin, values + begin, b.base, b.stride,
              result.stride, result.base + row * result.stride)
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  private func addInDouble(
    _ matrix: DenseMatrix<Scalar>, _ b: Factor<Double>, to result: Factor<Double>
  ) {
    let piece = rowsOfTask(of: matrix.rows)
    // A block of X in double stays in the cache; its rows do not fall into the same few lines of it.
    let block = min(512, max(1, matrix.columns))
    let across = block + Factor<Double>.lanes
    var scratch = [Double](repeating: 0, count: pool.threads * piece * across)
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let scratch = scratch.baseAddress, let entries = entries.baseAddress else { return }
        pool.run((matrix.rows + piece - 1) / piece) { task, thread in
          let first = task * piece
          let rows = min(piece, matrix.rows - first)
          // Safe: a thread has its own scratch, and tasks own disjoint rows of the result.
          let wide = unsafe scratch + thread * piece * across
          // Written before they are read: a new page that is read first costs a second fault.
          unsafe (result.base + first * result.stride).zero(rows * result.stride)
          for left in stride(from: 0, to: matrix.columns, by: block) {
            let columns = min(block, matrix.columns - left)
            for i in 0..<rows {
              unsafe Scalar._kernels.widen(
                columns, entries + (first + i) * matrix.columns + left, wide + i * across)
            }
            unsafe Double._kernels.multiplyAdd(
              rows, columns, b.rank, wide, across, 1, b.base + left * b.stride, b.stride,
              result.base + first * result.stride, result.stride)
          }
        }
      }
    }
  }
}
