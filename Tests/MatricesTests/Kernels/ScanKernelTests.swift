import Matrices
import Testing
import _NMFTestSupport

/// What an inspection and a fingerprint see of every entry: exact, in both precisions, with every instruction set.
@Suite struct ScanKernelTests {
  @Test(arguments: [(1, 1), (4, 8), (3, 7), (4, 9), (2, 16), (4, 77), (0, 5), (4, 0)])
  func `scan_rows counts and sums entry by entry`(_ rows: Int, _ columns: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * columns))
      var x: [Scalar] = KernelTests.numbers(rows * columns, &random)
      for index in x.indices where index % 3 != 0 { x[index] = (8 * x[index]).rounded() }
      let odd: [Scalar] = [-0.0, .leastNonzeroMagnitude, 0x1p60, 0x1p22 + 0.5]
      for (index, value) in odd.enumerated() where index * 5 < x.count { x[index * 5] = value }
      let stride = (columns + 7) / 8 * 8
      let multipliers = (0..<stride).map { _ in random.next() }
      let start = (0..<5).flatMap { row in
        [Double](repeating: [3, 0.5, 0.25, .infinity, -.infinity][row], count: stride)
      }
      var totals = start
      var scans: [RowScan] = []
      for i in 0..<rows {
        var scan = RowScan(hash: 0, nonzeroCount: 0, nonIntegerCount: 0)
        for j in 0..<columns {
          let value = Double(x[i * columns + j]) + 0
          scan.hash &+= (value.bitPattern ^ value.bitPattern >> 32) &* multipliers[j]
          if value > 0 {
            scan.nonzeroCount += 1
            totals[j] += 1
          }
          if value != value.rounded() { scan.nonIntegerCount += 1 }
          totals[stride + j] += value
          totals[2 * stride + j] += value * value
          totals[3 * stride + j] = min(totals[3 * stride + j], value)
          totals[4 * stride + j] = max(totals[4 * stride + j], value)
        }
        scans.append(scan)
      }
      for table in kernels {
        var sums = start
        #expect(unsafe table.scanRows(rows, columns, x, multipliers, &sums, stride) == scans)
        // What lies beyond the columns does not matter.
        for row in 0..<5 {
          let range = row * stride..<row * stride + columns
          #expect(sums[range] == totals[range])
        }
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)))
    check(KernelTests.available(DoubleKernels.init(named:)))
  }

  @Test(arguments: [0, 1, 7, 8, 9, 77])
  func `hash_entries is the sum of the hashes of entries other than zero`(_ count: Int) {
    // SplitMix64 adds its increment to a state and mixes it.
    func mix(_ state: UInt64) -> UInt64 {
      var generator = SplitMix64(seed: state)
      return generator.next()
    }
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(count))
      var x: [Scalar] = KernelTests.numbers(count, &random)
      let odd: [Scalar] = [0, -0.0, -1, .infinity]
      for (index, value) in odd.enumerated() where index * 3 < count { x[index * 3] = value }
      let columns = (0..<count).map { Int32(3 * $0 + 1) }
      let first: UInt64 = 1 << 40
      var (dense, sparse) = (UInt64(0), UInt64(0))
      for t in 0..<count where x[t] != 0 {
        let bits = Double(x[t]).bitPattern
        dense &+= mix(bits ^ mix(first + UInt64(t)))
        sparse &+= mix(bits ^ mix(first + UInt64(columns[t])))
      }
      for table in kernels {
        #expect(unsafe table.hashEntries(count, x, nil, first) == dense)
        #expect(unsafe table.hashEntries(count, x, columns, first) == sparse)
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)))
    check(KernelTests.available(DoubleKernels.init(named:)))
  }
}
