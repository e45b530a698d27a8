internal import Matrices

/// Sums over X that do not change during a fit, in double.
struct Totals {
  private(set) var rowSums: [Double]
  private(set) var columnSums: [Double]
  private(set) var squares = 0.0
  /// How many entries are above zero.
  private(set) var positiveCount = 0

  /// - Parameters:
  ///   - x: The matrix; sums over sections of its rows are added in order, whatever the threads.
  ///   - pool: The threads that share the sections; nil for the caller alone.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>, pool: ComputePool? = nil) {
    rowSums = [Double](repeating: 0, count: x.rows)
    columnSums = [Double](repeating: 0, count: x.columns)
    // The sums of the columns that each section has are small beside it.
    let count = max(1, min(8, x.rows, x.storedValues.count / max(1, 16 * x.columns)))
    var sections = [SectionTotals](repeating: SectionTotals(), count: count)
    unsafe rowSums.withUnsafeMutableBufferPointer { rowSums in
      unsafe sections.withUnsafeMutableBufferPointer { sections in
        guard let rowSums = rowSums.baseAddress, let sections = sections.baseAddress else { return }
        func add(_ section: Int, _ thread: Int) {
          let rows = section * x.rows / count..<(section + 1) * x.rows / count
          // Safe: a section has totals of its own, and rows of its own.
          unsafe sections[section] = SectionTotals(x, rows: rows, rowSums: rowSums)
        }
        if let pool { pool.run(count, add) } else { for section in 0..<count { add(section, 0) } }
      }
    }
    for section in sections {
      squares += section.squares
      positiveCount += section.positiveCount
      for (column, sum) in section.columnSums.enumerated() { columnSums[column] += sum }
    }
  }
}

/// The same over some rows; their sums go to their places in `rowSums`.
private struct SectionTotals {
  var columnSums: [Double] = []
  var squares = 0.0
  var positiveCount = 0

  init() {}

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    _ x: DataMatrix<Scalar>, rows: Range<Int>, rowSums: UnsafeMutablePointer<Double>
  ) {
    var columnSums = [Double](repeating: 0, count: x.columns)
    unsafe x.storedValues.withUnsafeBufferPointer { values in
      unsafe columnSums.withUnsafeMutableBufferPointer { sums in
        guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
        switch x {
        case .dense(let x):
          for row in rows {
            // Safe: the row has `columns` entries, and so have the sums.
            unsafe rowSums[row] = addRow(values + row * x.columns, x.columns, to: sums)
          }
        case .sparse(let x):
          unsafe x.columnIndices.withUnsafeBufferPointer { columns in
            for row in rows {
              // Sums in registers: one in memory would wait for the columns' to be written.
              var (rowSum, rowSquares, positive) = (0.0, 0.0, 0)
              for index in x.rowOffsets[row]..<x.rowOffsets[row + 1] {
                // Safe: columns were checked when X was made.
                let value = unsafe Double(values[index])
                rowSum += value
                unsafe sums[Int(columns[index])] += value
                rowSquares += value * value
                positive += value > 0 ? 1 : 0
              }
              unsafe rowSums[row] = rowSum
              squares += rowSquares
              positiveCount += positive
            }
          }
        }
      }
    }
    self.columnSums = columnSums
  }

  /// Adds a dense row to the totals, and returns its sum. Four sums side by side wait less.
  @inline(__always)
  private mutating func addRow<Scalar: MatrixScalar>(
    _ row: UnsafePointer<Scalar>, _ count: Int, to columnSums: UnsafeMutablePointer<Double>
  ) -> Double {
    var sums = SIMD4<Double>()
    var squaresOfRow = SIMD4<Double>()
    let whole = count / 4 * 4
    for first in stride(from: 0, to: whole, by: 4) {
      let values = unsafe SIMD4(
        Double(row[first]), Double(row[first + 1]), Double(row[first + 2]), Double(row[first + 3]))
      sums += values
      squaresOfRow += values * values
      for lane in 0..<4 {
        unsafe columnSums[first + lane] += values[lane]
        positiveCount += values[lane] > 0 ? 1 : 0
      }
    }
    var (sum, rowSquares) = (sums.sum(), squaresOfRow.sum())
    for column in whole..<count {
      let value = unsafe Double(row[column])
      sum += value
      rowSquares += value * value
      unsafe columnSums[column] += value
      positiveCount += value > 0 ? 1 : 0
    }
    squares += rowSquares
    return sum
  }
}
