import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Steps that do not read X, and steps by what is left of it.
@Suite struct ShortcutTests {
  private let x: DenseMatrix<Double>
  private let rank = 3
  private let pool = ComputePool(threads: 2)

  init() throws {
    guard case .dense(let matrix) = PlantedProblem.large.x else { throw FitError.nothingToFit }
    x = matrix
  }

  private func filled(_ rows: Int, _ seed: UInt64) -> Factor<Double> {
    var random = SplitMix64(seed: seed)
    let factor = Factor<Double>(rows: rows, rank: rank)
    for i in 0..<rows { for k in 0..<rank { factor[i, k] = random.uniform() } }
    return factor
  }

  private func moved(_ factor: Factor<Double>, by size: Double, _ seed: UInt64) -> Factor<Double> {
    let (other, change) = (factor.copied(pool: pool), filled(factor.rows, seed))
    for i in 0..<factor.rows {
      for k in 0..<rank { other[i, k] = max(0, other[i, k] + size * (change[i, k] - 0.5)) }
    }
    return other
  }

  private func entry(_ w: Factor<Double>, _ ht: Factor<Double>, _ i: Int, _ j: Int) -> Double {
    (0..<w.rank).reduce(0) { $0 + w[i, $1] * ht[j, $1] }
  }

  private func objective(_ w: Factor<Double>, _ ht: Factor<Double>) -> Double {
    referenceObjective(.dense(x), w.matrix, ht.matrix.transposed(), .frobenius)
  }

  /// What is left out is ⟨X − QBᵀ, ΔW ΔH⟩ and nothing else.
  @Test(arguments: [1e-6, 1e-2, 0.5])
  func `a shortcut follows the objective but for the small end of X`(_ size: Double) throws {
    let products = Products(.dense(x), pool: pool)
    let directions = try LeadingDirections(products, count: 9, isSharp: true, seed: 0)
    let (w0, ht0) = (filled(x.rows, 1), filled(x.columns, 2))
    let shortcut = CompressedAlternation(
      directions, pass: LeastSquaresPass(products, rank: rank, keepsProducts: true), w: w0, ht: ht0)
    #expect(abs(shortcut.objective - objective(w0, ht0)) < 1e-11 * objective(w0, ht0))
    // From a place nearby, as extrapolation finds it.
    let (w, ht) = (moved(w0, by: size, 3), moved(ht0, by: size, 4))
    let before = objective(w, ht)
    let claimed = shortcut.step(w, ht)
    var leftOut = 0.0
    for i in 0..<x.rows {
      for j in 0..<x.columns {
        let small = x[i, j] - entry(directions.left, directions.right, i, j)
        for k in 0..<rank { leftOut += small * (w[i, k] - w0[i, k]) * (ht[j, k] - ht0[j, k]) }
      }
    }
    let actual = objective(w, ht)
    #expect(abs(claimed - leftOut - actual) < 1e-11 * shortcut.objective)
    #expect(actual < before)
    #expect(w.matrix.elements.allSatisfy { $0 >= 0 })
    #expect(ht.matrix.elements.allSatisfy { $0 >= 0 })
  }

  /// Rows are shared out in shorter pieces where there are more threads.
  @Test func `what a step has changed has the same bits at any number of threads`() {
    let (origin, downhill, start) = (filled(150, 1), filled(150, 2), filled(150, 3))
    var gram = [Double](repeating: 0, count: rank * origin.stride)
    for k in 0..<rank { gram[k * origin.stride + k] = 2 }
    let results = [1, 2, 3, 8].map { threads in
      let pool = ComputePool(threads: threads)
      defer { pool.shutDown() }
      let (factor, change) = (start.copied(pool: pool), Factor<Double>(rows: 150, rank: rank))
      let sums = improveRows(
        factor, from: origin, downhill: downhill, gram: gram, step: .sweeps(1), change: change,
        pool: pool)
      return [sums.downhill] + factor.matrix.elements
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func `a shortcut is exact where X has no more than its directions`() throws {
    let (a, b) = (filled(x.rows, 5), filled(x.columns, 6))
    let low = try DenseMatrix(
      rows: x.rows, columns: x.columns,
      elements: (0..<x.rows * x.columns).map { entry(a, b, $0 / x.columns, $0 % x.columns) })
    let products = Products(.dense(low), pool: pool)
    let directions = try LeadingDirections(products, count: 5, isSharp: true, seed: 0)
    let (w, ht) = (filled(x.rows, 1), filled(x.columns, 2))
    let shortcut = CompressedAlternation(
      directions, pass: LeastSquaresPass(products, rank: rank, keepsProducts: true), w: w, ht: ht)
    for _ in 0..<20 {
      let claimed = shortcut.step(w, ht)
      let actual = referenceObjective(.dense(low), w.matrix, ht.matrix.transposed(), .frobenius)
      #expect(abs(claimed - actual) < 1e-11 * shortcut.objective)
    }
  }

  /// Panels of rows, chunks of them, and columns that do not fill a vector.
  @Test(arguments: [(48, 33), (150, 120), (1000, 17), (4001, 21)])
  func `a step by what is left of X is that by X`(_ rows: Int, _ columns: Int) {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type, _ tolerance: Double) {
      var random = SplitMix64(seed: UInt64(rows))
      var x = DenseMatrix<Scalar>(rows: rows, columns: columns)
      for i in 0..<rows { for j in 0..<columns { x[i, j] = Scalar(random.uniform()) } }
      let problem = Problem(.dense(x), loss: .frobenius, pool: pool)
      let start = (
        w: filled(rows, 1).converted(to: type, pool: pool),
        ht: filled(columns, 2).converted(to: type, pool: pool)
      )
      var results: [(w: Factor<Scalar>, ht: Factor<Scalar>, objective: Double)] = []
      for isExact in [false, true] {
        let (w, ht) = (start.w.copied(pool: pool), start.ht.copied(pool: pool))
        let alternation = LeastSquaresAlternation(problem, rank: rank, multiplicative: false)
        let objective = isExact ? alternation.stepByResidual(w, ht) : alternation.step(w, ht)
        results.append((w, ht, objective))
      }
      for (one, other) in [(results[0].w, results[1].w), (results[0].ht, results[1].ht)] {
        for (a, b) in zip(one.matrix.elements, other.matrix.elements) {
          #expect(abs(Double(a) - Double(b)) < tolerance)
        }
      }
      let expected = referenceObjective(
        .dense(x), results[1].w.matrix, results[1].ht.matrix.transposed(), .frobenius)
      #expect(abs(results[1].objective - expected) < tolerance * expected)
    }
    check(Float.self, 1e-5)
    check(Double.self, 1e-12)
  }

  /// Else the contract, which sets the limit to 0, would hold solvers without them.
  @Test func `fits take shortcuts from the limit on, and only then`() throws {
    var options = FitOptions(rank: rank, loss: .frobenius)
    options.initialization = .random
    options.maxIterations = 20
    func objectives(from limit: Int) throws -> [Double] {
      try Shortcuts.$fewestEntries.withValue(limit) {
        try fit(.dense(x), options: options).report.history.map(\.objective)
      }
    }
    let entries = x.rows * x.columns
    let (with, without) = try (objectives(from: entries), objectives(from: entries + 1))
    #expect(with != without)
    #expect(try without == fit(.dense(x), options: options).report.history.map(\.objective))
    #expect(try with == objectives(from: 0))
  }

  /// In single precision W and H come as near to a stationary point as in double.
  @Test func `shortcuts end where double precision does`() throws {
    var options = FitOptions(rank: rank, loss: .frobenius)
    options.initialization = .random
    options.tolerance = 1e-6
    options.maxIterations = 2000
    let (double, single) = try Shortcuts.$fewestEntries.withValue(0) {
      (
        try fit(.dense(x), options: options),
        try fit(DataMatrix.dense(x).converted(to: Float.self), options: options)
      )
    }
    #expect(double.report.stopReason == .converged)
    #expect(single.report.stopReason == .converged)
    #expect(
      abs(single.report.objective - double.report.objective) < 1e-5 * double.report.objective)
  }
}
