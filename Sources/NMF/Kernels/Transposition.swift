internal import Matrices

/// Xᵀ in compressed rows.
///
/// Blocks of rows are counted, then written, side by side: each knows where in every row of the
/// result its entries go, so the result does not depend on the threads.
///
/// - Complexity: O(rows + blocks · columns + stored entries).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func transposed<Scalar: MatrixScalar>(
  _ matrix: SparseMatrix<Scalar>, pool: ComputePool
) -> SparseMatrix<Scalar> {
  let columns = matrix.columns
  // A block's places should not take more memory than its entries.
  let blocks = max(1, min(2 * pool.threads, matrix.storedCount / max(1, columns)))
  let bounds = (0...blocks).map {
    firstRow(matrix.rowOffsets, atOrAfter: matrix.storedCount * $0 / blocks)
  }
  var places = [Int](repeating: 0, count: blocks * columns)
  var offsets = [Int](repeating: 0, count: columns + 1)
  var indices = [Int32](repeating: 0, count: matrix.storedCount)
  var values = [Scalar](repeating: 0, count: matrix.storedCount)
  unsafe places.withUnsafeMutableBufferPointer { places in
    unsafe indices.withUnsafeMutableBufferPointer { indices in
      unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe matrix.columnIndices.withUnsafeBufferPointer { sourceColumns in
          unsafe matrix.values.withUnsafeBufferPointer { sourceValues in
            guard let places = places.baseAddress, let indices = indices.baseAddress,
              let values = values.baseAddress, let sourceColumns = sourceColumns.baseAddress,
              let sourceValues = sourceValues.baseAddress
            else { return }
            // Safe: a block has its own places; columns were checked when X was made.
            pool.run(blocks) { block, _ in
              let own = unsafe places + block * columns
              for index in matrix.rowOffsets[bounds[block]]..<matrix.rowOffsets[bounds[block + 1]] {
                unsafe own[Int(sourceColumns[index])] += 1
              }
            }
            var filled = 0
            for column in 0..<columns {
              for block in 0..<blocks {
                let count = unsafe places[block * columns + column]
                unsafe places[block * columns + column] = filled
                filled += count
              }
              offsets[column + 1] = filled
            }
            // Safe: no two blocks have a place in common.
            pool.run(blocks) { block, _ in
              let own = unsafe places + block * columns
              for row in bounds[block]..<bounds[block + 1] {
                for index in matrix.rowOffsets[row]..<matrix.rowOffsets[row + 1] {
                  let column = unsafe Int(sourceColumns[index])
                  let place = unsafe own[column]
                  unsafe own[column] = place + 1
                  unsafe indices[place] = Int32(row)
                  unsafe values[place] = sourceValues[index]
                }
              }
            }
          }
        }
      }
    }
  }
  return SparseMatrix(
    uncheckedRows: columns, columns: matrix.rows, rowOffsets: offsets, columnIndices: indices,
    values: values)
}

/// The first row that begins at or after an entry.
private func firstRow(_ offsets: [Int], atOrAfter entry: Int) -> Int {
  var low = 0
  var high = offsets.count - 1
  while low < high {
    let middle = (low + high) / 2
    if offsets[middle] < entry { low = middle + 1 } else { high = middle }
  }
  return low
}
