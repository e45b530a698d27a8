/// Why a fit stopped.
public enum StopReason: String, Codable, Sendable {
  /// The KKT residual and the relative change of the objective are both below their tolerances.
  case converged
  /// `maxIterations` was reached first.
  case iterationLimit
  /// `timeLimit` was reached first.
  case timeLimit
  /// The observer asked to stop, or the user pressed Ctrl-C.
  case stopped
  /// The objective can no longer fall in this precision, though the KKT residual is above tolerance.
  case precisionLimit
  /// Other starts were far ahead after the first iterations, so this one was not followed.
  case dropped
}

/// One iteration, as recorded.
public struct HistoryEntry: Codable, Sendable, Equatable {
  /// Iterations done, counted from 1; 0 is the start.
  public var iteration: Int
  /// Seconds since the start of this fit.
  public var seconds: Double
  /// The objective: never higher than in the entry before.
  public var objective: Double
  /// The KKT residual where it was computed.
  public var kktResidual: Double?
}

/// One of several starts: where it ended.
public struct RestartSummary: Codable, Sendable, Equatable {
  /// The start, counted from 0.
  public var index: Int
  /// The final objective; that of the last iteration where the start was dropped.
  public var objective: Double
  /// Iterations done.
  public var iterations: Int
  /// Why it stopped.
  public var stopReason: StopReason
  /// The largest angle between a part and the matching part of the start that was kept, in degrees.
  ///
  /// Nil where there was only one start, or this one was not followed to its end.
  public var angleToBest: Double?
}

/// How a fit went, and how good it is.
public struct FitReport: Codable, Sendable, Equatable {
  /// Why it stopped.
  public var stopReason: StopReason
  /// Iterations of the start that was kept.
  public var iterations: Int
  /// Seconds spent fitting, all starts together.
  public var seconds: Double
  /// Σ x log(x / v) − x + v for Poisson, ½‖X − WH‖² for least squares, at the final factors.
  public var objective: Double
  /// How far the factors are from stationary: 0 at an optimum, scale-free.
  public var kktResidual: Double
  /// The objective of the best model without structure (`FitReport` explains by comparison).
  ///
  /// Poisson: the rank-one fit, independence of rows and columns. Least squares: V = 0.
  public var nullObjective: Double
  /// The Poisson log-likelihood Σ x log v − v − log x!, in nats; nil for least squares.
  public var logLikelihood: Double?
  /// Every iteration of the start that was kept.
  public var history: [HistoryEntry]
  /// Every start, in order.
  public var restarts: [RestartSummary]

  /// Starts that ended at the parts that were kept: each within 5°, at an objective within 0.1 %.
  ///
  /// The one that was kept is counted; objectives of exact fits are all the same.
  public var startsAgreed: Int {
    let slack = max(1e-3 * objective, exactLevel(nullObjective))
    let agreed = restarts.count { start in
      start.angleToBest.map { $0 <= FamilyRule().angleDegrees } ?? false
        && start.objective - objective <= slack
    }
    return max(1, agreed)
  }

  /// Whether an objective is zero but for rounding and the tolerance of a fit.
  public func isExact(_ objective: Double) -> Bool { objective <= exactLevel(nullObjective) }

  /// Whether both stopping rules were met.
  public var converged: Bool { stopReason == .converged }

  /// Twice the objective: the Poisson deviance, or the residual sum of squares.
  public var deviance: Double { 2 * objective }

  /// The part of the null model's deviance that the fit explains, 0…1; 1 is an exact fit.
  public var explained: Double { nullObjective > 0 ? 1 - objective / nullObjective : 1 }
}
