import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Single precision must end where double does, though its quick objectives are rounded.
@Suite struct SinglePrecisionTests {
  /// Many rows that are mixed of five parts, with a residual of some thousandths of ½‖X‖².
  private func mixtures(_ rows: Int, _ columns: Int, noise: Double) -> DenseMatrix<Double> {
    var random = SplitMix64(seed: 5)
    let rank = 5
    let parts = (0..<rank * columns).map { _ in 1 / (0.2 + random.uniform()) }
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      // A few large shares a row.
      var shares = (0..<rank).map { _ in 1 / (0.02 + random.uniform()) }
      let sum = shares.reduce(0, +)
      for k in 0..<rank { shares[k] /= sum }
      for j in 0..<columns {
        var mean = 0.0
        for k in 0..<rank { mean += shares[k] * parts[k * columns + j] }
        x[i, j] = max(0, mean + noise * (random.uniform() - 0.5))
      }
    }
    return x
  }

  @Test func `a fit goes on where steps gain less than quick objectives are rounded by`() throws {
    let x = mixtures(4000, 30, noise: 0.07)
    var options = FitOptions(rank: 5, loss: .frobenius)
    options.initialization = .random
    options.tolerance = 1e-6
    let double = try fit(.dense(x), options: options)
    let single = try fit(DataMatrix.dense(x).converted(to: Float.self), options: options)
    #expect(double.report.stopReason == .converged)
    #expect(single.report.stopReason == .converged)
    #expect(
      abs(single.report.objective - double.report.objective) < 1e-4 * double.report.objective)
  }

  /// The residual of a sparse X is not formed entry by entry: sums of squares cancel, and must be exact.
  @Test func `the objective of a sparse X is that of the factors that are returned`() throws {
    let x = DataMatrix.sparse(compress(mixtures(2000, 60, noise: 0.07))).converted(to: Float.self)
    var options = FitOptions(rank: 5, loss: .frobenius)
    options.initialization = .random
    options.maxIterations = 30
    let model = try fit(x, options: options)
    let reference = referenceObjective(x, model.w, model.h, .frobenius)
    #expect(abs(model.report.objective - reference) < 1e-9 * reference)
  }
}
