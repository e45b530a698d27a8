import Matrices

/// Entries of a sparse matrix as a file lists them.
struct EntryList<Scalar: MatrixScalar> {
  var rowIndices: [Int32] = []
  var columnIndices: [Int32] = []
  var values: [Scalar] = []
  /// Whether each entry comes after the one before it, row by row.
  var isRowOrdered = true
  /// Whether each entry comes after the one before it, column by column.
  var isColumnOrdered = true

  /// The compressed matrix, and how many entries were added to one that was there already.
  ///
  /// A list that is ordered already is compressed without sorting.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - transposed: Whether rows and columns are exchanged on the way, at no cost.
  /// - Returns: The matrix, and the number of duplicates.
  /// - Throws: `MatrixError` when an index lies outside the matrix.
  consuming func compressed(
    rows: Int, columns: Int, transposed: Bool
  ) throws -> (matrix: SparseMatrix<Scalar>, duplicates: Int) {
    if transposed {
      (rowIndices, columnIndices) = (columnIndices, rowIndices)
      (isRowOrdered, isColumnOrdered) = (isColumnOrdered, isRowOrdered)
    }
    let (rows, columns) = transposed ? (columns, rows) : (rows, columns)
    if isRowOrdered {
      let offsets = EntryList.offsets(rowIndices, rows)
      rowIndices = []
      return (
        try SparseMatrix(
          rows: rows, columns: columns, rowOffsets: offsets, columnIndices: columnIndices,
          values: values), 0
      )
    }
    if isColumnOrdered {
      let offsets = EntryList.offsets(columnIndices, columns)
      columnIndices = []
      let turned = try SparseMatrix(
        rows: columns, columns: rows, rowOffsets: offsets, columnIndices: rowIndices,
        values: values)
      rowIndices = []
      values = []
      return (turned.transposed(), 0)
    }
    return SparseMatrix.summingDuplicates(
      rows: rows, columns: columns, rowIndices: rowIndices, columnIndices: columnIndices,
      values: values)
  }

  private static func offsets(_ indices: [Int32], _ count: Int) -> [Int] {
    var offsets = [Int](repeating: 0, count: count + 1)
    for index in indices { offsets[Int(index) + 1] += 1 }
    for index in 0..<count { offsets[index + 1] += offsets[index] }
    return offsets
  }
}
