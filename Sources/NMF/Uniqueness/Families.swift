internal import Foundation
public import Matrices

/// One of many fits of the same data, seen beside the others.
public struct FamilyMember: Sendable, Equatable {
  /// The start, counted from 0; `FamilyMember.model` for a model that was given.
  public var start: Int
  /// Its objective.
  public var objective: Double
  /// Why it stopped.
  public var stopReason: StopReason
  /// For each part of the family's best fit, the angle to the matching part here, in degrees.
  public var angles: [Double]

  /// What stands for a start where a model was given.
  public static let model = -1
}

/// Fits that ended at the same solution, as far as their stated accuracy goes.
public struct Family: Sendable, Equatable {
  /// The members, the best first.
  public var members: [FamilyMember]
  /// The parts of the best member, r × p, each with sum 1, in the order of the reference.
  public var parts: DenseMatrix<Double>
  /// The lowest objective of a member.
  public var objective: Double
  /// For each part of the first family, the angle to the matching part here, in degrees.
  public var anglesToBest: [Double]
  /// Whether the objective is within the tolerance of the best of all.
  public var isAsGood: Bool

  /// Parts that are elsewhere than in the first family, counted from 0.
  public func differingParts(beyond degrees: Double) -> [Int] {
    anglesToBest.indices.filter { anglesToBest[$0] > degrees }
  }

  /// The largest angle between a part of a member and that of the best one, in degrees.
  public var spreadDegrees: Double { members.flatMap(\.angles).max() ?? 0 }
}

/// When two fits are called the same.
public struct FamilyRule: Sendable, Equatable {
  /// The largest angle between matching parts, in degrees.
  public var angleDegrees = 5.0
  /// The largest difference of objectives, as a share of the larger.
  public var objectiveShare = 1e-3

  /// The rule with the defaults above.
  public init() {}
}

/// A finished start: what clustering needs of it.
struct FinishedStart: Sendable {
  var start: Int
  var objective: Double
  var stopReason: StopReason
  /// r lists of p, each of length 1 or zero.
  var parts: [[Double]]
  /// r lists of N, for parts of length 1.
  var memberships: [[Double]]

  /// Σᵢ wᵢₖ for parts of length 1.
  var masses: [Double] { memberships.map { $0.reduce(0, +) } }

  /// Whether WH is the same, within half a percent of its size.
  func hasSameFit(as other: FinishedStart) -> Bool {
    func product(_ a: FinishedStart, _ b: FinishedStart) -> Double {
      var sum = 0.0
      for (m, part) in zip(a.memberships, a.parts) {
        for (n, counterpart) in zip(b.memberships, b.parts) {
          sum +=
            zip(m, n).reduce(0) { $0 + $1.0 * $1.1 }
            * zip(part, counterpart).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
      return sum
    }
    // ‖V − V'‖² = V·V − 2 V·V' + V'·V', with products of factors alone.
    let size = product(self, self)
    return size - 2 * product(self, other) + product(other, other) <= 0.005 * 0.005 * size
  }
}

extension FinishedStart {
  /// Takes what clustering needs of a factorisation.
  init<Scalar: MatrixScalar>(
    start: Int, w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, objective: Double,
    stopReason: StopReason
  ) {
    self.start = start
    self.objective = objective
    self.stopReason = stopReason
    parts = unitParts(h)
    memberships = (0..<h.rows).map { k in
      let length = h.row(k).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return (0..<w.rows).map { Double(w[$0, k]) * length }
    }
  }
}

/// Sorts fits into families.
///
/// The best fit founds the first family. Each next one, by objective, joins the first family whose
/// best member has the same parts (matched by the assignment with the largest sum of cosines) at
/// the same objective, or founds its own.
///
/// - Parameters:
///   - starts: At least one.
///   - rule: When two are the same.
///   - tolerance: How much an objective may lie above the best and still be as good.
///   - exact: An objective below which a fit is exact, so that differences mean nothing.
func sortIntoFamilies(
  _ starts: [FinishedStart], rule: FamilyRule, tolerance: Double, exact: Double
) -> [Family] {
  let sorted = starts.sorted { ($0.objective, $0.start) < ($1.objective, $1.start) }
  guard let best = sorted.first else { return [] }
  var families: [Family] = []
  var leaders: [FinishedStart] = []
  for start in sorted {
    var joined = false
    for (index, leader) in leaders.enumerated() {
      let slack = max(rule.objectiveShare * start.objective, exact)
      guard start.objective - leader.objective <= slack else { continue }
      let angles = matchedAngles(leader.parts, start.parts).angles
      guard angles.allSatisfy({ $0 <= rule.angleDegrees }) else { continue }
      families[index].members.append(
        FamilyMember(
          start: start.start, objective: start.objective, stopReason: start.stopReason,
          angles: angles))
      joined = true
      break
    }
    guard !joined else { continue }
    let match = matchedAngles(best.parts, start.parts)
    var leader = start
    leader.parts = match.order.map { start.parts[$0] }
    leaders.append(leader)
    families.append(
      Family(
        members: [
          FamilyMember(
            start: start.start, objective: start.objective, stopReason: start.stopReason,
            angles: [Double](repeating: 0, count: start.parts.count))
        ],
        parts: unitSums(leader.parts), objective: start.objective, anglesToBest: match.angles,
        isAsGood: start.objective - best.objective <= max(tolerance, exact)))
  }
  return families
}

/// The parts of `other` matched to those of `reference`, and the angle between each pair.
func matchedAngles(
  _ reference: [[Double]], _ other: [[Double]]
) -> (order: [Int], angles: [Double]) {
  let cost = reference.map { a in
    other.map { b in 1 - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  }
  let order = minimumCostAssignment(cost)
  return (
    order,
    order.enumerated().map { k, l in
      let bothEmpty = !reference[k].contains { $0 > 0 } && !other[l].contains { $0 > 0 }
      return bothEmpty ? 0 : degreesBetween(reference[k], other[l])
    }
  )
}

/// The rows of H with length 1.
func unitParts<Scalar: MatrixScalar>(_ h: DenseMatrix<Scalar>) -> [[Double]] {
  (0..<h.rows).map { k in
    let row = h.row(k).map { Double($0) }
    let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? row.map { $0 / length } : row
  }
}

private func unitSums(_ parts: [[Double]]) -> DenseMatrix<Double> {
  var result = DenseMatrix<Double>(rows: parts.count, columns: parts.first?.count ?? 0)
  for (k, part) in parts.enumerated() {
    let sum = part.reduce(0, +)
    guard sum > 0 else { continue }
    for j in part.indices { result[k, j] = part[j] / sum }
  }
  return result
}
