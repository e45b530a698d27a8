import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// What is summed over X once, by sections of rows and by threads.
@Suite struct TotalsTests {
  private func counts(_ rows: Int, _ columns: Int) -> DenseMatrix<Double> {
    var random = SplitMix64(seed: UInt64(rows + columns))
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows { for j in 0..<columns { x[i, j] = Double(random.poisson(0.7)) } }
    return x
  }

  /// One section and eight, and rows that eight do not divide.
  @Test(arguments: [(1, 1), (3, 50), (131, 7), (1000, 3)])
  func `totals are those of a plain loop, whatever the storage and the threads`(
    _ rows: Int, _ columns: Int
  ) {
    let x = counts(rows, columns)
    var rowSums = [Double](repeating: 0, count: rows)
    var columnSums = [Double](repeating: 0, count: columns)
    for i in 0..<rows {
      for j in 0..<columns {
        rowSums[i] += x[i, j]
        columnSums[j] += x[i, j]
      }
    }
    let pool = ComputePool(threads: 3)
    defer { pool.shutDown() }
    for matrix in [DataMatrix.dense(x), .sparse(compress(x))] {
      for threads in [nil, pool] {
        let totals = Totals(matrix, pool: threads)
        // Sums of small whole numbers are exact in any order.
        #expect(totals.rowSums == rowSums)
        #expect(totals.columnSums == columnSums)
        #expect(totals.squares == x.elements.reduce(0) { $0 + $1 * $1 })
        #expect(totals.positiveCount == x.elements.filter { $0 > 0 }.count)
      }
    }
  }

  @Test func `log factorials of counts and of other numbers are summed in pieces`() {
    let pool = ComputePool(threads: 3)
    defer { pool.shutDown() }
    let values = (0..<40_000).map { [0, 1, 2, 5, 255, 256, 1000, 0.5, 2.25][$0 % 9] }
    let expected = values.reduce(0) { $0 + logGamma($1 + 1) }
    for sum in [
      sumOfLogFactorials(values, pool: pool),
      sumOfLogFactorials(values.map { Float($0) }, pool: pool),
    ] { #expect(abs(sum - expected) < 1e-12 * expected) }
    #expect(sumOfLogFactorials([Float](), pool: pool) == 0)
  }

  /// Enough entries that all cores share the work.
  @Test func `a large fingerprint does not depend on the storage, but on every place`() {
    var x = counts(700, 400)
    let fingerprint = DataMatrix.dense(x).fingerprint
    #expect(DataMatrix.sparse(compress(x)).fingerprint == fingerprint)
    #expect(DataMatrix.dense(x).converted(to: Float.self).fingerprint == fingerprint)
    let (last, before) = (x[699, 399], x[699, 398])
    x[699, 399] = before + 1
    x[699, 398] = last + 1
    #expect(DataMatrix.dense(x).fingerprint != fingerprint)
  }
}
