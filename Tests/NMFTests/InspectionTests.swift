import Matrices
import NMF
import Testing

@Suite struct InspectionTests {
  static func table(
    _ rows: [[Double]], rowNames: [String]? = nil, columnNames: [String]? = nil
  ) throws -> LabeledMatrix<Double> {
    let matrix = try DenseMatrix(
      rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap(\.self))
    return LabeledMatrix(.dense(matrix), rowNames: rowNames, columnNames: columnNames)
  }

  static func sparse(_ table: LabeledMatrix<Double>) throws -> LabeledMatrix<Double> {
    var rows: [Int32] = []
    var columns: [Int32] = []
    var values: [Double] = []
    for i in 0..<table.matrix.rows {
      for j in 0..<table.matrix.columns where table.matrix[i, j] != 0 {
        rows.append(Int32(i))
        columns.append(Int32(j))
        values.append(table.matrix[i, j])
      }
    }
    let matrix = SparseMatrix.summingDuplicates(
      rows: table.matrix.rows, columns: table.matrix.columns, rowIndices: rows,
      columnIndices: columns, values: values
    ).matrix
    return LabeledMatrix(
      .sparse(matrix), rowNames: table.rowNames, columnNames: table.columnNames)
  }

  @Test func `a clean table of counts has its numbers and no findings`() throws {
    let inspection = inspect(try Self.table([[1, 0, 2], [0, 3, 1]]))
    #expect(inspection.shape == Shape(2, 3))
    #expect(inspection.storedCount == 6)
    #expect(inspection.nonzeroCount == 4)
    #expect(inspection.density == 4.0 / 6.0)
    #expect(inspection.minimum == 0)
    #expect(inspection.maximum == 3)
    #expect(inspection.sum == 7)
    #expect(inspection.mean == 7.0 / 6.0)
    #expect(inspection.isInteger)
    #expect(inspection.findings.isEmpty)
    #expect(inspection.largestRank == 3)
    #expect(inspection.trivialRank == 2)
  }

  @Test func `negatives missing and infinite entries are counted and placed`() throws {
    let inspection = inspect(
      try Self.table([[1, -2, .nan], [-5, 3, .infinity], [4, .nan, .nan]]))
    let negatives = Finding.negatives(
      count: 2, first: Entry(row: 0, column: 1, value: -2),
      worst: Entry(row: 1, column: 0, value: -5))
    #expect(
      inspection.findings == [
        negatives,
        .missing(count: 3, row: 0, column: 2, rowsAffected: 2, columnsAffected: 2),
        .infinities(count: 1, first: Entry(row: 1, column: 2, value: .infinity)),
      ])
    #expect(inspection.findings.allSatisfy { $0.severity == .error })
    #expect(inspection.minimum == -5)
    #expect(inspection.maximum == 4)
  }

  @Test func `zero rows, zero columns, constant columns and repeated rows are found`() throws {
    let inspection = inspect(
      try Self.table([[1, 0, 7, 2], [1, 0, 7, 2], [4, 0, 7, 1], [1, 0, 7, 2]]))
    #expect(
      inspection.findings == [
        .zeroColumns(count: 1, first: [1]),
        .constantColumns(count: 1, first: [2]),
        .duplicateRows(
          count: 2, first: [RowPair(first: 0, second: 1), RowPair(first: 0, second: 3)]),
      ])
    let withZeroRow = inspect(try Self.table([[0, 0], [1, 2], [0, 0]]))
    #expect(withZeroRow.findings == [.zeroRows(count: 2, first: [0, 2])])
  }

  @Test func `a long list is cut and its count is not`() throws {
    let inspection = inspect(
      try Self.table([[1] + Array(repeating: 0, count: 40), Array(repeating: 0, count: 41)]))
    #expect(inspection.findings.contains(.zeroColumns(count: 40, first: [1, 2, 3, 4, 5])))
  }

  @Test func `numbers that are not whole are a remark`() throws {
    let inspection = inspect(try Self.table([[1, 2.5], [0.25, 3]]))
    #expect(
      inspection.findings == [.nonIntegers(count: 2, first: Entry(row: 0, column: 1, value: 2.5))])
    #expect(inspection.findings.first?.severity == .remark)
    #expect(!inspection.isInteger)
  }

  @Test func `a column on another scale is a remark`() throws {
    let inspection = inspect(
      try Self.table([[1, 2, 50000, 1], [2, 1, 10, 3], [3, 3, 9000, 2]]))
    guard case .unequalScales(let column, let ratio)? = inspection.findings.first else {
      Issue.record("expected unequal scales, found \(inspection.findings)")
      return
    }
    #expect(column == 2)
    #expect(ratio > 100)
  }

  @Test func `values whose squares overflow are a warning`() throws {
    let inspection = inspect(try Self.table([[1, 2e30], [2, 3]]))
    #expect(
      inspection.findings.contains(
        .hugeValues(count: 1, largest: Entry(row: 0, column: 1, value: 2e30))))
  }

  @Test func `sparse and dense storage of one matrix are found to be the same`() throws {
    let dense = try Self.table([
      [1, 0, -2, 0], [0, .nan, 0, 0], [0, 0, 0, 0], [3.5, 0, 1, 0], [3.5, 0, 1, 0],
    ])
    let one = inspect(dense)
    let other = inspect(try Self.sparse(dense))
    #expect(other.isSparse && !one.isSparse)
    #expect(one.findings == other.findings)
    #expect(one.sum == other.sum)
    #expect(one.minimum == other.minimum)
    #expect(one.nonzeroCount == other.nonzeroCount)
    #expect(one.finiteCount == other.finiteCount)
    #expect(other.storedCount == 7)
  }

  @Test func `sections of a tall matrix are put together as one`() throws {
    // Multiples of a quarter, so that sums are exact in any order.
    var rows = [[Double]](repeating: [Double](repeating: 0, count: 7), count: 1200)
    for i in rows.indices {
      for j in rows[i].indices { rows[i][j] = 1 + Double((i * 37 + j * 11) % 97) / 4 }
    }
    rows[1000] = rows[100]
    rows[5] = [Double](repeating: 0, count: 7)
    rows[800] = rows[5]
    rows[300][2] = -1
    rows[900][6] = -4.5
    rows[640][0] = .nan
    rows[650][4] = .nan
    rows[1100][5] = .infinity
    var table = try Self.table(rows)
    var sparse = inspect(try Self.sparse(table))
    let entries = rows.joined()
    for threads in [1, 3] {
      #expect(inspect(try Self.sparse(table), threads: threads).findings == sparse.findings)
      let dense = inspect(table, threads: threads)
      #expect(dense.findings == sparse.findings)
      #expect(dense.sum == entries.filter(\.isFinite).reduce(0, +))
      #expect(dense.sum == sparse.sum)
      #expect(dense.nonzeroCount == entries.count { $0 != 0 })
      #expect(dense.minimum == -4.5 && dense.maximum == sparse.maximum)
      #expect(dense.nonzeroCount == sparse.nonzeroCount)
      #expect(dense.finiteCount == sparse.finiteCount)
    }
    rows[20][3] = 2e25
    rows[990][1] = 5e25
    table = try Self.table(rows)
    sparse = inspect(try Self.sparse(table))
    #expect(inspect(table).findings == sparse.findings)
    let expected = [
      Finding.zeroRows(count: 2, first: [5, 800]),
      .missing(count: 2, row: 640, column: 0, rowsAffected: 2, columnsAffected: 2),
      .infinities(count: 1, first: Entry(row: 1100, column: 5, value: .infinity)),
      .hugeValues(count: 2, largest: Entry(row: 990, column: 1, value: 5e25)),
    ]
    for finding in expected { #expect(sparse.findings.contains(finding)) }
  }

  @Test func `an empty matrix is inspected without complaint`() throws {
    let inspection = inspect(LabeledMatrix(.dense(DenseMatrix<Float>(rows: 0, columns: 0))))
    #expect(inspection.minimum == nil)
    #expect(inspection.mean == nil)
    #expect(inspection.density == 0)
    #expect(inspection.findings.isEmpty)
  }

  @Test(arguments: [
    (["GENE1", "GENE2", "GENE3"], ["AAACATACAACCAC-1", "AAACATTGAGCTAC-1", "AAACATTGATCAGC-1"]),
    (["ENSG00000141510", "ENSG00000141511.2", "ENSG00000141512"], ["a", "b", "c"]),
    (["M25079_s_at", "X00437_s_at", "X57351_s_at"], ["ALL_1", "ALL_2", "AML_3"]),
    (["x", "y", "z"], ["GSM1", "GSM2", "GSM3"]),
  ])
  func `features in rows are suspected by their names`(rows: [String], columns: [String]) throws {
    let counts: [[Double]] = [[1, 2, 4], [2, 1, 9], [3, 5, 1]]
    let wrong = try Self.table(counts, rowNames: rows, columnNames: columns)
    #expect(inspect(wrong).findings.contains { if case .transposed = $0 { true } else { false } })
    #expect(inspect(wrong.transposed()).findings.isEmpty)
  }

  @Test func `ordinary names raise no suspicion`() throws {
    let table = try Self.table(
      [[1, 2, 4], [2, 1, 9], [3, 5, 1]], rowNames: ["Anna", "Ben", "Carl"],
      columnNames: ["height", "cell count", "sample size"])
    #expect(inspect(table).findings.isEmpty)
  }
}
