import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct StepStartTests {
  @Test func `a step begins beyond the factor, but keeps a fifth of each entry`() {
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    let (w, ht) = (factor(700, 3, seed: 1), factor(90, 3, seed: 2))
    let (earlierW, earlierHt) = (factor(700, 3, seed: 3), factor(90, 3, seed: 4))
    let next = (w: Factor<Float>(rows: 700, rank: 3), ht: Factor<Float>(rows: 90, rank: 3))
    StepStart(
      w: Extrapolation(now: w, before: earlierW, beta: 0.5), ht: Extrapolation(now: ht), pool: pool
    ).write(to: next.w, next.ht)
    for i in 0..<700 {
      for k in 0..<3 {
        let moved = w[i, k] + 0.5 * (w[i, k] - earlierW[i, k])
        #expect(abs(next.w[i, k] - max(0.2 * w[i, k], moved)) < 1e-6)
      }
    }
    #expect(next.ht.matrix.elements == ht.matrix.elements)
    Extrapolation(now: ht, before: earlierHt, beta: 0).write(3..<5, to: next.ht)
    #expect(next.ht.matrix.elements == ht.matrix.elements)
  }

  /// By rows that threads share, in chunks, and by columns; sparse; steps follow steps.
  @Test(arguments: [(40, 70), (2000, 30), (13, 6000)], [false, true])
  func `a step writes what it begins with, with the same bits at any number of threads`(
    _ shape: (Int, Int), _ isSparse: Bool
  ) {
    var random = SplitMix64(seed: 5)
    var dense: DenseMatrix<Float> = uniform(shape.0, shape.1, &random)
    if isSparse {
      for i in 0..<shape.0 { for j in 0..<shape.1 where (i + j) % 3 > 0 { dense[i, j] = 0 } }
    }
    let x = isSparse ? DataMatrix.sparse(compress(dense)) : .dense(dense)
    var results: [[Float]] = []
    for threads in [1, 2, 8] {
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let problem = Problem(x, loss: .frobenius, pool: pool)
      for writesFirst in [true, false] {
        results.append(
          stepped(
            LeastSquaresAlternation(problem, rank: 5, multiplicative: false), pool,
            rows: shape.0, columns: shape.1, writesFirst: writesFirst))
      }
    }
    let areAlike = results.allSatisfy { $0 == results[0] }
    #expect(areAlike)
  }

  @Test func `so does a shortcut`() throws {
    var random = SplitMix64(seed: 6)
    let x: DenseMatrix<Float> = uniform(700, 300, &random)
    var results: [[Float]] = []
    for threads in [1, 3] {
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let products = Products(.dense(x), pool: pool)
      let directions = try LeadingDirections(products, count: 15, isSharp: true, seed: 0)
      for writesFirst in [true, false] {
        let shortcut = CompressedAlternation(
          directions, pass: LeastSquaresPass(products, rank: 5, keepsProducts: true),
          w: factor(700, 5, seed: 7), ht: factor(300, 5, seed: 8))
        results.append(
          stepped(shortcut, pool, rows: 700, columns: 300, writesFirst: writesFirst))
      }
    }
    let areAlike = results.allSatisfy { $0 == results[0] }
    #expect(areAlike)
  }

  /// The objectives of two steps, and the factors after them.
  private func stepped(
    _ alternation: some Alternation<Float>, _ pool: ComputePool, rows: Int, columns: Int,
    writesFirst: Bool
  ) -> [Float] {
    var earlier = (w: factor(rows, 5, seed: 9), ht: factor(columns, 5, seed: 10))
    var now = (w: factor(rows, 5, seed: 11), ht: factor(columns, 5, seed: 12))
    var objectives: [Float] = []
    for _ in 0..<2 {
      let start = StepStart(
        w: Extrapolation(now: now.w, before: earlier.w, beta: 0.7),
        ht: Extrapolation(now: now.ht, before: earlier.ht, beta: 0.7), pool: pool)
      let next = (
        w: Factor<Float>(rows: rows, rank: 5), ht: Factor<Float>(rows: columns, rank: 5)
      )
      if writesFirst {
        start.write(to: next.w, next.ht)
        objectives.append(Float(alternation.step(next.w, next.ht)))
      } else {
        objectives.append(Float(alternation.step(next.w, next.ht, from: start)))
      }
      (earlier, now) = (now, next)
    }
    return objectives + now.w.matrix.elements + now.ht.matrix.elements
  }

  private func factor(_ rows: Int, _ rank: Int, seed: UInt64) -> Factor<Float> {
    var random = SplitMix64(seed: seed)
    return Factor(uniform(rows, rank, &random))
  }
}
