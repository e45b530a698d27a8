internal import Matrices

/// The running totals of one pass over the entries of some rows other than zero, row after row.
///
/// Zeros are known by what is not added, so that a sparse matrix costs what it stores.
struct MatrixScan {
  /// The shape of the whole matrix.
  let shape: Shape
  /// The totals of all columns together, zeros left out, once the scan is finished.
  private(set) var total = ColumnTotals()
  private(set) var nonIntegerCount = 0

  private var firstNonInteger: Entry?
  private var negatives = (count: 0, first: Entry?.none, worst: Entry?.none)
  private var infinities = (count: 0, first: Entry?.none)
  private var missing = (count: 0, first: Entry?.none, rows: 0)
  private var huge = (count: 0, largest: Entry?.none)
  private var zeroRows = (count: 0, first: [Int]())
  private var columns: [ColumnTotals]

  private var row = 0
  private var nonzerosInRow = 0
  private var missingInRow = 0
  private var rowHash: UInt64 = 0
  private var rowHashes: [UInt64?] = []

  /// Squares of entries beyond this overflow in single precision.
  static let hugeValue = 1e19

  /// A scan of the rows from `firstRow` on.
  init(shape: Shape, firstRow: Int = 0) {
    self.shape = shape
    row = firstRow
    columns = Array(repeating: ColumnTotals(), count: shape.columns)
  }

  mutating func beginRow() {
    nonzerosInRow = 0
    missingInRow = 0
    rowHash = 0
  }

  /// Adds an entry other than zero.
  @inline(__always)
  mutating func add(_ value: Double, row: Int, column: Int) {
    nonzerosInRow += 1
    guard value.isFinite else {
      addOddEntry(value, row: row, column: column)
      return
    }
    columns[column].add(value)
    rowHash &+= placeHash(value, column: column)
    if value < 0 { addNegative(value, row: row, column: column) }
    if value.magnitude < 0x1p53, Double(Int64(value)) != value {
      nonIntegerCount += 1
      if firstNonInteger == nil {
        firstNonInteger = Entry(row: row, column: column, value: value)
      }
    }
    if value.magnitude > Self.hugeValue { addHuge(value, row: row, column: column) }
  }

  /// Adds whole rows of finite entries, as `add` would entry by entry but for the totals of the columns.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func addRows<Scalar: MatrixScalar>(_ rows: [RowScan], _ values: Span<Scalar>) {
    let firstRow = row
    for scan in rows {
      beginRow()
      nonzerosInRow = scan.nonzeroCount
      rowHash = scan.hash
      nonIntegerCount += scan.nonIntegerCount
      endRow()
    }
    guard nonIntegerCount > 0, firstNonInteger == nil else { return }
    let first = values.indices.first { values[$0].rounded(.towardZero) != values[$0] }
    firstNonInteger = first.map {
      Entry(
        row: firstRow + $0 / shape.columns, column: $0 % shape.columns, value: Double(values[$0]))
    }
  }

  /// Adds the totals of the columns that `addRows` leaves out.
  mutating func add(_ rows: OrdinaryRows) {
    for column in columns.indices { columns[column].add(rows[column]) }
  }

  mutating func endRow() {
    if nonzerosInRow == 0 {
      zeroRows.count += 1
      if zeroRows.first.count < Inspection.listLength { zeroRows.first.append(row) }
    }
    if missingInRow > 0 { missing.rows += 1 }
    rowHashes.append(nonzerosInRow == 0 || missingInRow > 0 ? nil : rowHash)
    row += 1
  }

  /// Adds what a scan of the rows that come next has found.
  mutating func append(_ next: MatrixScan) {
    nonIntegerCount += next.nonIntegerCount
    firstNonInteger = firstNonInteger ?? next.firstNonInteger
    negatives.count += next.negatives.count
    negatives.first = negatives.first ?? next.negatives.first
    if let worst = next.negatives.worst, worst.value < negatives.worst?.value ?? 0 {
      negatives.worst = worst
    }
    infinities.count += next.infinities.count
    infinities.first = infinities.first ?? next.infinities.first
    missing.count += next.missing.count
    missing.first = missing.first ?? next.missing.first
    missing.rows += next.missing.rows
    huge.count += next.huge.count
    if let largest = next.huge.largest,
      largest.value.magnitude > huge.largest?.value.magnitude ?? 0
    {
      huge.largest = largest
    }
    zeroRows.count += next.zeroRows.count
    zeroRows.first = Array((zeroRows.first + next.zeroRows.first).prefix(Inspection.listLength))
    for column in columns.indices { columns[column].add(next.columns[column]) }
    rowHashes += next.rowHashes
    row = next.row
  }

  /// Puts the totals of the columns together.
  mutating func finish() {
    for column in columns { total.add(column) }
  }

  /// Entries other than zero; missing ones count.
  var nonzeroCount: Int { total.nonzeroCount + total.oddCount }

  /// Entries that are finite numbers, zeros included.
  var finiteCount: Int { shape.rows * shape.columns - total.oddCount }

  /// The smallest and the largest entry that is a finite number; nil when there is none.
  var range: ClosedRange<Double>? {
    guard finiteCount > 0 else { return nil }
    let hasZeros = nonzeroCount < shape.rows * shape.columns
    return hasZeros
      ? min(total.minimum, 0)...max(total.maximum, 0) : total.minimum...total.maximum
  }

  private mutating func addOddEntry(_ value: Double, row: Int, column: Int) {
    let entry = Entry(row: row, column: column, value: value)
    columns[column].oddCount += 1
    if value.isNaN {
      missing.count += 1
      missingInRow += 1
      columns[column].missingCount += 1
      if missing.first == nil { missing.first = entry }
    } else {
      infinities.count += 1
      if infinities.first == nil { infinities.first = entry }
    }
  }

  private mutating func addNegative(_ value: Double, row: Int, column: Int) {
    let entry = Entry(row: row, column: column, value: value)
    negatives.count += 1
    if negatives.first == nil { negatives.first = entry }
    if value < negatives.worst?.value ?? 0 { negatives.worst = entry }
  }

  private mutating func addHuge(_ value: Double, row: Int, column: Int) {
    huge.count += 1
    if value.magnitude > huge.largest?.value.magnitude ?? 0 {
      huge.largest = Entry(row: row, column: column, value: value)
    }
  }
}

extension MatrixScan {
  /// What the totals say, in no particular order.
  func findings() -> [Finding] {
    var findings: [Finding] = []
    if let first = negatives.first, let worst = negatives.worst {
      findings.append(.negatives(count: negatives.count, first: first, worst: worst))
    }
    if let first = missing.first {
      findings.append(
        .missing(
          count: missing.count, row: first.row, column: first.column, rowsAffected: missing.rows,
          columnsAffected: columns.count { $0.missingCount > 0 }))
    }
    if let first = infinities.first {
      findings.append(.infinities(count: infinities.count, first: first))
    }
    if zeroRows.count > 0 {
      findings.append(.zeroRows(count: zeroRows.count, first: zeroRows.first))
    }
    let zero = columns.indices.filter { columns[$0].nonzeroCount + columns[$0].oddCount == 0 }
    if !zero.isEmpty, shape.rows > 0 {
      findings.append(.zeroColumns(count: zero.count, first: firstFew(zero)))
    }
    let constant = columns.indices.filter { columns[$0].isConstant(rows: shape.rows) }
    if !constant.isEmpty, shape.rows > 1 {
      findings.append(.constantColumns(count: constant.count, first: firstFew(constant)))
    }
    if let firstNonInteger {
      findings.append(.nonIntegers(count: nonIntegerCount, first: firstNonInteger))
    }
    if let largest = huge.largest {
      findings.append(.hugeValues(count: huge.count, largest: largest))
    }
    if let unequal = unequalScales() { findings.append(unequal) }
    return findings
  }

  /// Rows that repeat an earlier one; equal hashes are confirmed by `areEqual`.
  func duplicateRows(areEqual: (Int, Int) -> Bool) -> Finding? {
    var firstRow: [UInt64: Int] = [:]
    firstRow.reserveCapacity(rowHashes.count)
    var count = 0
    var pairs: [RowPair] = []
    for (row, hash) in rowHashes.enumerated() {
      guard let hash else { continue }
      guard let earlier = firstRow[hash] else {
        firstRow[hash] = row
        continue
      }
      guard areEqual(earlier, row) else { continue }
      count += 1
      if pairs.count < Inspection.listLength {
        pairs.append(RowPair(first: earlier, second: row))
      }
    }
    return count > 0 ? .duplicateRows(count: count, first: pairs) : nil
  }

  /// The column that least squares would mostly be about, if there is one.
  private func unequalScales() -> Finding? {
    let deviations = columns.map { $0.standardDeviation(rows: shape.rows) }
    let varying = deviations.filter { $0 > 0 }
    guard varying.count >= 3, let largest = varying.max(),
      // Counted first: the median of many columns takes long to find, and is seldom this small.
      varying.count(where: { largest > 100 * $0 }) > varying.count / 2,
      let column = deviations.firstIndex(of: largest)
    else { return nil }
    return .unequalScales(
      column: column, ratio: largest / varying.sorted()[varying.count / 2])
  }

  private func firstFew(_ indices: [Int]) -> [Int] { Array(indices.prefix(Inspection.listLength)) }
}
