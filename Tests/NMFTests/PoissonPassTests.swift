import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Half-steps of a dense X, whose few columns take several lanes of a vector each.
@Suite struct PoissonPassTests {
  static let shapes = [
    (255, 7), (256, 1), (700, 10), (1101, 13), (513, 40), (1030, 61), (530, 130),
  ]

  @Test(arguments: shapes) func `columns move as rows of the transpose do`(
    _ rows: Int, _ columns: Int
  ) {
    check(Float.self, rows, columns, 2e-4)
    check(Double.self, rows, columns, 1e-11)
  }

  private func check<Scalar: MatrixScalar>(
    _ type: Scalar.Type, _ rows: Int, _ columns: Int, _ tolerance: Double
  ) {
    let rank = 5
    var random = SplitMix64(seed: UInt64(rows * columns))
    var x = DenseMatrix<Scalar>(rows: rows, columns: columns)
    var turned = DenseMatrix<Scalar>(rows: columns, columns: rows)
    for i in 0..<rows {
      for j in 0..<columns {
        x[i, j] = Scalar(random.poisson(1))
        turned[j, i] = x[i, j]
      }
    }
    func factor(_ rows: Int) -> Factor<Scalar> {
      let factor = Factor<Scalar>(rows: rows, rank: rank)
      for i in 0..<rows { for k in 0..<rank { factor[i, k] = Scalar(0.1 + random.uniform()) } }
      return factor
    }
    let (w, start) = (factor(rows), factor(columns))
    for mode in [PoissonMode.evaluate, .multiply, .coordinates] {
      func half(
        _ x: DenseMatrix<Scalar>, _ side: PoissonPass<Scalar>.Side, threads: Int
      ) -> (moved: Factor<Scalar>, sums: PoissonSums) {
        let pool = ComputePool(threads: threads)
        defer { pool.shutDown() }
        let pass = PoissonPass(Products(.dense(x), pool: pool), rank: rank)
        // What a longer step of the other side has left behind must not show.
        if side == .parts {
          _ = pass.run(.evaluate, .memberships, factor: w, other: start, measures: true)
        }
        let moved = start.copied(pool: pool)
        let sums = pass.run(mode, side, factor: moved, other: w, sweeps: 3, measures: true)
        return (moved, sums)
      }
      let expected = half(turned, .memberships, threads: 1)
      let one = half(x, .parts, threads: 1)
      for j in 0..<columns {
        for k in 0..<rank {
          let (now, wanted) = (Double(one.moved[j, k]), Double(expected.moved[j, k]))
          #expect(abs(now - wanted) <= tolerance * (1 + wanted))
        }
      }
      #expect(abs(one.sums.xLogV - expected.sums.xLogV) <= tolerance * abs(expected.sums.xLogV))
      #expect(abs(one.sums.moved - expected.sums.moved) <= tolerance * (1 + expected.sums.moved))
      let three = half(x, .parts, threads: 3)
      #expect(three.moved.matrix.elements == one.moved.matrix.elements)
      #expect(three.sums.xLogV == one.sums.xLogV && three.sums.moved == one.sums.moved)
    }
  }
}
