import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// XB and XᵀB against sums entry by entry.
@Suite struct ProductsTests {
  /// Tasks of columns that are one, few, whole and cut short; rows within and beyond a block.
  @Test(arguments: [(1, 1), (50, 63), (70, 65), (130, 200), (9, 1700), (800, 17)])
  func `both products are right, with the same bits at any number of threads`(
    _ rows: Int, _ columns: Int
  ) {
    check(Float.self, rows, columns, 1e-5)
    check(Double.self, rows, columns, 1e-13)
  }

  private func check<Scalar: MatrixScalar>(
    _ type: Scalar.Type, _ rows: Int, _ columns: Int, _ tolerance: Double
  ) {
    var random = SplitMix64(seed: UInt64(rows * columns))
    var x = DenseMatrix<Scalar>(rows: rows, columns: columns)
    for i in 0..<rows { for j in 0..<columns { x[i, j] = Scalar(random.uniform()) } }
    for rank in [1, 5, 17, 49] {
      func factor(_ rows: Int) -> Factor<Scalar> {
        let factor = Factor<Scalar>(rows: rows, rank: rank)
        for i in 0..<rows { for k in 0..<rank { factor[i, k] = Scalar(random.uniform()) } }
        return factor
      }
      let (tall, wide) = (factor(columns), factor(rows))
      var results: [[Scalar]] = []
      for threads in [1, 2, 3] {
        let pool = ComputePool(threads: threads)
        defer { pool.shutDown() }
        let products = Products(.dense(x), pool: pool)
        results.append(
          products.multiply(tall).matrix.elements
            + products.multiplyTransposed(wide).matrix.elements)
      }
      let areAlike = results.dropFirst().allSatisfy { $0 == results[0] }
      #expect(areAlike)
      var worst = 0.0
      for k in 0..<rank {
        for i in 0..<rows {
          let sum = (0..<columns).reduce(0.0) { $0 + Double(x[i, $1]) * Double(tall[$1, k]) }
          worst = max(worst, abs(Double(results[0][i * rank + k]) - sum) / sum)
        }
        for j in 0..<columns {
          let sum = (0..<rows).reduce(0.0) { $0 + Double(x[$1, j]) * Double(wide[$1, k]) }
          worst = max(worst, abs(Double(results[0][(rows + j) * rank + k]) - sum) / sum)
        }
      }
      #expect(worst < tolerance)
    }
  }
}
