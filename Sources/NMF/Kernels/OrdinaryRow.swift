internal import Matrices

/// The totals of a row of a dense matrix whose entries are all finite, at least zero and not huge.
struct OrdinaryRow {
  private(set) var nonzeroCount = 0
  private(set) var nonIntegerCount = 0
  private(set) var sum = 0.0
  private(set) var minimum = Double.infinity
  private(set) var maximum = 0.0
  /// The sum of the entries' hashes.
  private(set) var hash: UInt64 = 0

  /// Sums a row up, and adds it to the totals of the columns; nil, and nothing added, if it is not
  /// ordinary.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init?<Scalar: MatrixScalar>(
    _ values: Span<Scalar>, largest: Double, columns: inout [ColumnTotals]
  ) {
    precondition(columns.count == values.count, "one total a column is needed")
    // Without a way out of the loop, several entries are compared at a time.
    var odd = 0
    for column in values.indices {
      odd |= values[column] >= 0 && Double(values[column]) <= largest ? 0 : 1
    }
    guard odd == 0 else { return nil }
    unsafe values.withUnsafeBufferPointer { values in
      unsafe columns.withUnsafeMutableBufferPointer { columns in
        guard let values = values.baseAddress, let base = columns.baseAddress else { return }
        for column in 0..<columns.count {
          // Safe: there is one value and one total a column. Zero is added to lose its sign.
          let value = unsafe Double(values[column]) + 0
          sum += value
          minimum = value < minimum ? value : minimum
          maximum = value > maximum ? value : maximum
          hash &+= placeHash(value, column: column)
          // Beyond 2⁵² all doubles are whole; below, this sum is rounded to a whole number.
          nonIntegerCount += value < 0x1p52 && (value + 0x1p52) - 0x1p52 != value ? 1 : 0
          nonzeroCount += value != 0 ? 1 : 0
          unsafe base[column].add(value)
        }
      }
    }
  }
}

/// A hash of an entry at its place in a row, 0 for zero.
///
/// Entries of equal rows have equal sums; rows that are taken for each other cost a comparison.
@inline(__always)
func placeHash(_ value: Double, column: Int) -> UInt64 {
  let bits = value.bitPattern
  // The finaliser of SplitMix64 makes multipliers of the columns.
  var multiplier = UInt64(truncatingIfNeeded: column) &* 0x9E37_79B9_7F4A_7C15
  multiplier = (multiplier ^ (multiplier >> 30)) &* 0xBF58_476D_1CE4_E5B9
  multiplier = (multiplier ^ (multiplier >> 27)) | 1
  return (bits ^ (bits >> 32)) &* multiplier
}
