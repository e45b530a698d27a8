/// Why a fit cannot begin.
public enum FitError: Error, Equatable {
  /// The rank is below 1 or above max(N, p).
  case rankOutOfRange(rank: Int, largest: Int)
  /// An entry is negative; rows and columns count from 0.
  case negativeEntry(row: Int, column: Int, value: Double)
  /// An entry is infinite.
  case infiniteEntry(row: Int, column: Int)
  /// Entries are missing (NaN); the first is given.
  case missingEntries(count: Int, row: Int, column: Int)
  /// Every entry is zero, or there is none.
  case nothingToFit
  /// The solver does not minimise this loss.
  case solverDoesNotFitLoss(solver: SolverName, loss: Loss)
  /// A given start or new data does not have the right shape or has a negative entry.
  case unsuitableMatrix(name: String, reason: String)
}

extension FitError: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .rankOutOfRange(let rank, let largest):
      "The rank must lie in 1…\(largest) for this matrix, but is \(rank)."
    case .negativeEntry(let row, let column, let value):
      "X must be non-negative, but its entry in row \(row + 1), column \(column + 1) is \(value)."
    case .infiniteEntry(let row, let column):
      "X must be finite, but its entry in row \(row + 1), column \(column + 1) is infinite."
    case .missingEntries(let count, let row, let column):
      "X has \(count) missing \(count == 1 ? "entry" : "entries"), the first in row \(row + 1), "
        + "column \(column + 1); fits with missing entries are not supported yet."
    case .nothingToFit:
      "X has no entry above zero, so there is nothing to fit."
    case .solverDoesNotFitLoss(let solver, let loss):
      "The solver \(solver.rawValue) does not minimise the \(loss.rawValue) loss; "
        + "use mu or \(loss == .poisson ? "scd" : "hals")."
    case .unsuitableMatrix(let name, let reason):
      "\(name) cannot be used: \(reason)."
    }
  }
}
