import Matrices
import Testing
import _NMFTestSupport

/// What looks X over, and what sums in double: right to the rounding of double in both precisions, with the same
/// bits from every instruction set.
@Suite struct DoubleSumKernelTests {
  @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 100])
  func `are_ordinary finds what cannot be fitted, wherever it lies`(_ count: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(count))
      var x: [Scalar] = KernelTests.numbers(count, &random)
      if count > 1 { (x[0], x[1]) = (-0.0, Scalar.greatestFiniteMagnitude) }
      for table in kernels {
        #expect(unsafe table.areOrdinary(count, x, below: .infinity))
        for place in 0..<count {
          var spoilt = x
          spoilt[place] = 1e19
          #expect(!(unsafe table.areOrdinary(count, spoilt, below: 1e19)))
          for odd in [-.leastNonzeroMagnitude, -1, .infinity, -.infinity, .nan] as [Scalar] {
            var spoilt = x
            spoilt[place] = odd
            #expect(!(unsafe table.areOrdinary(count, spoilt, below: .infinity)))
          }
        }
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)))
    check(KernelTests.available(DoubleKernels.init(named:)))
  }

  @Test(arguments: [0, 1, 8, 9, 77])
  func `add_totals, widen and add_widened go entry by entry`(_ count: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(count))
      let x: [Scalar] = KernelTests.numbers(count, &random)
      let wide = x.map { Double($0) }
      let start: [Double] = KernelTests.numbers(count, &random)
      var totals: [[Double]] = []
      for table in kernels {
        var (columns, sums) = (start, start)
        var row = [-1.0, -1, -1]
        var target = [Double](repeating: -1, count: count)
        unsafe table.addTotals(count, x, &columns, &row)
        unsafe table.addWidened(count, x, &sums)
        unsafe table.widen(count, x, &target)
        #expect(target == wide)
        #expect(sums == zip(start, wide).map { $0 + $1 })
        #expect(columns == sums)
        let (sum, squares) = (wide.reduce(0, +), wide.reduce(0) { $0 + $1 * $1 })
        #expect(abs(row[0] - sum) <= 1e-14 * sum && abs(row[1] - squares) <= 1e-14 * squares)
        #expect(row[2] == Double(wide.filter { $0 > 0 }.count))
        totals.append(row)
      }
      for other in totals { #expect(other == totals[0]) }
    }
    check(KernelTests.available(FloatKernels.init(named:)))
    check(KernelTests.available(DoubleKernels.init(named:)))
  }

  @Test(arguments: [1, 8, 10, 17, 25, 33, 49, 80])
  func `gather_add_widened sums the rows it is pointed to`(_ rank: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rank))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let (stride, width) = ((rank + lanes - 1) / lanes * lanes, (rank + 7) / 8 * 8)
      let h: [Scalar] = KernelTests.numbers(40 * stride, &random)
      let indices: [Int32] = [0, 3, 4, 17, 39]
      let x: [Scalar] = [1, 2, 0.1, 3, 7]
      var results: [[Double]] = []
      for table in kernels {
        var sums = [Double](repeating: 1, count: width + 1)
        unsafe table.gatherAddWidened(indices.count, indices, x, h, stride, width, &sums)
        results.append(sums)
      }
      for k in 0..<width {
        let sum = zip(x, indices).reduce(1.0) {
          $0 + Double($1.0) * Double(h[Int($1.1) * stride + k])
        }
        #expect(abs(results[0][k] - sum) <= 1e-14 * sum)
      }
      for result in results { #expect(result == results[0] && result[width] == 1) }
    }
    check(KernelTests.available(FloatKernels.init(named:)))
    check(KernelTests.available(DoubleKernels.init(named:)))
  }
}
