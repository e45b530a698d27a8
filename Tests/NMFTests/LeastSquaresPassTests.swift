import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct LeastSquaresPassTests {
  /// One panel, several, and chunks of rows of which the last is short; rows long enough for dot products.
  @Test(arguments: [
    (50, 9, 3), (960, 9, 3), (1900, 9, 3), (1921, 9, 3), (4000, 9, 3), (9607, 9, 3), (61, 275, 10),
    (1921, 260, 12),
  ])
  func `both products are right, with the same bits at any number of threads`(
    _ rows: Int, _ columns: Int, _ rank: Int
  ) {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type, _ tolerance: Double) {
      var random = SplitMix64(seed: UInt64(rows))
      let x: DenseMatrix<Scalar> = filled(rows, columns, &random)
      let w: DenseMatrix<Scalar> = filled(rows, rank, &random)
      let ht: DenseMatrix<Scalar> = filled(columns, rank, &random)
      var results: [[Scalar]] = []
      for threads in [1, 2, 3, 8] {
        let pool = ComputePool(threads: threads)
        defer { pool.shutDown() }
        let products = Products(.dense(x), pool: pool)
        let pass = LeastSquaresPass(products, rank: rank, keepsProducts: true)
        let held = Factor(ht)
        // Twice, as nothing of an earlier pass may be left in the sums.
        for _ in 0..<2 {
          pass.run(
            w: Factor(w), ht: held, hht: [Scalar](repeating: 0, count: rank * held.stride),
            step: .keep)
        }
        results.append(pass.xtw.matrix.elements + pass.xht.matrix.elements)
        // The same where XHᵀ is not formed.
        let alone = products.multiplyTransposedByPanels(Factor(w))
        #expect(alone.matrix.elements == pass.xtw.matrix.elements)
      }
      let areAlike = results.dropFirst().allSatisfy { $0 == results[0] }
      #expect(areAlike)
      for k in 0..<rank {
        for j in 0..<columns {
          let sum = (0..<rows).reduce(0.0) { $0 + Double(x[$1, j]) * Double(w[$1, k]) }
          #expect(abs(Double(results[0][j * rank + k]) - sum) < tolerance * sum)
        }
        for i in 0..<rows {
          let sum = (0..<columns).reduce(0.0) { $0 + Double(x[i, $1]) * Double(ht[$1, k]) }
          #expect(abs(Double(results[0][(columns + i) * rank + k]) - sum) < tolerance * sum)
        }
      }
    }
    check(Float.self, 2e-6)
    check(Double.self, 1e-13)
  }

  /// Without room for all products, threads and chunks each have a place of their own in what there is.
  @Test(arguments: [100, 960, 1500, 1921, 4000])
  func `rows are improved alike, whether or not all products are kept`(_ rows: Int) {
    // Long rows, so that threads that shared a place would meet in it.
    let (columns, rank) = (700, 5)
    var random = SplitMix64(seed: UInt64(rows))
    let x: DenseMatrix<Float> = filled(rows, columns, &random)
    let start: DenseMatrix<Float> = filled(rows, rank, &random)
    let ht: DenseMatrix<Float> = filled(columns, rank, &random)
    var results: [[Float]] = []
    for (threads, keeps) in [(1, true), (1, false), (2, false), (3, false), (8, false)] {
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let pass = LeastSquaresPass(
        Products(.dense(x), pool: pool), rank: rank, keepsProducts: keeps)
      let (w, held) = (Factor(start), Factor(ht))
      pass.run(
        w: w, ht: held, hht: gram(held, pool: pool).map { Float($0) }, step: .sweeps(2))
      results.append(w.matrix.elements + pass.xtw.matrix.elements)
    }
    #expect(results[0].prefix(rows * rank) != start.elements[...])
    let areAlike = results.dropFirst().allSatisfy { $0 == results[0] }
    #expect(areAlike)
  }

  /// Sums of changes: what is kept from one pass must be that of W, however often W changes.
  @Test(arguments: [100, 960, 1921])
  func `XᵀW follows W, with the same bits at any number of threads`(_ rows: Int) {
    let (columns, rank) = (70, 5)
    var random = SplitMix64(seed: UInt64(rows))
    let x: DenseMatrix<Float> = filled(rows, columns, &random)
    let held = Factor<Float>(filled(columns, rank, &random))
    let steps: [DenseMatrix<Float>] = [1, 1e-2, 1e-4].map {
      filled(rows, rank, from: 1, by: $0, &random)
    }
    var results: [[Float]] = []
    for threads in [1, 2, 3, 8] {
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let pass = LeastSquaresPass(Products(.dense(x), pool: pool), rank: rank)
      pass.run(w: Factor(steps[2]), ht: held, hht: [], step: .keep)
      pass.followW()
      for w in steps {
        pass.run(w: Factor(w), ht: held, hht: [], step: .keep)
        results.append(pass.xtw.matrix.elements)
      }
    }
    for place in steps.indices {
      let areAlike = (1..<4).allSatisfy { results[3 * $0 + place] == results[place] }
      #expect(areAlike)
      for j in 0..<columns {
        for k in 0..<rank {
          let sum = (0..<rows).reduce(0.0) { $0 + Double(x[$1, j]) * Double(steps[place][$1, k]) }
          #expect(abs(Double(results[place][j * rank + k]) - sum) < 2e-6 * sum)
        }
      }
    }
  }

  /// Shares of rows that threads take from a short last super-block are of any length.
  @Test(arguments: [60, 112, 400, 1000], [5, 20, 40])
  func `what is left of X is right, with the same bits at any number of threads`(
    _ rows: Int, _ rank: Int
  ) {
    let columns = 2900
    var random = SplitMix64(seed: UInt64(rows + rank))
    let x: DenseMatrix<Float> = filled(rows, columns, &random)
    let w: DenseMatrix<Float> = filled(rows, rank, by: 0.1, &random)
    let ht: DenseMatrix<Float> = filled(columns, rank, &random)
    var squares: [Double] = []
    for threads in [1, 2, 3] {
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let products = Products(.dense(x), pool: pool)
      let pass = LeastSquaresPass(products, rank: rank)
      pass.run(w: Factor(w), ht: Factor(ht), hht: [], step: .residual(sweeps: 0))
      squares.append(pass.squaredResidual)
      let direct = squaredResidual(x, w: Factor(w), ht: Factor(ht), pool: pool)
      #expect(abs(pass.squaredResidual - direct) < 1e-5 * direct)
    }
    #expect(squares.allSatisfy { $0 == squares[0] })
  }
}

/// Uniform numbers from `least` on, up to `scale` above it.
private func filled<Scalar: MatrixScalar>(
  _ rows: Int, _ columns: Int, from least: Double = 0, by scale: Double = 1,
  _ random: inout SplitMix64
) -> DenseMatrix<Scalar> {
  var matrix = DenseMatrix<Scalar>(rows: rows, columns: columns)
  for i in 0..<rows {
    for j in 0..<columns { matrix[i, j] = Scalar(least + scale * random.uniform()) }
  }
  return matrix
}
