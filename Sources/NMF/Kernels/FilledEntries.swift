internal import Matrices

/// X with its hidden entries filled in, where what is filled in can be replaced.
///
/// The places of the entries are found once; each filling then costs O(r) a hidden entry.
struct FilledEntries {
  /// The columns that each class of rows hides, in order.
  private let hiddenColumns: [[Int]]
  private let classOfRow: [Int]
  private let visible: DataMatrix<Double>
  /// Offsets and columns of visible and hidden entries together, when X is sparse.
  private var rowOffsets: [Int] = []
  private var columnIndices: [Int32] = []
  private var values: [Double]
  /// Where the hidden entries lie in `values`, row after row.
  private var places: [Int] = []
  /// The first place of each row, and their number.
  private var placeOffsets = [0]
  private let visibleSquares: Double

  /// Fills zeros in.
  init(_ visible: DataMatrix<Double>, hiddenColumns: [[Int]], classOfRow: [Int]) {
    self.visible = visible
    self.hiddenColumns = hiddenColumns
    self.classOfRow = classOfRow
    visibleSquares = visible.storedValues.reduce(0) { $0 + $1 * $1 }
    let count = classOfRow.reduce(0) { $0 + hiddenColumns[$1].count }
    places.reserveCapacity(count)
    placeOffsets.reserveCapacity(visible.rows + 1)
    switch visible {
    case .dense(let matrix):
      values = matrix.elements
      for i in 0..<matrix.rows {
        for j in hiddenColumns[classOfRow[i]] { places.append(i * matrix.columns + j) }
        placeOffsets.append(places.count)
      }
    case .sparse(let matrix):
      values = []
      values.reserveCapacity(matrix.storedCount + count)
      columnIndices.reserveCapacity(matrix.storedCount + count)
      rowOffsets.append(0)
      for i in 0..<matrix.rows {
        let hidden = hiddenColumns[classOfRow[i]]
        var next = 0
        func leave(below limit: Int) {
          while next < hidden.count, hidden[next] < limit {
            places.append(values.count)
            columnIndices.append(Int32(hidden[next]))
            values.append(0)
            next += 1
          }
        }
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          leave(below: Int(matrix.columnIndices[index]))
          columnIndices.append(matrix.columnIndices[index])
          values.append(matrix.values[index])
        }
        leave(below: matrix.columns)
        placeOffsets.append(places.count)
        rowOffsets.append(values.count)
      }
    }
  }

  /// X as it is filled at present.
  var matrix: DataMatrix<Double> {
    switch visible {
    case .dense(let matrix):
      .dense(DenseMatrix(unchecked: values, rows: matrix.rows, columns: matrix.columns))
    case .sparse(let matrix):
      .sparse(
        SparseMatrix(
          unchecked: values, rows: matrix.rows, columns: matrix.columns, rowOffsets: rowOffsets,
          columnIndices: columnIndices))
    }
  }

  /// Replaces what is filled in by what a description says.
  ///
  /// - Returns: The squared change, and the squared size of X before it.
  /// - Complexity: O(r) a hidden entry.
  mutating func fill(_ rows: RowDescription, pool: ComputePool) -> (change: Double, size: Double) {
    let piece = 64
    let count = classOfRow.count
    let pieces = (count + piece - 1) / piece
    let most = hiddenColumns.reduce(1) { max($0, $1.count) }
    var scratch = [Double](repeating: 0, count: pool.threads * most)
    var sums = [(change: Double, size: Double)](repeating: (0, 0), count: max(1, pieces))
    let (places, placeOffsets, classes) = (places, placeOffsets, classOfRow)
    let hidden = hiddenColumns
    unsafe values.withUnsafeMutableBufferPointer { values in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          guard let scratch = scratch.baseAddress else { return }
          pool.run(pieces) { task, thread in
            let fresh = unsafe scratch + thread * most
            for i in task * piece..<min(count, (task + 1) * piece) {
              let columns = hidden[classes[i]]
              unsafe rows.write(row: i, columns: columns, to: fresh)
              for index in columns.indices {
                // Safe: a thread has its own scratch, a task the places and the sum of its rows.
                let place = places[placeOffsets[i] + index]
                let (old, new) = unsafe (values[place], fresh[index])
                unsafe sums[task].change += (new - old) * (new - old)
                unsafe sums[task].size += old * old
                unsafe values[place] = new
              }
            }
          }
        }
      }
    }
    return sums.reduce((0, visibleSquares)) { ($0.0 + $1.change, $0.1 + $1.size) }
  }
}
