import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Products of factors with the same rows, against sums entry by entry.
@Suite struct FactorProductsTests {
  /// One panel and a row less or more, one piece a panel, several panels a piece, and pieces of unequal length.
  @Test(arguments: [1, 63, 64, 65, 257, 1000, 1025, 1797, 5000, 70_001])
  func `no row is left out, with the same bits at any number of threads`(_ rows: Int) {
    for (rank, other) in rows < 2000 ? [(3, 5), (49, 17)] : [(3, 5)] {
      let (a, b) = (factor(rows, rank), factor(rows, other))
      var sums = (gram: [Double](), cross: [Double]())
      for threads in [1, 2, 3] {
        let pool = ComputePool(threads: threads)
        defer { pool.shutDown() }
        let now = (gram: gram(a, pool: pool), cross: crossProduct(a, b, pool: pool))
        if threads > 1 {
          #expect(now.gram == sums.gram && now.cross == sums.cross)
        } else {
          #expect(isClose(now.gram, a, a, stride: a.stride))
          #expect(isClose(gram(a, isExact: true, pool: pool), a, a, stride: a.stride))
          #expect(isClose(now.cross, a, b, stride: other))
        }
        sums = now
      }
    }
  }

  private func factor(_ rows: Int, _ rank: Int) -> Factor<Float> {
    var random = SplitMix64(seed: UInt64(rows * rank))
    let factor = Factor<Float>(rows: rows, rank: rank)
    for i in 0..<rows {
      // The last row counts for as much as all others.
      let size = i == rows - 1 ? Double(rows).squareRoot() : 1
      for k in 0..<rank { factor[i, k] = Float(size * random.uniform()) }
    }
    return factor
  }

  private func isClose(
    _ product: [Double], _ a: Factor<Float>, _ b: Factor<Float>, stride: Int
  ) -> Bool {
    (0..<a.rank).allSatisfy { k in
      (0..<b.rank).allSatisfy { l in
        let sum = (0..<a.rows).reduce(0) { $0 + Double(a[$1, k]) * Double(b[$1, l]) }
        return abs(product[k * stride + l] - sum) <= 1e-5 * sum
      }
    }
  }
}
