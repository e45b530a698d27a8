/// The sum of the hashes of the entries of some rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func entryHashes<Scalar: MatrixScalar>(
  of rows: Range<Int>, in matrix: DataMatrix<Scalar>
) -> UInt64 {
  let kernels = Scalar._kernels
  let columnCount = UInt64(matrix.columns)
  return unsafe matrix.storedValues.withUnsafeBufferPointer { values in
    guard let values = values.baseAddress else { return 0 }
    switch matrix {
    case .dense(let matrix):
      let first = rows.lowerBound * matrix.columns
      // Safe: the entries of the rows follow each other.
      return unsafe kernels.hashEntries(
        rows.count * matrix.columns, values + first, nil, UInt64(first))
    case .sparse(let matrix):
      return unsafe matrix.columnIndices.withUnsafeBufferPointer { columns in
        guard let columns = columns.baseAddress else { return 0 }
        return rows.reduce(into: UInt64(0)) { sum, row in
          let (first, end) = (matrix.rowOffsets[row], matrix.rowOffsets[row + 1])
          // Safe: a row has as many columns as values.
          sum &+= unsafe kernels.hashEntries(
            end - first, values + first, columns + first, UInt64(row) &* columnCount)
        }
      }
    }
  }
}
