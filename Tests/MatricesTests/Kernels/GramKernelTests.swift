import Matrices
import Testing
import _NMFTestSupport

/// FᵀF by blocks: full and half vectors, tiles of every height.
@Suite struct GramKernelTests {
  @Test(arguments: [1, 2, 7, 64], [1, 3, 6, 8, 9, 11, 16, 20, 25, 31, 32, 49, 55, 64, 70])
  func `gram is the product of a factor with itself, from the blocks of the diagonal on`(
    _ rows: Int, _ rank: Int
  ) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + rank))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let stride = Factor<Scalar>(rows: 1, rank: rank).stride
      var f: [Scalar] = KernelTests.numbers(rows * stride, &random)
      for i in 0..<rows { for k in rank..<stride { f[i * stride + k] = 0 } }
      let start: [Scalar] = KernelTests.numbers(rank * stride + lanes, &random)
      let results = kernels.map { table in
        var c = start
        unsafe table.gram(rows, rank, f, stride, &c, stride)
        return c
      }
      for k in 0..<rank {
        // What lies before the block of the diagonal is not used.
        for l in k / lanes * lanes..<stride {
          let sum = (0..<rows).reduce(Double(start[k * stride + l])) {
            $0 + Double(f[$1 * stride + k]) * Double(f[$1 * stride + l])
          }
          #expect(abs(Double(results[0][k * stride + l]) - sum) <= tolerance * (1 + sum))
          #expect(results.allSatisfy { $0[k * stride + l] == results[0][k * stride + l] })
        }
      }
      #expect(results.allSatisfy { $0.suffix(lanes) == start.suffix(lanes) })
    }
    check(KernelTests.available(FloatKernels.init(named:)), 2e-5)
    check(KernelTests.available(DoubleKernels.init(named:)), 1e-13)
  }
}
