internal import Foundation
public import Matrices

/// What is known about each rank, and what it says together.
public struct RankScan: Sendable, Codable {
  /// What was asked for.
  public var options: RankScanOptions
  /// N × p.
  public var rows: Int
  /// The number of features p.
  public var columns: Int
  /// Fits with hidden entries, by rank and fold.
  public var trials: [RankTrial]
  /// Stability, by rank.
  public var stability: [RankStability]
  /// How many of `largestRelevant` components automatic relevance determination keeps.
  public var relevant: Int?
  /// The components it began with.
  public var largestRelevant: Int?
  /// The consensus at the rank that was chosen.
  public var consensus: Consensus?
  /// Whether the time limit or the observer ended the scan before everything was done.
  public var isIncomplete = false
  /// Seconds spent, in this call.
  public var seconds = 0.0
}

/// What a rank scan tells its observer after each job.
public struct RankProgress: Sendable {
  /// The rank being looked at.
  public var rank: Int
  /// The share of the work of the ranks known so far that is done, 0…1.
  public var share: Double
  /// Seconds since the scan began.
  public var seconds: Double
  /// A trial that has just been done, to be stored.
  public var trial: RankTrial?
  /// The stability of a rank that has just been measured, to be stored.
  public var stability: RankStability?
  /// What lies ahead, before the first fit and when further ranks are taken up.
  public var outlook: RankOutlook?
}

/// What lies ahead of a rank scan.
public struct RankOutlook: Sendable {
  /// Fits to do, of ranks known so far.
  public var fits: Int
  /// Seconds they take, from a few iterations at the middle rank; right within a factor of two or so.
  public var seconds: Double
}

/// Looks at ranks: held-out prediction, chance, stability and relevance, all with one objective.
///
/// For each rank and fold X is fitted with a share of its entries hidden (`Speckle`), from NNDSVD and
/// from a random start, and the factors with the lower objective on what is visible are scored on
/// what is hidden. No fit ever sees what it is scored on: each starts from its own visible entries.
/// The same is done for one fold of X with shuffled columns. Then fits to all of X give stability.
/// All fits are in single precision, whose seven digits are more than ranks can be compared by, unless
/// the entries are too large or too small for it.
///
/// - Parameters:
///   - x: N observations × p features, all ≥ 0 and finite.
///   - options: Loss, ranks, folds.
///   - known: Trials and stabilities of an earlier scan of the same data with the same options,
///     which are not done again.
///   - observe: Called after each job, one call at a time; it may ask to stop.
/// - Throws: `FitError` or `RankScanError` when data or options do not allow it.
/// - Complexity: About ranks × (2 folds + restarts + bootstraps) fits. Memory for two copies of X a
///   thread, however many ranks and folds there are.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func scanRanks<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, options: RankScanOptions,
  known: (trials: [RankTrial], stability: [RankStability]) = ([], []),
  observe: (@Sendable (RankProgress) -> ObserverAnswer)? = nil
) throws -> RankScan {
  try checkEntries(x, pool: ComputePool(threads: options.fit.threads))
  let largest = max(x.rows, x.columns)
  if let ranks = options.ranks {
    guard ranks.lowerBound >= 1, ranks.upperBound <= largest else {
      throw RankScanError.rangeOutOfBounds(
        lower: ranks.lowerBound, upper: ranks.upperBound, largest: largest)
    }
  }
  guard min(x.rows, x.columns) >= max(2, options.folds) else {
    throw RankScanError.tooSmallForFolds(
      rows: x.rows, columns: x.columns, folds: options.folds)
  }
  let totals = Totals(x)
  let sum = totals.rowSums.reduce(0, +)
  guard sum > 0 else { throw FitError.nothingToFit }
  let fitsSingle = [sum, totals.squares].allSatisfy { 1e-25 < $0 && $0 < 1e25 }
  return fitsSingle
    ? try RankWork(x.converted(to: Float.self), options: options, known: known, observe: observe)
      .run()
    : try RankWork(x, options: options, known: known, observe: observe).run()
}
