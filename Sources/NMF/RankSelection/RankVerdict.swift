internal import Foundation

/// What a rank scan says together.
public struct RankVerdict: Sendable, Equatable, Codable {
  /// The answer r̂: the smallest rank whose held-out deviance is within a standard error of the best.
  public var rank: Int
  /// The rank of the lowest mean held-out deviance.
  public var best: Int
  /// The ranks next to r̂ that held-out prediction cannot tell from the best.
  ///
  /// On average they are at most two standard errors worse, and not worse in every fold.
  public var plausible: [Int]
  /// Whether nothing beats one component.
  public var hasNoStructure: Bool { rank == 1 }
  /// Whether r̂ or what cannot be told from it sits on the upper edge of the ranks looked at.
  public var isOnEdge: Bool
  /// The largest rank up to which the parts are stable, or nil without restarts.
  public var stableUpTo: Int?
  /// Ranks in rising order with their scores.
  public var scores: [RankScore]

  /// Weighs the trials of a scan.
  ///
  /// The standard errors are those of differences to the best rank, fold by fold: folds differ much
  /// more from each other than ranks do.
  ///
  /// - Returns: nil when no rank has been looked at in every fold.
  public init?(_ scan: RankScan) {
    let folds = scan.options.folds * scan.options.repeats
    var byRank: [Int: [Double]] = [:]
    for rank in Set(scan.trials.map(\.rank)) {
      let trials = scan.trials.filter { $0.kind == .data && $0.rank == rank }
      guard trials.count == folds else { continue }
      byRank[rank] = trials.sorted { $0.fold < $1.fold }.map(\.heldOut)
    }
    let ranks = byRank.keys.sorted()
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    guard
      let best = ranks.min(by: { mean(byRank[$0] ?? []) < mean(byRank[$1] ?? []) }),
      let bestValues = byRank[best], let last = ranks.last
    else { return nil }
    let null = scan.trials.filter { $0.kind == .null }
    scores = ranks.map { rank in
      let values = byRank[rank] ?? []
      let differences = zip(values, bestValues).map { $0 - $1 }
      return RankScore(
        rank: rank, heldOut: mean(values), standardError: standardError(values),
        excess: mean(differences), excessError: standardError(differences),
        isWorseInEveryFold: differences.allSatisfy { $0 > 0 },
        null: null.first { $0.rank == rank }?.heldOut,
        objective: mean(
          scan.trials.filter { $0.kind == .data && $0.rank == rank }.map(\.objective)))
    }
    self.best = best
    rank = scores.first { $0.rank <= best && $0.excess <= $0.excessError }?.rank ?? best
    plausible = Self.neighbours(of: rank, in: scores)
    isOnEdge = last > 1 && (plausible.last == last)
    stableUpTo = Self.stableRank(scan.stability)
  }

  /// The ranks without a gap around `rank` that are as good.
  private static func neighbours(of rank: Int, in scores: [RankScore]) -> [Int] {
    guard let place = scores.firstIndex(where: { $0.rank == rank }) else { return [rank] }
    func isAsGood(_ score: RankScore) -> Bool {
      score.excess <= 2 * score.excessError && !score.isWorseInEveryFold
    }
    let below = scores[..<place].reversed().prefix(while: isAsGood).map(\.rank)
    let above = scores[(place + 1)...].prefix(while: isAsGood).map(\.rank)
    return below.reversed() + [rank] + above
  }

  /// The last rank before the restarts or the bootstraps stop finding the same parts.
  private static func stableRank(_ stability: [RankStability]) -> Int? {
    let measured = stability.filter { $0.restartCosine != nil }
    guard !measured.isEmpty else { return nil }
    return measured.last { min($0.restartCosine ?? 1, $0.bootstrapCosine ?? 1) >= 0.9 }?.rank ?? 1
  }
}

/// One rank as held-out prediction sees it, per hidden entry.
public struct RankScore: Sendable, Equatable, Codable {
  /// The number of components r.
  public var rank: Int
  /// The mean over folds of the deviance per hidden entry.
  public var heldOut: Double
  /// Its standard error over folds.
  public var standardError: Double
  /// How much worse than the best rank, in the mean over folds.
  public var excess: Double
  /// The standard error of that difference.
  public var excessError: Double
  /// Whether every fold is predicted worse than by the best rank.
  public var isWorseInEveryFold: Bool
  /// The deviance per hidden entry when the columns of X are shuffled.
  public var null: Double?
  /// The mean objective on the visible entries.
  public var objective: Double
}

/// The standard error of a mean; 0 for a single value.
private func standardError(_ values: [Double]) -> Double {
  let n = Double(values.count)
  guard n > 1 else { return 0 }
  let mean = values.reduce(0, +) / n
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / (n - 1) / n).squareRoot()
}
