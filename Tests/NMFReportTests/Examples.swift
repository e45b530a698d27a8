import Matrices

@testable import NMF
@testable import NMFReport

/// Small models with known numbers.
enum Examples {
  static func report(
    _ stopReason: StopReason = .converged, objective: Double = 25, restarts: [Double] = [25]
  ) -> FitReport {
    FitReport(
      stopReason: stopReason, iterations: 312, seconds: 4.12, objective: objective,
      kktResidual: stopReason == .converged ? 8.2e-6 : 3.4e-3, nullObjective: 100,
      logLikelihood: -1234.5,
      history: (0...312).map {
        HistoryEntry(
          iteration: $0, seconds: Double($0) / 100,
          objective: objective + 100 / Double(1 + $0 * $0),
          kktResidual: $0.isMultiple(of: 10) ? 1 / Double(1 + $0 * $0) : nil)
      },
      restarts: restarts.enumerated().map {
        RestartSummary(
          index: $0.offset, objective: $0.element, iterations: 100, stopReason: stopReason)
      })
  }

  /// Two parts of four features in three observations; the first part holds 3/4 of the mass.
  static func small(
    _ report: FitReport = report(), loss: Loss = .poisson, limit: Double? = nil
  ) throws -> NMFModel<Double> {
    var options = FitOptions(rank: 2, loss: loss)
    options.seed = 7
    options.timeLimit = limit
    return NMFModel(
      w: try DenseMatrix(rows: 3, columns: 2, elements: [4, 0, 4, 1, 1, 2]),
      h: try DenseMatrix(rows: 2, columns: 4, elements: [0.5, 0.25, 0.25, 0, 0, 0.1, 0.4, 0.5]),
      options: options, report: report)
  }

  static func context() -> ReportContext {
    var context = ReportContext(
      title: "small.csv", dataPath: "data/small.csv", shape: Shape(3, 4))
    context.columnNames = ["alpha", "beta", "gamma", "delta"]
    context.rowNames = ["one", "two", "three"]
    context.precision = "double"
    context.command = "nnmf fit data/small.csv -r 2"
    context.version = "1.2.3"
    context.date = "24 July 2013"
    context.nonzeroCount = 9
    return context
  }

  /// A torso that is in every picture, and two limbs of which each picture has one.
  static func swimmer() throws -> NMFModel<Float> {
    NMFModel(
      w: try DenseMatrix(
        rows: 4, columns: 3, elements: [2, 1, 0, 2, 1, 0, 2, 0, 1, 2, 0, 1]),
      h: try DenseMatrix(
        rows: 3, columns: 4, elements: [0.5, 0.5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
      options: FitOptions(rank: 3), report: report(objective: 0))
  }
}
