import Matrices
import Testing

/// Factors made from matrices.
@Suite struct FactorTests {
  /// Sizes on both sides of whole vectors, and of the rows that a task takes.
  @Test(arguments: [1, 15, 16, 17, 255, 256, 257, 530], [1, 7, 16, 33])
  func `a factor from a transpose has the numbers in their places`(rows: Int, rank: Int) {
    check(Float.self, rows, rank)
    check(Double.self, rows, rank)
  }

  private func check<Scalar: MatrixScalar>(_ type: Scalar.Type, _ rows: Int, _ rank: Int) {
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    var matrix = DenseMatrix<Scalar>(rows: rank, columns: rows)
    for k in 0..<rank {
      for i in 0..<rows { matrix[k, i] = Scalar(1 + i * rank + k) }
    }
    let factor = Factor(transposing: matrix, pool: pool)
    let expected = (0..<rows * rank).map { Scalar(1 + $0) }
    #expect(factor.matrix.elements == expected)
    // Padding stays zero: kernels read it.
    var padding: Scalar = 0
    for i in 0..<rows {
      for k in rank..<factor.stride { unsafe padding += factor.base[i * factor.stride + k] }
    }
    #expect(padding == 0)
  }
}
