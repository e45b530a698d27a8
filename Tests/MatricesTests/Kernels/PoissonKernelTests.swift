import Matrices
import Testing
import _NMFTestSupport

/// The Poisson half-steps against a plain twin that is written from their definition.
@Suite struct PoissonKernelTests {
  /// One row: x over its terms, B with one row a term, s ≥ column sums of B.
  struct Row {
    var x: [Double]
    var b: [[Double]]
    var s: [Double]
    var w: [Double]

    init(terms: Int, rank: Int, seed: UInt64) {
      var random = SplitMix64(seed: seed)
      x = (0..<terms).map { _ in Double(random.poisson(3)) + 1 }
      b = (0..<terms).map { _ in
        (0..<rank).map { _ in random.uniform() < 0.3 ? 0 : random.uniform() }
      }
      s = (0..<rank).map { _ in Double(terms) * (0.3 + random.uniform()) }
      w = (0..<rank).map { _ in 0.1 + random.uniform() }
    }

    var v: [Double] {
      b.map { row in zip(row, w).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    func sums(_ k: Int, _ v: [Double]) -> (first: Double, second: Double) {
      var first = 0.0
      var second = 0.0
      for t in x.indices {
        let q = b[t][k] / v[t]
        first += x[t] * q
        second += x[t] * q * q
      }
      return (first, second)
    }

    func objective(_ w: [Double]) -> Double {
      var value = zip(w, s).reduce(0) { $0 + $1.0 * $1.1 }
      for t in x.indices {
        value -= x[t] * naturalLogarithm(zip(b[t], w).reduce(0) { $0 + $1.0 * $1.1 })
      }
      return value
    }

    /// The twin of one coordinate sweep.
    mutating func sweep() {
      for k in w.indices {
        let now = v
        let (first, second) = sums(k, now)
        var next = 0.0
        if second > 0 {
          next = w[k] + first / second * (first / s[k] - 1)
          if next <= 0 {
            next = 0
            var without = 0.0
            for t in x.indices { without += x[t] * b[t][k] / max(now[t] - w[k] * b[t][k], 1e-100) }
            if w[k] > 0, without > s[k] { next = w[k] * first / s[k] }
          }
        }
        w[k] = next
      }
    }
  }

  static let shapes = [(1, 1), (3, 2), (8, 5), (16, 16), (40, 17), (100, 33)]

  @Test(arguments: shapes) func `a sparse row follows its twin in every mode`(
    _ terms: Int, _ rank: Int
  ) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      for mode in [PoissonMode.evaluate, .multiply, .coordinates] {
        var twin = Row(terms: terms, rank: rank, seed: UInt64(terms + rank))
        let start = twin
        let lanes = 64 / MemoryLayout<Scalar>.stride
        let stride = (rank + lanes - 1) / lanes * lanes
        var h = [Scalar](repeating: 0, count: terms * stride)
        for t in 0..<terms { for k in 0..<rank { h[t * stride + k] = Scalar(twin.b[t][k]) } }
        // Terms are scattered: the row's entry t is term `order[t]` of the other factor.
        let order = (0..<terms).map { Int32(terms - 1 - $0) }
        let x = order.map { Scalar(twin.x[Int($0)]) }
        var results: [[Scalar]] = []
        var logs: [Double] = []
        var moved: [Double] = []
        for table in kernels {
          var w = start.w.map { Scalar($0) } + [Scalar](repeating: 0, count: stride - rank)
          var block = [Scalar](repeating: 0, count: (terms + lanes) * (rank + 2))
          let sums = unsafe table.poissonRow(
            mode.rawValue | 4, terms, order, x, h, stride, rank, start.s.map { Scalar($0) }, &w, 2,
            0, &block)
          results.append(w)
          logs.append(sums.xLogV)
          moved.append(sums.moved)
        }
        switch mode {
        case .evaluate:
          var expected = 0.0
          for k in 0..<rank {
            let (first, second) = twin.sums(k, twin.v)
            let step = second > 0 ? first / second * (first / twin.s[k] - 1) : -twin.w[k]
            expected += twin.s[k] * abs(max(step, -twin.w[k]))
          }
          #expect(abs(moved[0] - expected) <= tolerance * (1 + expected))
        case .multiply:
          let v = twin.v
          for k in 0..<rank { twin.w[k] = start.w[k] * twin.sums(k, v).first / twin.s[k] }
        case .coordinates:
          twin.sweep()
          twin.sweep()
        }
        for k in 0..<rank {
          #expect(abs(Double(results[0][k]) - twin.w[k]) <= tolerance * (1 + twin.w[k]))
        }
        let expected = zip(twin.x, twin.v).reduce(0) { $0 + $1.0 * naturalLogarithm($1.1) }
        #expect(abs(logs[0] - expected) <= tolerance * (1 + abs(expected)) * 10)
        for index in results.indices {
          #expect(results[index] == results[0])
          #expect(logs[index] == logs[0])
          #expect(moved[index] == moved[0])
        }
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)), 2e-3)
    check(KernelTests.available(DoubleKernels.init(named:)), 1e-10)
  }

  @Test(arguments: shapes) func `a dense group gives each row what the sparse kernel gives it`(
    _ terms: Int, _ rank: Int
  ) {
    /// Up to `most` rows of X, one after another and side by side.
    func cases(_ most: Int) -> [(rows: Int, isTransposed: Bool)] {
      Set([1, most - 1, most]).subtracting([0]).sorted().flatMap { [($0, false), ($0, true)] }
    }
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let stride = (rank + lanes - 1) / lanes * lanes
      let shared = Row(terms: terms, rank: rank, seed: 9)
      for fold in [1, 2, 4] {
        let steps = (terms + fold - 1) / fold
        var components = [Scalar](repeating: 0, count: rank * steps * fold)
        for t in 0..<terms {
          for k in 0..<rank { components[k * steps * fold + t] = Scalar(shared.b[t][k]) }
        }
        for (rows, isTransposed) in cases(lanes / fold) {
          let twins = (0..<rows).map { row in
            var twin = shared
            let own = Row(terms: terms, rank: rank, seed: UInt64(100 + row))
            twin.x = own.x
            twin.w = own.w
            return twin
          }
          var x = [Scalar](repeating: 0, count: rows * terms)
          for (i, twin) in twins.enumerated() {
            for t in 0..<terms {
              x[isTransposed ? t * rows + i : i * terms + t] = Scalar(twin.x[t])
            }
          }
          var results: [[Scalar]] = []
          for table in kernels {
            var w = [Scalar](repeating: 0, count: rows * stride)
            for (i, twin) in twins.enumerated() {
              for k in 0..<rank { w[i * stride + k] = Scalar(twin.w[k]) }
            }
            var block = [Scalar](repeating: .nan, count: (2 * steps + rank) * lanes)
            _ = unsafe table.poissonGroup(
              PoissonMode.coordinates.rawValue | 4, fold, rows, terms, x,
              isTransposed ? 1 : terms,
              isTransposed ? rows : 1, components, steps * fold, rank, shared.s.map { Scalar($0) },
              &w,
              stride, 2, 0, &block)
            results.append(w)
          }
          for (i, start) in twins.enumerated() {
            var twin = start
            twin.sweep()
            twin.sweep()
            for k in 0..<rank {
              #expect(
                abs(Double(results[0][i * stride + k]) - twin.w[k]) <= tolerance * (1 + twin.w[k]))
            }
          }
          for result in results { #expect(result.elementsEqual(results[0])) }
        }
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)), 2e-3)
    check(KernelTests.available(DoubleKernels.init(named:)), 1e-10)
  }

  @Test(arguments: [
    (1, 1), (2, 7), (5, 16), (8, 5), (10, 13), (20, 16), (33, 3), (49, 16), (80, 8),
  ])
  func `rows side by side become what each becomes alone`(_ rank: Int, _ wanted: Int) {
    func check<Kernels: KernelTable>(_ kernels: [Kernels], _ tolerance: Double)
    where Kernels.Scalar: MatrixScalar {
      typealias Scalar = Kernels.Scalar
      var random = SplitMix64(seed: UInt64(rank))
      let lanes = 64 / MemoryLayout<Scalar>.stride
      let stride = (rank + lanes - 1) / lanes * lanes
      let rows = min(wanted, lanes)
      let columns = 90
      // Ragged rows, scattered terms, and a row that is not asked for between them.
      var offsets = [0]
      var indices: [Int32] = []
      for row in 0..<rows + 1 {
        let step = 1 + (row * 7) % 11
        let count = row == 1 ? 1 : (columns - row) / step
        indices += (0..<count).map { Int32(row + $0 * step) }
        offsets.append(indices.count)
      }
      let order = (0..<rows + 1).reversed().filter { $0 != 2 || rows == 1 }.prefix(rows).map(
        Int32.init)
      let x = indices.map { _ in Scalar(random.poisson(2)) + 1 }
      var h = [Scalar](repeating: 0, count: columns * stride)
      for j in 0..<columns {
        for k in 0..<rank where random.uniform() > 0.3 {
          h[j * stride + k] = Scalar(random.uniform())
        }
        // No term may be without a part that explains it, and one number is subnormal.
        h[j * stride + j % rank] = 0.5
      }
      if rank > 1 { h[rank / 2] = Scalar.leastNonzeroMagnitude * 3 }
      let sums = (0..<rank).map { _ in Scalar(20 * (0.3 + random.uniform())) }
      var start = [Scalar](repeating: 0, count: (rows + 1) * stride)
      for i in 0...rows {
        for k in 0..<rank { start[i * stride + k] = Scalar(0.1 + random.uniform()) }
      }
      var block = [Scalar](repeating: 0, count: (columns * (rank + 2) + rank) * lanes)
      for mode in [PoissonMode.evaluate, .multiply, .coordinates] {
        var alone = start
        var expected = PoissonSums()
        for row in order.map(Int.init) {
          var w = Array(start[row * stride..<(row + 1) * stride])
          let terms = offsets[row]..<offsets[row + 1]
          unsafe expected.add(
            kernels[0].poissonRow(
              mode.rawValue | 4, terms.count, Array(indices[terms]), Array(x[terms]), h, stride,
              rank, sums, &w, 2, 0, &block))
          alone.replaceSubrange(row * stride..<(row + 1) * stride, with: w)
        }
        var results: [[Scalar]] = []
        // The columns of all rows as they lie, then those of these rows alone.
        let gathered = order.flatMap { indices[offsets[Int($0)]..<offsets[Int($0) + 1]] }
        for (table, isGathered) in kernels.flatMap({ [($0, false), ($0, true)] }) {
          var w = start
          let found = unsafe table.poissonRows(
            mode.rawValue | 4, rows, order, offsets, isGathered ? gathered : indices, isGathered, x,
            h, stride, rank, sums, &w, stride, 2, 0, &block)
          results.append(w)
          #expect(abs(found.xLogV - expected.xLogV) <= tolerance * (1 + abs(expected.xLogV)))
          #expect(abs(found.moved - expected.moved) <= tolerance * (1 + expected.moved))
        }
        for (one, other) in zip(results[0], alone) {
          #expect(abs(Double(one) - Double(other)) <= tolerance * (1 + Double(other)))
        }
        for result in results { #expect(result.elementsEqual(results[0])) }
      }
    }
    check(KernelTests.available(FloatKernels.init(named:)), 2e-3)
    check(KernelTests.available(DoubleKernels.init(named:)), 1e-10)
  }

  @Test func `a sweep lowers the objective of a row, also where entries must vanish`() {
    for seed in 1...200 {
      var row = Row(terms: 12, rank: 6, seed: UInt64(seed))
      row.s[2] = 500
      row.s[4] = 0.5
      let before = row.objective(row.w)
      row.sweep()
      #expect(row.objective(row.w) <= before)
      #expect(row.w.allSatisfy { $0 >= 0 })
    }
  }
}
