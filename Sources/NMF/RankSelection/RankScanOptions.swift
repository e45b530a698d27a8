/// What a rank scan does, and how much of it.
public struct RankScanOptions: Sendable, Equatable, Codable {
  /// Loss, solver, seed and threads, as a fit takes them; its rank is not used.
  public var fit: FitOptions
  /// The ranks to look at; nil to begin at 1…10 and go on while the answer sits on the upper edge.
  public var ranks: ClosedRange<Int>?
  /// In how many folds the entries of X are hidden, at least 2.
  public var folds = 5
  /// How often all folds are dealt anew.
  public var repeats = 1
  /// Random starts per rank for the consensus of clusters; 0 for none.
  public var restarts = 10
  /// Fits per rank to rows drawn with replacement; 0 for none.
  public var bootstraps = 5
  /// The most rows that stability is measured on; beyond it, that many are drawn.
  public var stabilityRows = 1000
  /// The most iterations of a fit with hidden entries.
  public var maxIterations = 200

  /// Creates options with the defaults above.
  public init(loss: Loss = .poisson) {
    fit = FitOptions(rank: 1, loss: loss)
    fit.tolerance = 5e-4
  }
}

/// Why a rank scan cannot begin.
public enum RankScanError: Error, Equatable, CustomStringConvertible {
  /// The range is empty, begins below 1 or ends above max(N, p).
  case rangeOutOfBounds(lower: Int, upper: Int, largest: Int)
  /// There are fewer rows or columns than folds.
  case tooSmallForFolds(rows: Int, columns: Int, folds: Int)

  public var description: String {
    switch self {
    case .rangeOutOfBounds(let lower, let upper, let largest):
      "The ranks must lie in 1…\(largest) for this matrix, but \(lower)..\(upper) was asked for."
    case .tooSmallForFolds(let rows, let columns, let folds):
      "A matrix of \(rows) × \(columns) is too small to hide its entries in \(folds) folds; "
        + "use fewer folds, at most \(min(rows, columns))."
    }
  }
}
