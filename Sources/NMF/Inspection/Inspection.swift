public import Matrices
internal import Synchronization

/// What a matrix holds, and what is odd about it.
public struct Inspection: Sendable {
  /// N observations × p features.
  public let shape: Shape
  /// Whether only the entries other than zero are stored.
  public let isSparse: Bool
  /// Entries in memory: all of a dense matrix.
  public let storedCount: Int
  /// Entries other than zero; missing ones count.
  public let nonzeroCount: Int
  /// The smallest entry that is a finite number; nil when there is none.
  public let minimum: Double?
  /// The largest entry that is a finite number; nil when there is none.
  public let maximum: Double?
  /// The sum of the entries that are finite numbers.
  public let sum: Double
  /// Entries that are finite numbers, zeros included.
  public let finiteCount: Int
  /// Whether every finite entry is a whole number.
  public let isInteger: Bool
  /// What its owner should know, the gravest first.
  public let findings: [Finding]

  /// How many rows, columns or pairs a finding lists.
  public static let listLength = 5

  /// The share of entries other than zero, 0…1.
  public var density: Double {
    let count = shape.rows * shape.columns
    return count > 0 ? Double(nonzeroCount) / Double(count) : 0
  }

  /// The mean of the entries that are finite numbers; nil when there is none.
  public var mean: Double? { finiteCount > 0 ? sum / Double(finiteCount) : nil }

  /// The largest rank a fit accepts, max(N, p).
  public var largestRank: Int { max(shape.rows, shape.columns) }

  /// The rank from which any matrix of this shape can be fitted exactly, min(N, p).
  public var trivialRank: Int { min(shape.rows, shape.columns) }
}

/// Looks at every stored entry once and says what the matrix is and what is odd about it.
///
/// - Parameters:
///   - table: The matrix with the names of its rows and columns; it may hold anything.
///   - threads: How many threads look at a large matrix; nil means one a core.
/// - Returns: The numbers, and the findings ordered from the gravest.
/// - Complexity: O(stored entries + rows + columns); a sparse matrix stays sparse.
public func inspect<Scalar: MatrixScalar>(
  _ table: LabeledMatrix<Scalar>, threads: Int? = nil
) -> Inspection {
  var scan: MatrixScan
  switch table.matrix {
  case .dense(let x):
    // Every section has totals of its own for each column, which are small beside this many rows.
    scan = scanSections(x.rows / 128, of: table.matrix.shape, threads: threads) {
      scanRows($0, of: x)
    }
  case .sparse(let x):
    // The same, beside this many entries.
    let sections = x.storedCount / max(1, 16 * x.columns)
    scan = scanSections(sections, of: table.matrix.shape, threads: threads) { scanRows($0, of: x) }
  }
  scan.finish()
  var findings = scan.findings()
  let repeated = scan.duplicateRows { first, second in
    rowsAreEqual(first, second, of: table.matrix)
  }
  if let repeated { findings.append(repeated) }
  let evidence = orientationEvidence(rowNames: table.rowNames, columnNames: table.columnNames)
  if let evidence { findings.append(.transposed(evidence: evidence)) }
  let order: [Finding.Severity] = [.error, .warning, .remark]
  return Inspection(
    shape: table.matrix.shape, isSparse: table.matrix.isSparse,
    storedCount: table.matrix.storedCount, nonzeroCount: scan.nonzeroCount,
    minimum: scan.range?.lowerBound, maximum: scan.range?.upperBound,
    sum: scan.total.sum, finiteCount: scan.finiteCount, isInteger: scan.nonIntegerCount == 0,
    findings: order.flatMap { severity in findings.filter { $0.severity == severity } })
}

/// Scans up to eight sections of rows, whose number depends on the matrix alone, as sums over them are added in
/// order.
private func scanSections(
  _ count: Int, of shape: Shape, threads: Int?, _ scan: (Range<Int>) -> MatrixScan
) -> MatrixScan {
  let sections = max(1, min(8, count, shape.rows))
  let scans = Mutex([MatrixScan?](repeating: nil, count: sections))
  let pool = ComputePool(threads: min(sections, threads ?? ComputePool.coreCount))
  pool.run(sections) { section, _ in
    let found = scan(section * shape.rows / sections..<(section + 1) * shape.rows / sections)
    scans.withLock { $0[section] = found }
  }
  var whole = MatrixScan(shape: shape)
  for case let scan? in scans.withLock({ $0 }) { whole.append(scan) }
  return whole
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scanRows<Scalar: MatrixScalar>(
  _ rows: Range<Int>, of x: DenseMatrix<Scalar>
) -> MatrixScan {
  var scan = MatrixScan(
    shape: Shape(x.rows, x.columns), firstRow: rows.lowerBound)
  var ordinary = OrdinaryRows(columns: x.columns)
  let elements = x.elements.span
  for first in stride(from: rows.lowerBound, to: rows.upperBound, by: RowScan.rows) {
    let some = first..<min(first + RowScan.rows, rows.upperBound)
    let values = elements.extracting(some.lowerBound * x.columns..<some.upperBound * x.columns)
    if let found = ordinary.add(values, rows: some.count, largest: MatrixScan.hugeValue) {
      scan.addRows(found, values)
      continue
    }
    for row in some {
      scan.beginRow()
      for column in 0..<x.columns {
        let value = Double(elements[row * x.columns + column])
        if value != 0 { scan.add(value, row: row, column: column) }
      }
      scan.endRow()
    }
  }
  scan.add(ordinary)
  return scan
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scanRows<Scalar: MatrixScalar>(
  _ rows: Range<Int>, of x: SparseMatrix<Scalar>
) -> MatrixScan {
  var scan = MatrixScan(shape: Shape(x.rows, x.columns), firstRow: rows.lowerBound)
  let values = x.values.span
  let columns = x.columnIndices.span
  for row in rows {
    scan.beginRow()
    for index in x.rowOffsets[row]..<x.rowOffsets[row + 1] where values[index] != 0 {
      scan.add(Double(values[index]), row: row, column: Int(columns[index]))
    }
    scan.endRow()
  }
  return scan
}

extension DataMatrix {
  fileprivate var isSparse: Bool {
    if case .sparse = self { true } else { false }
  }

  fileprivate var storedCount: Int {
    switch self {
    case .dense(let x): x.elements.count
    case .sparse(let x): x.storedCount
    }
  }
}

/// Whether two rows hold the same entries; a missing entry equals nothing.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func rowsAreEqual<Scalar: MatrixScalar>(
  _ first: Int, _ second: Int, of x: DataMatrix<Scalar>
) -> Bool {
  switch x {
  case .dense(let x):
    let elements = x.elements.span
    for column in 0..<x.columns
    where elements[first * x.columns + column] != elements[second * x.columns + column] {
      return false
    }
    return true
  case .sparse(let x):
    let values = x.values.span
    let columns = x.columnIndices.span
    let begin = x.rowOffsets[first]
    let offset = x.rowOffsets[second] - begin
    guard x.rowOffsets[first + 1] + offset == x.rowOffsets[second + 1] else { return false }
    for index in begin..<x.rowOffsets[first + 1]
    where columns[index] != columns[index + offset] || values[index] != values[index + offset] {
      return false
    }
    return true
  }
}
