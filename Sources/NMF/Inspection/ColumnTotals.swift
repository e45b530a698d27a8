/// The totals of one column over its finite entries; `minimum` and `maximum` may leave zeros out.
struct ColumnTotals {
  var nonzeroCount = 0
  var oddCount = 0
  var missingCount = 0
  var sum = 0.0
  var sumOfSquares = 0.0
  var minimum = Double.infinity
  var maximum = -Double.infinity

  @inline(__always)
  mutating func add(_ value: Double) {
    nonzeroCount += value != 0 ? 1 : 0
    sum += value
    sumOfSquares += value * value
    minimum = value < minimum ? value : minimum
    maximum = value > maximum ? value : maximum
  }

  mutating func add(_ other: ColumnTotals) {
    nonzeroCount += other.nonzeroCount
    oddCount += other.oddCount
    missingCount += other.missingCount
    sum += other.sum
    sumOfSquares += other.sumOfSquares
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }

  /// Whether every row has the same finite value other than zero.
  func isConstant(rows: Int) -> Bool { nonzeroCount == rows && minimum == maximum }

  /// The standard deviation over all rows, zeros included.
  func standardDeviation(rows: Int) -> Double {
    guard rows > 0, !isConstant(rows: rows) else { return 0 }
    let mean = sum / Double(rows)
    return max(0, sumOfSquares / Double(rows) - mean * mean).squareRoot()
  }
}
