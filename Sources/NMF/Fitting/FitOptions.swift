/// Where a fit starts.
public enum Initialization: String, CaseIterable, Codable, Sendable {
  /// Non-negative double singular value decomposition (Boutsidis & Gallopoulos 2008).
  ///
  /// Its zeros are left for solvers that can move them, and filled as in `nndsvda` for the others.
  case nndsvd
  /// NNDSVD with zeros replaced by the mean of X.
  case nndsvda
  /// NNDSVD with zeros replaced by random numbers below a hundredth of the mean of X.
  case nndsvdar
  /// Independent uniform numbers, scaled so that the mean of WH is the mean of X.
  case random
}

/// How the factors are moved.
public enum SolverName: String, CaseIterable, Codable, Sendable {
  /// The fastest for the loss and the storage: `hals` for least squares, `scd` for Poisson.
  case automatic
  /// Multiplicative updates (Lee & Seung 2001; ESL equation 14.74), either loss.
  case mu
  /// Extrapolated hierarchical alternating least squares, for least squares only.
  case hals
  /// Second-order coordinate descent with momentum, for Poisson only; begins with a few of `hals`.
  case scd
}

/// What to fit, and when to stop.
public struct FitOptions: Codable, Sendable, Equatable {
  /// The number of components r.
  public var rank: Int
  /// The loss to minimise.
  public var loss: Loss = .poisson
  /// The solver.
  public var solver: SolverName = .automatic
  /// Where the first start lies; further restarts are random.
  public var initialization: Initialization = .nndsvd
  /// The seed of all randomness.
  ///
  /// The same seed gives the same bits at any number of threads.
  public var seed: UInt64 = 1
  /// How many starts are fitted; the best is kept. A small fit of one start begins twice.
  public var restarts: Int = 1
  /// Threads to compute with; nil for one a core.
  public var threads: Int?
  /// The most iterations a start may take, in both beginnings together, not counting the least
  /// squares that `scd` begins with. An iteration of `hals` on a large dense X may hold up to 32 steps
  /// that do not read X.
  public var maxIterations: Int = 2000
  /// The largest KKT residual that counts as converged, scale-free.
  public var tolerance: Double = 1e-5
  /// The most seconds all starts together may take; nil for no limit.
  public var timeLimit: Double?

  /// Creates options with the defaults above.
  public init(rank: Int, loss: Loss = .poisson) {
    self.rank = rank
    self.loss = loss
  }
}
