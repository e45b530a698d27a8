import Matrices
import Testing
import _NMFTestSupport

/// Every kernel against a plain twin, and every instruction set against the others, bit for bit.
@Suite struct KernelTests {
  static let sets = ["avx512", "avx2", "neon", "plain"]

  /// Random numbers with zeros and subnormals among them.
  static func numbers<Scalar: MatrixScalar>(
    _ count: Int, _ random: inout SplitMix64, zeros: Double = 0.2
  ) -> [Scalar] {
    (0..<count).map { _ in
      let kind = random.uniform()
      if kind < zeros { return 0 }
      if kind < zeros + 0.01 { return Scalar.leastNonzeroMagnitude * 3 }
      return Scalar(random.uniform() * 2)
    }
  }

  static func available<Kernels: KernelTable>(_ named: (String) -> Kernels?) -> [Kernels] {
    sets.compactMap(named)
  }

  /// That the first set's results are what they began with and a sum, and the other sets' the same bits.
  static func expect<Scalar: MatrixScalar>(
    _ results: [[Scalar]], _ tolerance: Double, _ start: [Scalar], plus sum: (Int) -> Double
  ) {
    for place in start.indices {
      let expected = Double(start[place]) + sum(place)
      #expect(abs(Double(results[0][place]) - expected) <= tolerance * (1 + expected))
    }
    for result in results.dropFirst() { #expect(result.elementsEqual(results[0])) }
  }

  static let shapes = [
    (1, 1, 1), (3, 5, 2), (7, 64, 16), (8, 33, 17), (13, 600, 31), (16, 9, 48), (17, 40, 49),
    (50, 30, 64), (49, 21, 65), (5, 1100, 80), (61, 1536, 10), (29, 1027, 20), (14, 513, 35),
    (150, 700, 18), (97, 1090, 44), (70, 1000, 24),
  ]

  @Test(arguments: shapes) func `multiply_add is a matrix product`(
    _ rows: Int, _ length: Int, _ rank: Int
  ) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + length))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let n = (rank + lanes / 2 - 1) / (lanes / 2) * (lanes / 2)
      let a: [Scalar] = Self.numbers(rows * length, &random)
      let b: [Scalar] = Self.numbers(length * n, &random)
      let start: [Scalar] = Self.numbers(rows * n, &random)
      for isTransposed in [false, true] {
        let (rowStride, columnStride) = isTransposed ? (1, rows) : (length, 1)
        var results: [[Scalar]] = []
        for table in kernels {
          var c = start
          unsafe table.multiplyAdd(
            rows, length, rank, a, rowStride, columnStride, b, n, &c, n)
          results.append(c)
        }
        for i in 0..<rows {
          for j in 0..<rank {
            var sum = Double(start[i * n + j])
            for l in 0..<length {
              sum += Double(a[i * rowStride + l * columnStride]) * Double(b[l * n + j])
            }
            #expect(abs(Double(results[0][i * n + j]) - sum) <= tolerance * (1 + sum))
          }
        }
        for result in results.dropFirst() { #expect(result.elementsEqual(results[0])) }
      }
    }
    check(Self.available(FloatKernels.init(named:)), 2e-5)
    check(Self.available(DoubleKernels.init(named:)), 1e-13)
  }

  @Test(arguments: shapes) func `row_dots is a product with the transpose of few rows`(
    _ rows: Int, _ length: Int, _ rank: Int
  ) {
    let n = (rank - 1) % 16 + 1
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + length + 1))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let (aStride, bStride) = (length + 3, (length + lanes - 1) / lanes * lanes)
      let cStride = (n + lanes / 2 - 1) / (lanes / 2) * (lanes / 2)
      let a: [Scalar] = Self.numbers((rows - 1) * aStride + length, &random)
      var b: [Scalar] = Self.numbers(n * bStride, &random)
      for k in 0..<n { for l in length..<bStride { b[k * bStride + l] = 0 } }
      var start: [Scalar] = Self.numbers(rows * cStride, &random)
      for i in 0..<rows { for k in n..<cStride { start[i * cStride + k] = 0 } }
      var results: [[Scalar]] = []
      for table in kernels {
        var c = start
        unsafe table.rowDots(rows, length, n, a, aStride, b, bStride, &c, cStride)
        results.append(c)
      }
      Self.expect(results, tolerance, start) { place in
        let (i, k) = (place / cStride, place % cStride)
        guard k < n else { return 0 }
        return (0..<length).reduce(0) {
          $0 + Double(a[i * aStride + $1]) * Double(b[k * bStride + $1])
        }
      }
    }
    check(Self.available(FloatKernels.init(named:)), 2e-5)
    check(Self.available(DoubleKernels.init(named:)), 1e-13)
  }

  @Test(arguments: shapes, [0, 3]) func `column_sums is a product with the transpose`(
    _ shape: (Int, Int, Int), _ gap: Int
  ) {
    let (rows, columns, rank) = shape
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + columns + gap))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      // A stride of 2,048 bytes times a whole number takes the way with copied tiles.
      let xStride = gap == 0 ? (columns + 511) / 512 * 512 : columns + gap
      let (bStride, wStride) = ((columns + lanes - 1) / lanes * lanes, rank + gap)
      let x: [Scalar] = Self.numbers(rows * xStride, &random)
      let w: [Scalar] = Self.numbers(rows * wStride, &random)
      let start: [Scalar] = Self.numbers(rank * bStride, &random)
      var results: [[Scalar]] = []
      for table in kernels {
        var b = start
        let later =
          (rows + gap) % 2 == 0 ? nil : unsafe x.withUnsafeBufferPointer { $0.baseAddress }
        unsafe table.columnSums(rows, columns, rank, x, xStride, w, wStride, &b, bStride, later)
        results.append(b)
      }
      Self.expect(results, tolerance, start) { place in
        let (k, j) = (place / bStride, place % bStride)
        guard j < columns else { return 0 }
        return (0..<rows).reduce(0) {
          $0 + Double(w[$1 * wStride + k]) * Double(x[$1 * xStride + j])
        }
      }
    }
    check(Self.available(FloatKernels.init(named:)), 2e-5)
    check(Self.available(DoubleKernels.init(named:)), 1e-13)
  }

  @Test(arguments: [(1, 1), (3, 70), (10, 16), (16, 33), (49, 100), (64, 5)])
  func `transpose moves every number, and fills up with zeros`(_ rows: Int, _ columns: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + columns))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let stride = (columns + lanes - 1) / lanes * lanes
      let from: [Scalar] = Self.numbers(rows * stride, &random)
      for (width, gap) in [(rows, 0), (rows, 3), ((rows + 7) / 8 * 8, 8)] {
        let start: [Scalar] = Self.numbers(columns * (width + gap), &random)
        for table in kernels {
          var to = start
          unsafe table.transpose(rows, columns, from, stride, &to, width + gap, width)
          for j in 0..<columns {
            for i in 0..<width + gap {
              let place = j * (width + gap) + i
              let expected =
                i < rows ? from[i * stride + j] : i < width ? 0 : start[place]
              #expect(to[place] == expected)
            }
          }
        }
      }
    }
    check(Self.available(FloatKernels.init(named:)))
    check(Self.available(DoubleKernels.init(named:)))
  }

  /// Passive sets of every size, of more than the 64 that are solved side by side too; the first component is
  /// no part at all, and the last row needs two parts that are the same.
  @Test(arguments: [1, 2, 7, 8, 9, 17, 49, 64, 65, 80])
  func `solve_nonnegative meets the conditions of an optimum`(_ rank: Int) {
    var random = SplitMix64(seed: UInt64(rank))
    let stride = (rank + 7) / 8 * 8
    let length = rank + 3
    var parts = (0..<rank * length).map { _ in random.uniform() < 0.5 ? random.uniform() : 0 }
    if rank > 2 { for t in 0..<length { parts[t] = 0 } }
    var gram = [Double](repeating: 0, count: rank * stride)
    for k in 0..<rank {
      for l in 0..<rank {
        for t in 0..<length {
          gram[k * stride + l] += parts[k * length + t] * parts[l * length + t]
        }
      }
      if rank == 1 || k > 0 { gram[k * stride + k] += 0.01 }
    }
    let rows = 21
    var products = [Double](repeating: 0, count: rows * stride)
    var start = products
    for i in 0..<rows {
      // From no zero at all to nearly nothing but zeros.
      let share = Double(i) / Double(rows)
      for k in 0..<rank {
        let weight = random.uniform() - share
        for l in 0..<rank { products[i * stride + l] += weight * gram[k * stride + l] }
        start[i * stride + k] = random.uniform() < 0.5 ? 1 : 0
      }
    }
    var results: [[Double]] = []
    for table in Self.available(DoubleKernels.init(named:)) {
      let (w, isSolved) = solve(table, rank, start, products, gram)
      #expect(isSolved.allSatisfy { $0 == 1 })
      results.append(w)
    }
    for result in results { #expect(result.elementsEqual(results[0])) }
    for i in 0..<rows {
      for k in 0..<rank {
        let place = i * stride + k
        let dual = (0..<rank).reduce(-products[place]) {
          $0 + results[0][i * stride + $1] * gram[$1 * stride + k]
        }
        #expect(results[0][place] >= 0 && dual > -1e-9)
        if results[0][place] > 0 { #expect(abs(dual) < 1e-9) }
      }
    }
    // What a row comes to does not depend on its neighbours.
    let last = Array(products[(rows - 1) * stride..<rows * stride])
    let alone = solve(
      Double._kernels, rank, Array(start[(rows - 1) * stride..<rows * stride]), last, gram)
    #expect(alone.w == Array(results[0][(rows - 1) * stride..<rows * stride]))
  }

  @Test func `solve_nonnegative leaves a row alone whose block is singular`() {
    let (rank, stride) = (2, 8)
    var gram = [Double](repeating: 0, count: rank * stride)
    for k in 0..<rank { for l in 0..<rank { gram[k * stride + l] = 1 } }
    var products = [Double](repeating: 0, count: 2 * stride)
    var start = products
    // The first row begins with both parts, the second with one.
    (products[0], products[1], products[stride], products[stride + 1]) = (3, 3, 3, 2)
    (start[0], start[1], start[stride]) = (1, 1, 1)
    for table in Self.available(DoubleKernels.init(named:)) {
      let (w, isSolved) = solve(table, rank, start, products, gram)
      #expect(isSolved == [0, 1])
      #expect(w[0] == 1 && w[1] == 1 && w[stride] == 3 && w[stride + 1] == 0)
    }
  }

  private func solve(
    _ table: DoubleKernels, _ rank: Int, _ start: [Double], _ products: [Double], _ gram: [Double]
  ) -> (w: [Double], isSolved: [UInt8]) {
    let stride = gram.count / rank
    let rows = start.count / stride
    let size = table.nonnegativeScratch(stride: stride)
    var w = start
    var isSolved = [UInt8](repeating: 2, count: rows)
    unsafe withUnsafeTemporaryAllocation(byteCount: 8 * size, alignment: 64) { memory in
      let memory = unsafe memory.bindMemory(to: Double.self)
      guard let scratch = memory.baseAddress else { return }
      unsafe table.solveNonnegative(rows, rank, &w, products, gram, stride, &isSolved, scratch)
    }
    return (w, isSolved)
  }

  @Test(arguments: [0, 1, 3, 70]) func `dot is an inner product in double`(_ vectors: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(vectors))
      let count = vectors * 64 / MemoryLayout<Scalar>.stride
      let x: [Scalar] = Self.numbers(count, &random)
      let v: [Scalar] = Self.numbers(count, &random)
      let results = kernels.map { table in unsafe table.dot(count, x, v) }
      let sum = zip(x, v).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(results[0] - sum) <= 1e-13 * (1 + sum))
      for result in results { #expect(result == results[0]) }
    }
    check(Self.available(FloatKernels.init(named:)))
    check(Self.available(DoubleKernels.init(named:)))
  }

  @Test(arguments: [(1, 1), (5, 3), (33, 16), (64, 17), (70, 49), (130, 80)])
  func `hals is cyclic coordinate descent`(_ rows: Int, _ rank: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rows * 1000 + rank))
      let stride = (rank + 7) / 8 * 8
      // A Gram matrix with one dead component, whose row and column are zero.
      var basis: [Double] = (0..<rank * (rank + 3)).map { _ in random.uniform() }
      if rank > 2 { for t in 0..<rank + 3 { basis[2 * (rank + 3) + t] = 0 } }
      var gram = [Scalar](repeating: 0, count: rank * stride)
      for k in 0..<rank {
        for l in 0..<rank {
          var sum = 0.0
          for t in 0..<rank + 3 { sum += basis[k * (rank + 3) + t] * basis[l * (rank + 3) + t] }
          gram[k * stride + l] = Scalar(sum)
        }
      }
      var start = [Scalar](repeating: 0, count: rows * stride)
      var target = start
      for i in 0..<rows {
        for k in 0..<rank {
          start[i * stride + k] = random.uniform() < 0.3 ? 0 : Scalar(random.uniform())
          target[i * stride + k] = Scalar(random.uniform() * Double(rank))
        }
      }
      // Entries are kept above zero, or above bounds of their own.
      for least in [nil, start.map { $0 - Scalar(random.uniform()) }] {
        check(kernels, tolerance, start, target, least, gram)
      }
      func check(
        _ kernels: [Kernels], _ tolerance: Double, _ start: [Scalar],
        _ target: [Scalar], _ least: [Scalar]?, _ gram: [Scalar]
      ) {
        var results: [[Scalar]] = []
        for table in kernels {
          var w = start
          var scratch = [Scalar](repeating: 0, count: 3 * rank * 256 / MemoryLayout<Scalar>.stride)
          unsafe table.hals(
            rows, rank, &w, stride, target, stride, least, gram, stride, 3, &scratch)
          results.append(w)
        }
        var twin = start.map(Double.init)
        for _ in 0..<3 {
          for i in 0..<rows {
            for k in 0..<rank where gram[k * stride + k] > 0 {
              var slope = Double(target[i * stride + k])
              for l in 0..<rank { slope -= twin[i * stride + l] * Double(gram[k * stride + l]) }
              let moved = twin[i * stride + k] + slope / Double(gram[k * stride + k])
              twin[i * stride + k] = max(least.map { Double($0[i * stride + k]) } ?? 0, moved)
            }
          }
        }
        for index in twin.indices where index % stride < rank {
          #expect(abs(Double(results[0][index]) - twin[index]) <= tolerance * Double(rank))
        }
        for result in results.dropFirst() { #expect(result.elementsEqual(results[0])) }
      }
    }
    check(Self.available(FloatKernels.init(named:)), 1e-3)
    check(Self.available(DoubleKernels.init(named:)), 1e-11)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 31, 48, 64, 65, 80])
  func `gather_add sums the rows it is pointed to`(_ rank: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rank))
      let stride = (rank + 7) / 8 * 8
      let h: [Scalar] = Self.numbers(40 * stride, &random)
      let indices: [Int32] = [0, 3, 4, 17, 39]
      let x: [Scalar] = [1, 2, 0.5, 3, 7]
      var results: [[Scalar]] = []
      for table in kernels {
        var sums = [Scalar](repeating: 1, count: stride)
        var narrow = sums
        unsafe table.gatherAdd(indices.count, indices, x, h, stride, stride, &sums)
        unsafe table.gatherAddNarrow(5, indices.map(UInt16.init), x, h, stride, stride, &narrow)
        results += [sums, narrow]
      }
      for k in 0..<stride {
        var sum = 1.0
        for (t, index) in indices.enumerated() {
          sum += Double(x[t]) * Double(h[Int(index) * stride + k])
        }
        #expect(abs(Double(results[0][k]) - sum) <= tolerance * sum)
      }
      for result in results.dropFirst() { #expect(result.elementsEqual(results[0])) }
    }
    check(Self.available(FloatKernels.init(named:)), 1e-5)
    check(Self.available(DoubleKernels.init(named:)), 1e-14)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 1000])
  func `x log v is right to the last digits, also for tiny and huge v`(_ count: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels]) where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: 3)
      let x: [Scalar] = Self.numbers(count, &random)
      let v: [Scalar] = (0..<count).map { index in
        let exponent = Scalar.self == Float.self ? 60.0 : 900.0
        return Scalar(twoTo((random.uniform() * 2 - 1) * exponent)) + (index == 3 ? 1 : 0)
      }
      let results = kernels.map { unsafe $0.xLogV(count, x, v) }
      var sum = 0.0
      var size = 0.0
      for t in 0..<count where x[t] > 0 {
        let term = Double(x[t]) * naturalLogarithm(Double(v[t]))
        sum += term
        size += abs(term)
      }
      #expect(abs((results.first ?? 0) - sum) <= 4e-15 * size)
      for result in results.dropFirst() { #expect(result == results[0]) }
      let distances = kernels.map { unsafe $0.squaredDistance(count, x, x) }
      #expect(distances.allSatisfy { $0 == 0 })
    }
    check(Self.available(FloatKernels.init(named:)))
    check(Self.available(DoubleKernels.init(named:)))
  }
}
