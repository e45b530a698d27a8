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

  /// As many rows as 16 bits can number, and one more.
  @Test(arguments: [1 << 16, 1 << 16 + 1])
  func `columns of a sparse X are the same however their rows are numbered`(_ rows: Int) throws {
    var random = SplitMix64(seed: UInt64(rows))
    let (columns, rank) = (40, 3)
    // Few entries in most rows; the last row has one in every column.
    var offsets = [0]
    var indices: [Int32] = []
    for i in 0..<rows {
      indices += i == rows - 1 ? (0..<40).map(Int32.init) : [Int32(i % columns)]
      offsets.append(indices.count)
    }
    let values = indices.map { _ in Float(1 + random.uniform()) }
    let x = try SparseMatrix(
      rows: rows, columns: columns, rowOffsets: offsets, columnIndices: indices, values: values)
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    let products = Products(.sparse(x), pool: pool)
    #expect(products.transposed?.isNarrow == (rows <= 1 << 16))
    let w = Factor<Float>(rows: rows, rank: rank)
    // The last row outweighs all others: its number must be right.
    for i in 0..<rows {
      for k in 0..<rank { w[i, k] = Float((i == rows - 1 ? 1000 : 1) * random.uniform()) }
    }
    let found = products.multiplyTransposed(w)
    // One sweep of least squares with the identity as Gram matrix leaves the products themselves.
    let swept = Factor<Float>(rows: columns, rank: rank)
    var identity = [Float](repeating: 0, count: rank * swept.stride)
    for k in 0..<rank { identity[k * swept.stride + k] = 1 }
    _ = improveRows(
      swept, of: try #require(products.transposed), against: w, gram: identity, step: .sweeps(1),
      pool: pool)
    var sums = [[Double]](repeating: [Double](repeating: 0, count: rank), count: columns)
    for i in 0..<rows {
      for index in offsets[i]..<offsets[i + 1] {
        for k in 0..<rank {
          sums[Int(indices[index])][k] += Double(values[index]) * Double(w[i, k])
        }
      }
    }
    for j in 0..<columns {
      for k in 0..<rank {
        #expect(abs(Double(found[j, k]) - sums[j][k]) <= 1e-4 * sums[j][k])
        #expect(abs(Double(swept[j, k]) - sums[j][k]) <= 1e-4 * sums[j][k])
      }
    }
  }

  /// The Poisson half-step of the columns is that of the rows of the transpose, which are numbered by 32 bits.
  @Test func `a half-step of columns is one of rows of the transpose`() {
    var random = SplitMix64(seed: 3)
    let (rows, columns, rank) = (700, 90, 20)
    var (rowIndices, columnIndices): ([Int32], [Int32]) = ([], [])
    for i in 0..<rows {
      // The first columns are too long to lie side by side.
      for j in 0..<columns where j < 3 || random.uniform() < 0.1 {
        rowIndices.append(Int32(i))
        columnIndices.append(Int32(j))
      }
    }
    let sparse = SparseMatrix<Double>.summingDuplicates(
      rows: rows, columns: columns, rowIndices: rowIndices, columnIndices: columnIndices,
      values: rowIndices.map { _ in Double(1 + random.poisson(2)) }
    ).matrix
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    func factor(_ rows: Int) -> Factor<Double> {
      let factor = Factor<Double>(rows: rows, rank: rank)
      for i in 0..<rows { for k in 0..<rank { factor[i, k] = 0.1 + random.uniform() } }
      return factor
    }
    let (w, ht) = (factor(rows), factor(columns))
    let turned = ht.copied(pool: pool)
    let one = PoissonPass(Products(.sparse(sparse), pool: pool), rank: rank).run(
      .coordinates, .parts, factor: ht, other: w, sweeps: 2, measures: true)
    let other = PoissonPass(Products(.sparse(sparse.transposed()), pool: pool), rank: rank).run(
      .coordinates, .memberships, factor: turned, other: w, sweeps: 2, measures: true)
    #expect(ht.matrix.elements == turned.matrix.elements)
    #expect(one.xLogV == other.xLogV)
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
