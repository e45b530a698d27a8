public import NMF

/// Every solver with every loss it minimises. A new one is held to the whole contract.
public enum SolverCase: String, CaseIterable, Sendable {
  /// Extrapolated HALS.
  case leastSquares
  /// Multiplicative updates, least squares.
  case leastSquaresMultiplicative
  /// Second-order coordinate descent with momentum.
  case poisson
  /// Multiplicative updates, Poisson.
  case poissonMultiplicative

  /// The loss it minimises.
  public var loss: Loss {
    switch self {
    case .leastSquares, .leastSquaresMultiplicative: .frobenius
    case .poisson, .poissonMultiplicative: .poisson
    }
  }

  /// Whether it converges fast enough to be asked for a small KKT residual.
  public var isFast: Bool { self == .leastSquares || self == .poisson }

  /// Options that choose it.
  public func options(rank: Int) -> FitOptions {
    var options = FitOptions(rank: rank, loss: loss)
    switch self {
    case .leastSquares: options.solver = .hals
    case .poisson: options.solver = .scd
    case .leastSquaresMultiplicative, .poissonMultiplicative: options.solver = .mu
    }
    options.initialization = .random
    return options
  }
}
