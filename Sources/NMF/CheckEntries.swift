internal import Matrices

/// Refuses entries that cannot be fitted: missing, negative or infinite.
///
/// - Throws: `FitError` naming the first such entry.
func checkEntries<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>, pool: ComputePool) throws {
  let values = x.storedValues
  guard !areOrdinary(values, pool: pool) else { return }
  var missing = 0
  var firstMissing: (Int, Int)?
  for index in values.indices where values[index].isNaN {
    missing += 1
    if firstMissing == nil { firstMissing = position(of: index, in: x) }
  }
  if let (row, column) = firstMissing {
    throw FitError.missingEntries(count: missing, row: row, column: column)
  }
  for index in values.indices {
    let (row, column) =
      values[index] >= 0 && values[index] < .infinity
      ? (0, 0) : position(of: index, in: x)
    if values[index] < 0 {
      throw FitError.negativeEntry(row: row, column: column, value: Double(values[index]))
    }
    if values[index] == .infinity { throw FitError.infiniteEntry(row: row, column: column) }
  }
}

/// The row and column of a stored entry.
private func position<Scalar>(of index: Int, in x: DataMatrix<Scalar>) -> (Int, Int) {
  switch x {
  case .dense(let matrix):
    return (index / matrix.columns, index % matrix.columns)
  case .sparse(let matrix):
    var low = 0
    var high = matrix.rows
    while high - low > 1 {
      let middle = (low + high) / 2
      if matrix.rowOffsets[middle] <= index { low = middle } else { high = middle }
    }
    return (low, Int(matrix.columnIndices[index]))
  }
}
