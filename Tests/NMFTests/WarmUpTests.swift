import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Least squares that go before a Poisson fit.
@Suite struct WarmUpTests {
  @Test func `an optimum of the likelihood is not left for one of squares`() throws {
    var random = SplitMix64(seed: 7)
    let (rows, columns, rank) = (50, 30, 4)
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { x[i, j] = Double(random.poisson(3 * random.uniform())) }
    }
    var options = FitOptions(rank: rank, loss: .poisson)
    options.threads = 2
    let optimum = try fit(.dense(x), options: options, mayBeginTwice: false)
    options.maxIterations = 1
    let again = try fit(
      .dense(x), options: options, start: (optimum.w, optimum.h), mayBeginTwice: false)
    // Squares have moved the factors meanwhile: what they were must have been kept.
    let (before, after) = (optimum.report.objective, again.report.objective)
    #expect(abs(again.report.history[0].objective - before) <= 1e-6 * before)
    #expect(after <= before * (1 + 1e-6))
    for (one, other) in zip(again.h.elements, optimum.h.elements) {
      #expect(abs(one - other) <= 0.01 * (1 + other))
    }
  }
}
