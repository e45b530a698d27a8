import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct ColumnPassTests {
  /// Chunks of which the last is short, blocks of 512 and of 256 columns, and a rank of several vectors.
  @Test(arguments: [(7, 5500, 3), (300, 5470, 5), (600, 5470, 18)])
  func `H is improved and XHᵀ formed, with the same bits at any number of threads`(
    _ rows: Int, _ columns: Int, _ rank: Int
  ) throws {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type, _ tolerance: Double) throws {
      var random = SplitMix64(seed: UInt64(rows))
      let x: DenseMatrix<Scalar> = uniform(rows, columns, &random)
      let w = Factor<Scalar>(uniform(rows, rank, &random))
      let start: DenseMatrix<Scalar> = uniform(columns, rank, &random)
      var results: [[Scalar]] = []
      for threads in [1, 2, 3, 8] {
        let pool = ComputePool(threads: threads)
        defer { pool.shutDown() }
        let products = Products(.dense(x), pool: pool)
        let pass = try #require(ColumnPass(products, rank: rank))
        let ht = Factor(start)
        let wtw = gram(w, pool: pool)
        pass.run(w: w, ht: ht, wtw: wtw.map { Scalar($0) }, step: .sweeps(2))
        results.append(ht.matrix.elements + pass.xht.matrix.elements)
        guard threads == 1 else { continue }
        // The same by the whole product.
        let expected = Factor(start)
        improveRows(
          expected, against: products.multiplyTransposed(w), gram: wtw.map { Scalar($0) },
          step: .sweeps(2), pool: pool)
        for (one, other) in zip(ht.matrix.elements, expected.matrix.elements) {
          #expect(abs(Double(one - other)) < 20 * tolerance)
        }
        let xht = products.multiply(ht)
        for (one, other) in zip(pass.xht.matrix.elements, xht.matrix.elements) {
          #expect(abs(Double(one - other)) <= tolerance * Double(columns))
        }
      }
      let areAlike = results.dropFirst().allSatisfy { $0 == results[0] }
      #expect(areAlike)
      #expect(results[0].prefix(columns * rank) != start.elements[...])
    }
    // In double 256 columns of 600 rows take more than a megabyte: such an X goes by rows.
    if rows < 600 { try check(Double.self, 1e-13) }
    try check(Float.self, 1e-5)
  }

  /// Sums of changes: what is kept from one run must be that of H, however often H changes.
  @Test func `XHᵀ follows H`() throws {
    let (rows, columns, rank) = (20, 5500, 5)
    var random = SplitMix64(seed: 1)
    let x: DenseMatrix<Float> = uniform(rows, columns, &random)
    let w = Factor<Float>(rows: rows, rank: rank)
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    let pass = try #require(ColumnPass(Products(.dense(x), pool: pool), rank: rank))
    pass.followH()
    for scale in [1, 1e-2, 1e-4] as [Float] {
      var h: DenseMatrix<Float> = uniform(columns, rank, &random)
      for j in 0..<columns { for k in 0..<rank { h[j, k] = 1 + scale * h[j, k] } }
      pass.run(w: w, ht: Factor(h), wtw: [], step: .keep)
      for i in 0..<rows {
        for k in 0..<rank {
          let sum = (0..<columns).reduce(0.0) { $0 + Double(x[i, $1]) * Double(h[$1, k]) }
          #expect(abs(Double(pass.xht[i, k]) - sum) < 2e-6 * sum)
        }
      }
    }
  }

  @Test func `it is for a wide dense X alone`() {
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    for (rows, columns) in [(20, 5461), (1025, 6000)] {
      let x = DenseMatrix<Float>(rows: rows, columns: columns)
      #expect(ColumnPass(Products(.dense(x), pool: pool), rank: 2) == nil)
    }
  }
}

func uniform<Scalar: MatrixScalar>(
  _ rows: Int, _ columns: Int, _ random: inout SplitMix64
) -> DenseMatrix<Scalar> {
  var matrix = DenseMatrix<Scalar>(rows: rows, columns: columns)
  for i in 0..<rows { for j in 0..<columns { matrix[i, j] = Scalar(random.uniform()) } }
  return matrix
}
