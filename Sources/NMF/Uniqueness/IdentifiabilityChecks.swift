/// What a check of a factorisation says about others of the same WH.
public enum Evidence: String, Sendable, Codable {
  /// There is no other factorisation of this WH, up to the scale and the order of the parts.
  case provesUnique
  /// There are others.
  case provesNotUnique
  /// A hint in one direction, not a proof.
  case onlySuggests
}

/// One check: what was found, and what follows.
public struct IdentifiabilityCheck: Sendable, Equatable {
  /// The kind of check, as it is called in results.
  public enum Name: String, Sendable, Codable {
    case separability
    case supportInclusion
    case scattering
    case rigidity
    case movement
    case information
  }

  /// The kind of check.
  public var name: Name
  /// What follows from it.
  public var evidence: Evidence
  /// Whether it speaks for uniqueness, against it, or neither (nil).
  public var favorsUnique: Bool?
  /// What was found, as a sentence.
  public var finding: String
}

/// The cheap checks of a factorisation, each with what it proves.
///
/// Entries below 10⁻⁷ of their component's largest count as zero. A movement counts from 0.1° on, so
/// that the error of a converged fit is not taken for room. All statements are about WH.
func checks(of geometry: Geometry, room: Room, loss: Loss) -> [IdentifiabilityCheck] {
  guard geometry.rank >= 2 else { return [] }
  let rigidity = Rigidity(geometry)
  return [
    separability(geometry), supportInclusion(geometry), scattering(geometry),
    rigidityCheck(rigidity), movement(geometry, room, rigidity), information(geometry, loss),
  ]
}

/// Components that occur alone somewhere: in an observation, and in a feature.
private func separability(_ geometry: Geometry) -> IdentifiabilityCheck {
  func alone(_ factor: [[Double]], _ count: Int) -> Int {
    var found = Set<Int>()
    for i in 0..<count {
      let present = factor.indices.filter { factor[$0][i] > 0 }
      if present.count == 1 { found.insert(present[0]) }
    }
    return found.count
  }
  let rank = geometry.rank
  let observations = alone(geometry.w, geometry.rows)
  let features = alone(geometry.h, geometry.columns)
  let finding =
    "\(observations) of \(rank) parts have an observation that holds nothing else, and \(features) of "
    + "\(rank) have a feature that no other part has"
  if observations == rank, features == rank {
    return IdentifiabilityCheck(
      name: .separability, evidence: .provesUnique, favorsUnique: true,
      finding: finding + ": then the parts are the extreme observations and cannot be others.")
  }
  return IdentifiabilityCheck(
    name: .separability, evidence: .onlySuggests, favorsUnique: nil, finding: finding + ".")
}

/// Parts whose features, or whose observations, are all among those of another part.
private func supportInclusion(_ geometry: Geometry) -> IdentifiabilityCheck {
  var pairs: [String] = []
  var largest = 0.0
  for k in 0..<geometry.rank {
    for l in 0..<geometry.rank where l != k {
      // h_k + t h_l, t up to what w_l can give; and h_k − t h_l, as far as h_k has it.
      var least = Double.infinity
      for j in 0..<geometry.columns where geometry.h[l][j] > 0 {
        least = min(least, geometry.h[k][j] / geometry.h[l][j])
      }
      var turn = 0.0
      for t in [geometry.give(k, l), -least] where t.isFinite && t != 0 {
        let moved = (0..<geometry.columns).map { geometry.h[k][$0] + t * geometry.h[l][$0] }
        turn = max(turn, degreesBetween(geometry.h[k], moved))
      }
      guard turn > Geometry.pinnedDegrees else { continue }
      largest = max(largest, turn)
      pairs.append("\(geometry.components[k] + 1) by \(geometry.components[l] + 1)")
    }
  }
  guard !pairs.isEmpty else {
    return IdentifiabilityCheck(
      name: .supportInclusion, evidence: .onlySuggests, favorsUnique: true,
      finding:
        "No part can be moved by another alone: of any two, each has features and observations "
        + "that the other lacks. This is necessary for uniqueness, not sufficient.")
  }
  let shown = pairs.prefix(6).joined(separator: ", ")
  return IdentifiabilityCheck(
    name: .supportInclusion, evidence: .provesNotUnique, favorsUnique: false,
    finding: "\(pairs.count) exchanges between two parts leave the fit as it is, by up to "
      + "\(rounded(largest))° (part \(shown)\(pairs.count > 6 ? ", …" : "")).")
}

/// Whether memberships and parts are sufficiently scattered.
private func scattering(_ geometry: Geometry) -> IdentifiabilityCheck {
  // The condition depends on the scale of the components; it has to hold for one scale of both.
  let rank = geometry.rank
  let wSizes = geometry.w.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let hSizes = geometry.h.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let gauges = [
    zip(wSizes, hSizes).map { ($0 / $1).squareRoot() },
    geometry.w.map { $0.reduce(0, +) },
    [Double](repeating: 1, count: rank),
  ]
  var best = Double.infinity
  var undecided = false
  for gauge in gauges {
    let memberships = Scattering(
      rows: (0..<geometry.rows).map { i in (0..<rank).map { geometry.w[$0][i] / gauge[$0] } },
      dimension: rank)
    let parts = Scattering(
      rows: (0..<geometry.columns).map { j in (0..<rank).map { geometry.h[$0][j] * gauge[$0] } },
      dimension: rank)
    best = min(best, max(memberships.reach, parts.reach))
    if memberships.isSufficient == nil || parts.isSufficient == nil { undecided = true }
    if memberships.isSufficient == true, parts.isSufficient == true {
      return IdentifiabilityCheck(
        name: .scattering, evidence: .provesUnique, favorsUnique: true,
        finding:
          "Memberships and parts are both sufficiently scattered, by the corners of their dual "
          + "cones: then the factorisation is unique (Huang, Sidiropoulos & Swami 2014).")
    }
  }
  let score = best.isFinite ? rounded(best) : "unbounded"
  return IdentifiabilityCheck(
    name: .scattering, evidence: .onlySuggests, favorsUnique: best < 1 + 1e-6 ? true : nil,
    finding:
      "The dual cones reach \(score) (1 is sufficiently scattered\(undecided ? "; searched, not proven" : ""))."
  )
}

private func rigidityCheck(_ rigidity: Rigidity) -> IdentifiabilityCheck {
  let finding: String
  switch rigidity.isRigid {
  case true?:
    finding =
      "Infinitesimally rigid (Krone & Kubjas): the zeros allow no first step, not even of "
      + "several parts together. Another factorisation could only lie at a distance."
  case false?:
    finding =
      rigidity.rank < rigidity.unknowns
      ? "Not infinitesimally rigid: zeros impose \(rigidity.rank) independent conditions on "
        + "\(rigidity.unknowns) unknowns, so that several parts may be able to move together."
      : "Not infinitesimally rigid: the zeros allow a first step of several parts together."
  case nil:
    finding =
      rigidity.unknowns > Rigidity.mostUnknowns
      ? "Not computed: \(rigidity.unknowns) unknowns are more than \(Rigidity.mostUnknowns)."
      : "Not decided: the system was too close to degenerate."
  }
  return IdentifiabilityCheck(
    name: .rigidity, evidence: .onlySuggests, favorsUnique: rigidity.isRigid, finding: finding)
}

/// A movement that was carried out: the strongest evidence against uniqueness.
private func movement(
  _ geometry: Geometry, _ room: Room, _ rigidity: Rigidity
) -> IdentifiabilityCheck {
  let movable = room.parts.filter(\.isMovable)
  if let most = movable.map(\.angleDegrees).max() {
    return IdentifiabilityCheck(
      name: .movement, evidence: .provesNotUnique, favorsUnique: false,
      finding:
        "\(movable.count) of \(room.parts.count) parts were moved, by up to \(rounded(most))°, "
        + "with the fit exactly as it is.")
  }
  if let others = room.regions?.others, !others.isEmpty {
    return IdentifiabilityCheck(
      name: .movement, evidence: .provesNotUnique, favorsUnique: false,
      finding: "Each part is pinned where it is, but other parts elsewhere give the same fit.")
  }
  if room.parts.allSatisfy(\.isExact) {
    return IdentifiabilityCheck(
      name: .movement, evidence: .provesUnique, favorsUnique: true,
      finding:
        "All that \(room.parts.count == 2 ? "two" : "three") parts can be was computed: none can "
        + "turn by \(Geometry.pinnedDegrees)° or more.")
  }
  if let joint = rigidity.movement.flatMap({ jointTurn(geometry, $0) }) {
    return IdentifiabilityCheck(
      name: .movement, evidence: .provesNotUnique, favorsUnique: false,
      finding:
        "Several parts were moved together, by \(rounded(joint))°, with the fit exactly as it is.")
  }
  return IdentifiabilityCheck(
    name: .movement, evidence: .onlySuggests, favorsUnique: true,
    finding:
      "No part could be moved while the others stay; movements of several at once were tried "
      + "only to first order.")
}

/// How far a first-order movement can be carried out in earnest, in degrees; nil when it cannot.
private func jointTurn(_ geometry: Geometry, _ movement: [[Double]]) -> Double? {
  let rank = geometry.rank
  let sizes = geometry.w.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let w = zip(geometry.w, sizes).map { column, size in column.map { $0 / size } }
  let h = zip(geometry.h, sizes).map { part, size in part.map { $0 * size } }
  for sign in [1.0, -1.0] {
    for exponent in 0..<12 {
      let step = sign * (0.5 as Double).power(exponent)
      let transform = (0..<rank).map { k in
        (0..<rank).map { l in (k == l ? 1 : 0) + step * movement[k][l] }
      }
      guard let inverse = inverted(transform) else { continue }
      // `inverse` is given by columns: entry (k, l) of T⁻¹ is inverse[l][k].
      var isFeasible = true
      for l in 0..<rank where isFeasible {
        for i in 0..<geometry.rows {
          var sum = 0.0
          for k in 0..<rank { sum += w[k][i] * transform[k][l] }
          if sum < -1e-10 { isFeasible = false; break }
        }
      }
      guard isFeasible else { continue }
      var turn = 0.0
      for k in 0..<rank where isFeasible {
        let moved = (0..<geometry.columns).map { j in
          (0..<rank).reduce(0.0) { $0 + inverse[$1][k] * h[$1][j] }
        }
        let floor = -1e-10 * (h[k].max() ?? 0)
        if moved.contains(where: { $0 < floor }) { isFeasible = false }
        turn = max(turn, degreesBetween(h[k], moved))
      }
      if isFeasible, turn >= Geometry.pinnedDegrees { return turn }
    }
  }
  return nil
}

/// The conditioning of the Fisher information of the entries that are not zero.
private func information(_ geometry: Geometry, _ loss: Loss) -> IdentifiabilityCheck {
  guard let information = FisherInformation(geometry, loss: loss) else {
    return IdentifiabilityCheck(
      name: .information, evidence: .onlySuggests, favorsUnique: nil,
      finding:
        "Fisher information not computed: more than \(FisherInformation.mostParameters) entries "
        + "are free.")
  }
  let finding: String
  if information.flatDirections > 0 {
    finding =
      "The Fisher information of the \(information.parameters) free entries is flat in "
      + "\(information.flatDirections) directions besides the scales of the parts."
  } else {
    finding =
      "The Fisher information of the \(information.parameters) free entries has condition "
      + "\(rounded(1 / information.conditioning)): "
      + (information.conditioning > 1e-4 ? "the data determine them well." : "barely determined.")
  }
  return IdentifiabilityCheck(
    name: .information, evidence: .onlySuggests,
    favorsUnique: information.flatDirections > 0 ? false : nil, finding: finding)
}

/// A number to three significant digits.
func rounded(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  let digits = 2 - Int(log10Floor(value.magnitude))
  guard digits > 0 else { return "\(Int(value.rounded()))" }
  let scale = (10.0).power(min(digits, 12))
  let text = "\((value * scale).rounded() / scale)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func log10Floor(_ value: Double) -> Double { (log(value) / log(10)).rounded(.down) }

extension Double {
  /// The number to a whole power.
  func power(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= self }
    return exponent < 0 ? 1 / result : result
  }
}
