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
) -> StoredRows<Scalar> {
  let columns = matrix.columns
  // A block's places should not take more memory than its entries.
  let blocks = max(1, min(2 * pool.threads, matrix.storedCount / max(1, columns)))
  let bounds = (0...blocks).map {
    firstRow(matrix.rowOffsets, atOrAfter: matrix.storedCount * $0 / blocks)
  }
  var places = [Int](repeating: 0, count: blocks * columns)
  var offsets = [Int](repeating: 0, count: columns + 1)
  unsafe places.withUnsafeMutableBufferPointer { places in
    unsafe matrix.columnIndices.withUnsafeBufferPointer { sourceColumns in
      guard let places = places.baseAddress, let sourceColumns = sourceColumns.baseAddress
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
    }
  }
  let numbers: StoredRows<Scalar>.Columns
  let values: [Scalar]
  if matrix.rows <= 1 << 16 {
    let (narrow, entries) = entries(of: matrix, as: UInt16.self, bounds, &places, pool)
    (numbers, values) = (.narrow(narrow), entries)
  } else {
    let (wide, entries) = entries(of: matrix, as: Int32.self, bounds, &places, pool)
    (numbers, values) = (.wide(wide), entries)
  }
  return StoredRows(
    rows: columns, columns: matrix.rows, offsets: offsets, numbers: numbers, values: values)
}

/// The entries column by column, and their rows.
@specialized(where Scalar == Float, Number == Int32)
@specialized(where Scalar == Float, Number == UInt16)
@specialized(where Scalar == Double, Number == Int32)
@specialized(where Scalar == Double, Number == UInt16)
private func entries<Scalar: MatrixScalar, Number: FixedWidthInteger>(
  of matrix: SparseMatrix<Scalar>, as type: Number.Type, _ bounds: [Int], _ places: inout [Int],
  _ pool: ComputePool
) -> ([Number], [Scalar]) {
  var indices: [Number] = []
  let values = unsafe [Scalar](unsafeUninitializedCapacity: matrix.storedCount) { values, count in
    indices = unsafe [Number](unsafeUninitializedCapacity: matrix.storedCount) { indices, count in
      unsafe write(matrix, blocks: bounds, places: &places, to: indices, values, pool: pool)
      count = matrix.storedCount
    }
    count = matrix.storedCount
  }
  return (indices, values)
}

/// Writes the entries of blocks of rows where `places` says, for each column, that a block begins.
@specialized(where Scalar == Float, Number == Int32)
@specialized(where Scalar == Float, Number == UInt16)
@specialized(where Scalar == Double, Number == Int32)
@specialized(where Scalar == Double, Number == UInt16)
private func write<Scalar: MatrixScalar, Number: FixedWidthInteger>(
  _ matrix: SparseMatrix<Scalar>, blocks bounds: [Int], places: inout [Int],
  to indices: UnsafeMutableBufferPointer<Number>, _ values: UnsafeMutableBufferPointer<Scalar>,
  pool: ComputePool
) {
  unsafe places.withUnsafeMutableBufferPointer { places in
    unsafe matrix.columnIndices.withUnsafeBufferPointer { sourceColumns in
      unsafe matrix.values.withUnsafeBufferPointer { sourceValues in
        guard let places = places.baseAddress, let indices = indices.baseAddress,
          let values = values.baseAddress, let sourceColumns = sourceColumns.baseAddress,
          let sourceValues = sourceValues.baseAddress
        else { return }
        unsafe askForLargePages(
          indices, byteCount: matrix.storedCount * MemoryLayout<Number>.stride)
        unsafe askForLargePages(
          values, byteCount: matrix.storedCount * MemoryLayout<Scalar>.stride)
        // Safe: each entry has a place of its own, and all places are taken.
        pool.run(bounds.count - 1) { block, _ in
          let own = unsafe places + block * matrix.columns
          for row in bounds[block]..<bounds[block + 1] {
            for index in matrix.rowOffsets[row]..<matrix.rowOffsets[row + 1] {
              let column = unsafe Int(sourceColumns[index])
              let place = unsafe own[column]
              unsafe own[column] = place + 1
              unsafe (indices + place).initialize(to: Number(truncatingIfNeeded: row))
              unsafe (values + place).initialize(to: sourceValues[index])
            }
          }
        }
      }
    }
  }
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
