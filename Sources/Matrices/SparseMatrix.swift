/// A matrix of which only the non-zero entries are stored, row after row (CSR).
///
/// Within a row the columns rise and no column comes twice. A stored NaN is a missing entry.
public struct SparseMatrix<Scalar: MatrixScalar>: Sendable, Equatable, Codable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Where each row begins in `columnIndices` and `values`; `rows + 1` numbers, the first 0.
  public let rowOffsets: [Int]
  /// The column of each stored entry, counted from 0.
  public let columnIndices: [Int32]
  /// The value of each stored entry.
  public let values: [Scalar]

  /// Creates a matrix from its compressed rows.
  ///
  /// - Throws: `MatrixError.invalidSparseStructure` when offsets fall, an index is outside the
  ///   matrix, or the columns of a row do not rise.
  /// - Complexity: O(rows + stored entries).
  public init(
    rows: Int, columns: Int, rowOffsets: [Int], columnIndices: [Int32], values: [Scalar]
  ) throws {
    guard rows >= 0, columns >= 0, columns <= Int(Int32.max), rowOffsets.count == rows + 1,
      rowOffsets.first == 0, rowOffsets.last == values.count, columnIndices.count == values.count
    else { throw MatrixError.invalidSparseStructure(row: nil) }
    for row in 0..<rows {
      let begin = rowOffsets[row]
      let end = rowOffsets[row + 1]
      guard begin <= end, end <= values.count else {
        throw MatrixError.invalidSparseStructure(row: row)
      }
      var last: Int32 = -1
      for index in begin..<end {
        guard columnIndices[index] > last, columnIndices[index] < columns else {
          throw MatrixError.invalidSparseStructure(row: row)
        }
        last = columnIndices[index]
      }
    }
    self.init(
      uncheckedRows: rows, columns: columns, rowOffsets: rowOffsets, columnIndices: columnIndices,
      values: values)
  }

  /// Creates a matrix from entries in any order; entries at one place are added.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns, at most 2³¹ − 1.
  ///   - rowIndices: The row of each entry, in `0..<rows`.
  ///   - columnIndices: The column of each entry, in `0..<columns`.
  ///   - values: The value of each entry. A zero is not stored.
  /// - Returns: The matrix, and how many entries were added to one that was there already.
  /// - Complexity: O(rows + columns + entries): two counting sorts.
  public static func summingDuplicates(
    rows: Int, columns: Int, rowIndices: [Int32], columnIndices: [Int32], values: [Scalar]
  ) -> (matrix: SparseMatrix, duplicates: Int) {
    precondition(
      rowIndices.count == values.count && columnIndices.count == values.count,
      "row indices, column indices and values must have one length")
    // Sorting by column, then stably by row, leaves the columns of each row in order.
    let byColumn = countingSort(keys: columnIndices, bins: columns)
    var offsets = [Int](repeating: 0, count: rows + 1)
    for row in rowIndices { offsets[Int(row) + 1] += 1 }
    for row in 0..<rows { offsets[row + 1] += offsets[row] }
    var next = offsets
    var sortedColumns = [Int32](repeating: 0, count: values.count)
    var sortedValues = [Scalar](repeating: 0, count: values.count)
    for index in byColumn {
      let row = Int(rowIndices[Int(index)])
      sortedColumns[next[row]] = columnIndices[Int(index)]
      sortedValues[next[row]] = values[Int(index)]
      next[row] += 1
    }
    // Compact in place: add equal neighbours, drop zeros.
    var kept = 0
    var duplicates = 0
    var keptOffsets = [Int](repeating: 0, count: rows + 1)
    for row in 0..<rows {
      var index = offsets[row]
      while index < offsets[row + 1] {
        let column = sortedColumns[index]
        var value = sortedValues[index]
        index += 1
        while index < offsets[row + 1], sortedColumns[index] == column {
          value += sortedValues[index]
          duplicates += 1
          index += 1
        }
        guard value != 0 else { continue }
        sortedColumns[kept] = column
        sortedValues[kept] = value
        kept += 1
      }
      keptOffsets[row + 1] = kept
    }
    sortedColumns.removeSubrange(kept...)
    sortedValues.removeSubrange(kept...)
    let matrix = SparseMatrix(
      uncheckedRows: rows, columns: columns, rowOffsets: keptOffsets, columnIndices: sortedColumns,
      values: sortedValues)
    return (matrix, duplicates)
  }

  /// The number of rows and columns.
  public var shape: Shape { Shape(rows, columns) }

  /// The number of stored entries.
  public var storedCount: Int { values.count }

  /// The entry in a row and a column, both counted from 0; zero where none is stored.
  ///
  /// - Complexity: O(log(entries of the row)).
  public subscript(row: Int, column: Int) -> Scalar {
    var low = rowOffsets[row]
    var high = rowOffsets[row + 1]
    while low < high {
      let middle = (low + high) / 2
      if columnIndices[middle] < column { low = middle + 1 } else { high = middle }
    }
    return low < rowOffsets[row + 1] && columnIndices[low] == column ? values[low] : 0
  }

  /// The matrix with rows and columns exchanged.
  ///
  /// - Complexity: O(rows + columns + stored entries).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transposed() -> SparseMatrix {
    var offsets = [Int](repeating: 0, count: columns + 1)
    for column in columnIndices { offsets[Int(column) + 1] += 1 }
    for column in 0..<columns { offsets[column + 1] += offsets[column] }
    var next = offsets
    var indices = [Int32](repeating: 0, count: values.count)
    var entries = [Scalar](repeating: 0, count: values.count)
    for row in 0..<rows {
      for index in rowOffsets[row]..<rowOffsets[row + 1] {
        let column = Int(columnIndices[index])
        indices[next[column]] = Int32(row)
        entries[next[column]] = values[index]
        next[column] += 1
      }
    }
    return SparseMatrix(
      uncheckedRows: columns, columns: rows, rowOffsets: offsets, columnIndices: indices,
      values: entries)
  }

  /// The matrix with its zeros stored.
  public func dense() -> DenseMatrix<Scalar> {
    var result = DenseMatrix<Scalar>(rows: rows, columns: columns)
    for row in 0..<rows {
      for index in rowOffsets[row]..<rowOffsets[row + 1] {
        result[row, Int(columnIndices[index])] = values[index]
      }
    }
    return result
  }

  /// The matrix in another precision.
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  public func converted<Other: MatrixScalar>(to type: Other.Type) -> SparseMatrix<Other> {
    if let same = self as? SparseMatrix<Other> { return same }
    return SparseMatrix<Other>(
      uncheckedRows: rows, columns: columns, rowOffsets: rowOffsets, columnIndices: columnIndices,
      values: values.map { Other($0) })
  }

  /// Creates a matrix from rows that are known to be in order.
  package init(
    unchecked values: [Scalar], rows: Int, columns: Int, rowOffsets: [Int], columnIndices: [Int32]
  ) {
    self.init(
      uncheckedRows: rows, columns: columns, rowOffsets: rowOffsets, columnIndices: columnIndices,
      values: values)
  }

  /// The matrix with its rows and columns in another order.
  ///
  /// - Parameters:
  ///   - rowOrder: The row that comes at each place; a permutation.
  ///   - columnOrder: The column that comes at each place; a permutation.
  /// - Complexity: O(rows + columns + entries · log of the entries of a row).
  package func arranged(rowOrder: [Int], columnOrder: [Int]) -> SparseMatrix {
    precondition(rowOrder.count == rows && columnOrder.count == columns)
    var place = [Int32](repeating: 0, count: columns)
    for (index, column) in columnOrder.enumerated() { place[column] = Int32(index) }
    var offsets = [0]
    var indices: [Int32] = []
    var entries: [Scalar] = []
    offsets.reserveCapacity(rows + 1)
    indices.reserveCapacity(values.count)
    entries.reserveCapacity(values.count)
    for row in rowOrder {
      let moved = (rowOffsets[row]..<rowOffsets[row + 1]).map {
        (place[Int(columnIndices[$0])], $0)
      }
      for (column, index) in moved.sorted(by: { $0.0 < $1.0 }) {
        indices.append(column)
        entries.append(values[index])
      }
      offsets.append(entries.count)
    }
    return SparseMatrix(
      uncheckedRows: rows, columns: columns, rowOffsets: offsets, columnIndices: indices,
      values: entries)
  }

  package init(
    uncheckedRows rows: Int, columns: Int, rowOffsets: [Int], columnIndices: [Int32],
    values: [Scalar]
  ) {
    self.rows = rows
    self.columns = columns
    self.rowOffsets = rowOffsets
    self.columnIndices = columnIndices
    self.values = values
  }

  /// The positions of `keys` in rising order of key; equal keys keep their order.
  private static func countingSort(keys: [Int32], bins: Int) -> [Int32] {
    precondition(keys.count <= Int(Int32.max), "more than 2³¹ − 1 entries")
    var next = [Int](repeating: 0, count: bins + 1)
    for key in keys { next[Int(key) + 1] += 1 }
    for bin in 0..<bins { next[bin + 1] += next[bin] }
    var order = [Int32](repeating: 0, count: keys.count)
    for (position, key) in keys.enumerated() {
      order[next[Int(key)]] = Int32(position)
      next[Int(key)] += 1
    }
    return order
  }
}
