internal import Matrices

/// X with the entries of each column in a random order of rows: what is left is chance.
///
/// Every column keeps its values, and no row has anything to do with another column's rows any more:
/// parts that are found in it are noise that was fitted (Frigyesi & Höglund 2008).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func withShuffledColumns<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, seed: UInt64
) -> DataMatrix<Scalar> {
  var order = Array(0..<x.rows)
  /// Draws `count` different rows into the front of `order`.
  func draw(_ count: Int, column: Int) {
    let random = KeyedRandom(seed: seed, purpose: .permutation, stream: column)
    for place in 0..<count {
      order.swapAt(place, place + Int(random.bits(place) % UInt64(x.rows - place)))
    }
  }
  switch x {
  case .dense(let matrix):
    var elements = matrix.elements
    for j in 0..<matrix.columns {
      draw(matrix.rows, column: j)
      for i in 0..<matrix.rows {
        elements[order[i] * matrix.columns + j] = matrix.elements[i * matrix.columns + j]
      }
    }
    return .dense(DenseMatrix(unchecked: elements, rows: matrix.rows, columns: matrix.columns))
  case .sparse(let matrix):
    let columns = matrix.transposed()
    var rowIndices: [Int32] = []
    var columnIndices: [Int32] = []
    rowIndices.reserveCapacity(matrix.storedCount)
    columnIndices.reserveCapacity(matrix.storedCount)
    for j in 0..<columns.rows {
      let count = columns.rowOffsets[j + 1] - columns.rowOffsets[j]
      draw(count, column: j)
      for place in 0..<count {
        rowIndices.append(Int32(order[place]))
        columnIndices.append(Int32(j))
      }
    }
    return .sparse(
      SparseMatrix.summingDuplicates(
        rows: matrix.rows, columns: matrix.columns, rowIndices: rowIndices,
        columnIndices: columnIndices, values: columns.values
      ).matrix)
  }
}

/// Some rows of X, in the order given; a row may come more than once.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func selectingRows<Scalar: MatrixScalar>(
  _ rows: [Int], of x: DataMatrix<Scalar>
) -> DataMatrix<Scalar> {
  switch x {
  case .dense(let matrix):
    var elements: [Scalar] = []
    elements.reserveCapacity(rows.count * matrix.columns)
    for i in rows { elements += matrix.row(i) }
    return .dense(DenseMatrix(unchecked: elements, rows: rows.count, columns: matrix.columns))
  case .sparse(let matrix):
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Scalar] = []
    for i in rows {
      let range = matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1]
      indices += matrix.columnIndices[range]
      values += matrix.values[range]
      offsets.append(values.count)
    }
    return .sparse(
      SparseMatrix(
        unchecked: values, rows: rows.count, columns: matrix.columns, rowOffsets: offsets,
        columnIndices: indices))
  }
}
