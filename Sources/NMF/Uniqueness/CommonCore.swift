/// What all equally good solutions have in common, where single features are shared out differently.
///
/// A feature is settled when in every solution the same part accounts for more than half of it, or
/// when each part's share of it is the same to a tenth. The others are contested: any part may hold
/// them. Parts are then compared on settled features alone.
public struct CommonCore: Sendable, Equatable {
  /// Equally good solutions that were compared.
  public var solutions: Int
  /// Features that are not settled, counted from 0.
  public var contested: [Int]
  /// Features that any part has at all.
  public var carrying: Int
  /// Parts that are the same in every solution on the settled features, counted from 0.
  public var agreeing: [Int]

  /// - Parameters:
  ///   - starts: Equally good ones, at least one; the first is the reference.
  ///   - degrees: The largest angle between parts that are the same.
  init?(_ starts: [FinishedStart], degrees: Double) {
    guard let first = starts.first, starts.count > 1 else { return nil }
    let rank = first.parts.count
    let columns = first.parts.first?.count ?? 0
    let shares = starts.map { CommonCore.shares($0) }
    let orders = shares.map { other -> [Int] in
      let cost = shares[0].map { a in
        other.map { b in -zip(a, b).reduce(0) { $0 + min($1.0, $1.1) } }
      }
      return minimumCostAssignment(cost)
    }
    var contested: [Int] = []
    var carrying: [Int] = []
    for j in 0..<columns where shares[0].contains(where: { $0[j] > 0 }) {
      carrying.append(j)
      let owner = (0..<rank).max { shares[0][$0][j] < shares[0][$1][j] } ?? 0
      let isOwned = zip(shares, orders).allSatisfy { share, order in share[order[owner]][j] > 0.5 }
      let isShared = zip(shares, orders).allSatisfy { share, order in
        (0..<rank).allSatisfy { abs(share[order[$0]][j] - shares[0][$0][j]) <= 0.1 }
      }
      if !isOwned, !isShared { contested.append(j) }
    }
    let settled = carrying.filter { !contested.contains($0) }
    agreeing = (0..<rank).filter { k in
      let own = settled.map { first.parts[k][$0] }
      // On one feature alone all parts are the same.
      guard own.count(where: { $0 > 0 }) > 1 else { return false }
      return zip(starts, orders).allSatisfy { start, order in
        degreesBetween(own, settled.map { start.parts[order[k]][$0] }) <= degrees
      }
    }
    solutions = starts.count
    self.contested = contested
    self.carrying = carrying.count
  }

  /// For each part and feature, the share of the feature's fitted total that the part accounts for.
  private static func shares(_ start: FinishedStart) -> [[Double]] {
    let columns = start.parts.first?.count ?? 0
    var shares = zip(start.parts, start.masses).map { part, mass in part.map { $0 * mass } }
    for j in 0..<columns {
      let total = shares.reduce(0) { $0 + $1[j] }
      guard total > 0 else { continue }
      for k in shares.indices { shares[k][j] /= total }
    }
    return shares
  }
}
