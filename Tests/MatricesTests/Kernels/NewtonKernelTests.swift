import Matrices
import Testing
import _NMFTestSupport

/// The exact row of a Poisson half-step: optimal by the conditions of Karush, Kuhn and Tucker, from
/// a poor start too, with the same bits from every instruction set.
@Suite struct NewtonKernelTests {
  @Test(arguments: [(1, 1), (5, 3), (16, 4), (33, 9), (200, 20), (70, 33)])
  func `poisson_newton finds the optimum`(_ count: Int, _ rank: Int) {
    func check<Kernels: KernelTable>(
      _ kernels: [Kernels], tolerance: Double, rounding: Double
    ) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(count * 100 + rank))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let stride = (rank + lanes - 1) / lanes * lanes
      let rows = 2 * count
      var h = [Scalar](repeating: 0, count: rows * stride)
      for j in 0..<rows {
        for k in 0..<rank where k == j % rank || random.uniform() < 0.6 {
          h[j * stride + k] = Scalar(0.01 + random.uniform())
        }
      }
      let index = (0..<count).map { Int32(2 * $0 + (random.uniform() < 0.5 ? 0 : 1)) }
      // A stored zero counts for nothing.
      let x = (0..<count).map { Scalar($0 == 2 ? 0 : (1 + 9 * random.uniform()).rounded()) }
      let sums = (0..<rank).map { k in
        (0..<rows).reduce(0.0) { $0 + Double(h[$1 * stride + k]) }
      }
      let total = x.reduce(0.0) { $0 + Double($1) }
      let entries = (count + 15) / 16 * 16
      let order = (rank + 7) / 8 * 8
      var work = [Double](
        repeating: 0, count: (rank + 4) * entries + order * (2 * order + 6))
      var results: [[Scalar]] = []
      for table in kernels {
        var w = (0..<rank).map { Scalar(total / (Double(rank) * sums[$0])) }
        unsafe table.poissonNewton(
          count, index, x, h, stride, rank, sums, &w, tolerance, &work)
        results.append(w)
      }
      let w = results[0].map { Double($0) }
      for k in 0..<rank {
        var slope = sums[k]
        for t in 0..<count where x[t] > 0 {
          let row = (0..<rank).map { Double(h[Int(index[t]) * stride + $0]) }
          let v = (0..<rank).reduce(0.0) { $0 + w[$1] * row[$1] }
          slope -= Double(x[t]) * row[k] / v
        }
        #expect(w[k] >= 0)
        #expect(slope > -rounding * sums[k])
        if w[k] * sums[k] > 1e-3 * total { #expect(abs(slope) < rounding * sums[k]) }
      }
      for result in results { #expect(result.elementsEqual(results[0])) }
    }
    check(KernelTests.available(FloatKernels.init(named:)), tolerance: 1e-7, rounding: 1e-4)
    check(KernelTests.available(DoubleKernels.init(named:)), tolerance: 1e-14, rounding: 1e-9)
  }
}
