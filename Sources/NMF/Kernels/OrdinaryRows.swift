internal import Matrices

/// The totals of the columns of a dense matrix over rows whose entries are all finite, at least zero
/// and not huge.
struct OrdinaryRows {
  private let columns: Int
  /// The columns in whole vectors.
  private let stride: Int
  private let multipliers: [UInt64]
  /// For each column how many entries are above zero, their sum, that of their squares, the smallest and
  /// the largest.
  private var totals: [Double]

  init(columns: Int) {
    self.columns = columns
    stride = (columns + 7) / 8 * 8
    multipliers = (0..<stride).map(placeMultiplier)
    totals = [Double](repeating: 0, count: 5 * stride)
    for column in 0..<stride {
      totals[3 * stride + column] = .infinity
      totals[4 * stride + column] = -.infinity
    }
  }

  /// Adds some rows to the totals, at most `RowScan.rows`.
  ///
  /// - Returns: What each row holds; nil, and nothing is added, if one of them is not ordinary.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func add<Scalar: MatrixScalar>(
    _ values: Span<Scalar>, rows: Int, largest: Double
  ) -> [RowScan]? {
    precondition(
      values.count == rows * columns && rows <= RowScan.rows, "a few whole rows are needed")
    let (columns, stride, multipliers) = (columns, stride, multipliers)
    return unsafe values.withUnsafeBufferPointer { values in
      unsafe totals.withUnsafeMutableBufferPointer { totals in
        guard let values = values.baseAddress, let totals = totals.baseAddress else { return nil }
        // Safe: there are as many values, and totals and multipliers in whole vectors of columns.
        guard unsafe Scalar._kernels.areOrdinary(rows * columns, values, below: Scalar(largest))
        else { return nil }
        return unsafe Scalar._kernels.scanRows(
          rows, columns, values, multipliers, totals, stride)
      }
    }
  }

  /// The totals of a column.
  subscript(column: Int) -> ColumnTotals {
    var total = ColumnTotals()
    total.nonzeroCount = Int(totals[column])
    total.sum = totals[stride + column]
    total.sumOfSquares = totals[2 * stride + column]
    total.minimum = totals[3 * stride + column]
    total.maximum = totals[4 * stride + column]
    return total
  }
}

/// A hash of an entry at its place in a row, 0 for zero.
///
/// Entries of equal rows have equal sums; rows that are taken for each other cost a comparison.
@inline(__always)
func placeHash(_ value: Double, column: Int) -> UInt64 {
  let bits = value.bitPattern
  return (bits ^ (bits >> 32)) &* placeMultiplier(column)
}

/// What the entries of a column are multiplied by: the finaliser of SplitMix64.
@inline(__always)
private func placeMultiplier(_ column: Int) -> UInt64 {
  var multiplier = UInt64(truncatingIfNeeded: column) &* 0x9E37_79B9_7F4A_7C15
  multiplier = (multiplier ^ (multiplier >> 30)) &* 0xBF58_476D_1CE4_E5B9
  return (multiplier ^ (multiplier >> 27)) | 1
}
