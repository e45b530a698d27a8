/// When a fit is done: the KKT residual and the change of the objective must both be small.
struct StoppingRule {
  /// The largest KKT residual that counts as stationary.
  let tolerance: Double
  /// The objective that is as good as zero.
  let exactObjective: Double
  private var nextCheck = 0

  init(tolerance: Double, exactObjective: Double) {
    self.tolerance = tolerance
    self.exactObjective = exactObjective
  }

  /// The iterations over which the change of the objective is measured.
  private static var window: Int { 5 }

  /// Whether the KKT residual is to be recorded without regard to stopping: at 40, 80, 160, …
  ///
  /// It takes the time of two to four iterations, which short fits would notice.
  func isLandmark(_ iteration: Int) -> Bool {
    guard iteration > 0, iteration % 40 == 0 else { return false }
    let forties = iteration / 40
    return forties & (forties - 1) == 0
  }

  /// Whether the objective has settled, so that the KKT residual is worth its price now.
  ///
  /// Settled: it fell by less than a twentieth of the tolerance in five iterations, relatively.
  mutating func hasSettled(_ history: [HistoryEntry]) -> Bool {
    guard let last = history.last, last.iteration >= nextCheck else { return false }
    if last.objective > exactObjective {
      guard history.count > Self.window else { return false }
      let before = history[history.count - 1 - Self.window].objective
      guard before - last.objective <= tolerance / 20 * last.objective else { return false }
    }
    // A check costs about an iteration: not more than one in twenty.
    nextCheck = last.iteration + max(5, last.iteration / 20)
    return true
  }

  /// Whether an evaluation ends the fit.
  func isMet(by evaluation: Evaluation) -> Bool {
    evaluation.kktResidual <= tolerance || evaluation.objective <= exactObjective
  }
}
