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
          var totals = [0.0, 0.0, 0.0]
          for row in rows {
            // Safe: the row has `columns` entries, and so have the sums.
            unsafe Scalar._kernels.addTotals(
              x.columns, values + row * x.columns, sums, &totals)
            unsafe rowSums[row] = totals[0]
            squares += totals[1]
            positiveCount += Int(totals[2])
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
}
