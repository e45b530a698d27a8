/// One fit with hidden entries: the unit of a rank scan that is stored and never done twice.
public struct RankTrial: Sendable, Equatable, Codable {
  /// What was fitted.
  public enum Kind: String, Sendable, Codable {
    /// X.
    case data
    /// X with the entries of each column in random order.
    case null
  }

  /// What was fitted.
  public var kind: Kind
  /// The number of components r.
  public var rank: Int
  /// The fold, counted on through all repeats from 0.
  public var fold: Int
  /// The deviance per hidden entry: 2 (x log(x / v) − x + v), or (x − v)².
  public var heldOut: Double
  /// The objective over the visible entries.
  public var objective: Double
  /// Hidden entries above zero whose row or column shows nothing but zeros; they are not scored.
  public var unpredictable: Int
  /// Iterations done, of the start that was kept.
  public var iterations: Int
  /// Whether the fit converged.
  public var converged: Bool
}

/// How firmly the parts of one rank stand, over restarts and over resampled rows.
public struct RankStability: Sendable, Equatable, Codable {
  /// The number of components r.
  public var rank: Int
  /// The mean cosine between the parts of each restart and those of the best one, matched.
  public var restartCosine: Double?
  /// The same for fits to rows drawn with replacement.
  public var bootstrapCosine: Double?
  /// The cophenetic correlation of the consensus of clusters; see `Consensus`.
  public var copheneticCorrelation: Double?
  /// The dispersion of the consensus.
  public var dispersion: Double?
  /// The lowest objective over the restarts, on the rows that were looked at.
  public var objective: Double
  /// How many rows that is.
  public var rows: Int
}
