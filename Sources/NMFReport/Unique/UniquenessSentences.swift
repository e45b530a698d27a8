public import Matrices
public import NMF

/// What an examination says, in words.
public struct UniquenessSentences: Sendable {
  /// The verdict in one sentence.
  public let answer: String
  /// What it rests on, a sentence each.
  public let evidence: [String]
  /// Which solution was chosen and what it depends on; nil when none was asked for.
  public let choice: String?

  /// Finds words for a result.
  public init(_ result: Uniqueness<Double>) {
    let rank = result.model.rank
    switch result.verdict {
    case .unique:
      answer =
        rank == 1
        ? "Unique: one part has nothing to exchange."
        : "Unique: these \(rank) parts are the only ones with this fit."
    case .notUnique: answer = "Not unique: other parts fit as well."
    case .undecided:
      answer = "Undecided: no other parts were found, but nothing proves that there are none."
    }
    var evidence: [String] = []
    switch result.model.report.stopReason {
    case .converged, .precisionLimit: break
    case .timeLimit:
      evidence.append(
        "The fit had not converged within its time limit, so none of this is final: allow more with "
          + "--time-limit.")
    case .iterationLimit:
      let iterations = result.model.report.iterations
      evidence.append(
        "The fit had not converged after \(NumberFormat.count(iterations, "iteration")), so none of "
          + "this is final: allow more with --max-iter \(max(1, iterations) * 5).")
    case .stopped, .dropped:
      evidence.append(
        "The fit had not converged after \(NumberFormat.count(result.model.report.iterations, "iteration")), "
          + "so none of this is final.")
    }
    // What can move, and that nothing is proved, is said below and above in simpler words.
    if rank > 1, !result.room.isMovable, result.verdict != .undecided {
      evidence.append(result.reason)
    }
    evidence.append(contentsOf: Self.families(result))
    if let core = result.core, rank > 1, let text = Self.core(core, rank) { evidence.append(text) }
    if rank > 1 { evidence.append(Self.room(result)) }
    choice = result.chosen.map { Self.choice($0, result) + Self.dependence($0, result) }
    if let choice { evidence.append(choice) }
    self.evidence = evidence
  }

  /// How the starts ended.
  static func families(_ result: Uniqueness<Double>) -> [String] {
    let families = result.families
    let starts = families.flatMap(\.members).filter { $0.start != FamilyMember.model }.count
    guard starts > 0, let first = families.first else { return [] }
    if starts == 1 {
      return ["One start was fitted, which says nothing about where others would end."]
    }
    if families.count == 1 {
      let spread = first.spreadDegrees
      return [
        "All \(starts) starts ended at the same solution (parts within "
          + "\(NumberFormat.number(max(spread, 0.01), digits: 2))° of each other)."
      ]
    }
    let good = families.filter(\.isAsGood)
    let members = good.flatMap(\.members).filter { $0.start != FamilyMember.model }.count
    var text = "The \(starts) starts ended in \(families.count) families"
    if good.count == 1 {
      let inBest = first.members.filter { $0.start != FamilyMember.model }.count
      text += "; \(inBest) of them in the best, and the next fits worse by "
      text += NumberFormat.percent(relativeCost(families[1], best: first)) + " of its objective."
      if inBest <= 1 { text += " More --restarts may find a better one still." }
    } else {
      text += ", of which \(good.count) with \(members) starts fit equally well"
      let differing = Set(good.dropFirst().flatMap { $0.differingParts(beyond: 5) })
      let numbers = differing.map { $0 + 1 }
      text +=
        numbers.count == result.model.rank
        ? " and differ in every part."
        : numbers.isEmpty
          ? "."
          : " and differ in part\(numbers.count == 1 ? "" : "s") \(NumberFormat.ranges(numbers))."
    }
    return [text]
  }

  /// What equally good solutions have in common, where that is most of them.
  static func core(_ core: CommonCore, _ rank: Int) -> String? {
    guard !core.contested.isEmpty, 2 * core.contested.count <= core.carrying,
      2 * core.agreeing.count > rank
    else { return nil }
    let parts =
      core.agreeing.count == rank
      ? "all \(rank) parts are" : "\(core.agreeing.count) of \(rank) parts are"
    return "Unique up to \(NumberFormat.count(core.contested.count)) of "
      + "\(NumberFormat.count(core.carrying, "feature")), which equally good solutions share out "
      + "differently: on all others, \(parts) the same in each of the \(core.solutions) solutions."
  }

  /// The objective of a family above the best, as a share of its own.
  static func relativeCost(_ family: Family, best: Family) -> Double {
    family.objective > 0 ? (family.objective - best.objective) / family.objective : 0
  }

  private static func room(_ result: Uniqueness<Double>) -> String {
    let movable = result.room.parts.filter(\.isMovable)
    let most = movable.max { $0.angleDegrees < $1.angleDegrees }
    let bound = result.room.parts.allSatisfy(\.isExact) ? "" : " at least"
    guard let most else {
      return result.room.method == .linearProgrammes
        ? "Every part is pinned while the others stay: none can turn by 0.1° without changing the fit."
        : result.room.regions.map { !$0.others.isEmpty } == true
          ? "Every part is pinned where it is; the drawing shows where others could be instead."
          : "Every part is pinned: none can turn by 0.1° without changing the fit."
    }
    let names = movable.map { $0.component + 1 }
    let subject =
      names.count == result.room.parts.count
      ? "Every part" : "Part\(names.count == 1 ? "" : "s") \(NumberFormat.ranges(names))"
    return
      "\(subject) can turn without any change to the fit; part \(most.component + 1) the most, by"
      + "\(bound) \(NumberFormat.number(most.angleDegrees, digits: 3))°."
  }

  /// What the choice depends on besides the data.
  private static func dependence(
    _ chosen: ChosenSolution<Double>, _ result: Uniqueness<Double>
  ) -> String {
    var text = ""
    if chosen.ties > 0 {
      let others =
        chosen.ties == 1 ? "One other solution is" : "\(chosen.ties) other solutions are"
      let (what, on) =
        chosen.preference == .sparse ? ("membership", "observation") : ("part", "feature")
      text +=
        " \(others) as small: of equals, the one with the largest share of a \(what) on the first "
        + "\(on) is taken, then on the second, and so on."
    }
    guard chosen.preference == .separable || chosen.isWithinTolerance else { return text }
    let starts = result.families.flatMap(\.members).count { $0.start != FamilyMember.model }
    let same = result.startsWithSameFit
    if starts > 1, same == starts {
      return text + " All \(starts) starts reached this fit, and nothing else decides: "
        + "the choice does not depend on where a fit starts."
    }
    if starts <= 1 {
      return text
        + " It is made from one fit; whether other starts lead to the same fit, and so to "
        + "the same choice, is not known: use more --restarts."
    }
    return text + " It is made from one fit, which \(same) of \(starts) starts reached: another "
      + "--seed may lead to another fit and another choice; more --restarts make that less likely."
  }

  private static func choice(
    _ chosen: ChosenSolution<Double>, _ result: Uniqueness<Double>
  ) -> String {
    let objective = NumberFormat.number(chosen.model.report.objective, digits: 5)
    let isExact = result.model.report.isExact(chosen.model.report.objective)
    switch chosen.preference {
    case .separable:
      let what = chosen.picksFeatures ? "features" : "observations"
      let quality =
        isExact
        ? "it fits exactly."
        : "its objective is \(objective), that of the best fit "
          + "\(NumberFormat.number(result.model.report.objective, digits: 5))."
      return "The separable solution takes \(chosen.picked.count) \(what) as they are fitted; "
        + quality
    case .minimumVolume, .sparse:
      let name = chosen.preference == .sparse ? "sparsest" : "smallest-volume"
      if isExact { return "The \(name) solution fits exactly." }
      let allowed = chosen.allowedObjective.map { NumberFormat.number($0, digits: 5) } ?? "any"
      return chosen.isWithinTolerance
        ? "The \(name) solution has objective \(objective), within the \(allowed) it was allowed."
        : "The \(name) solution has objective \(objective), more than the \(allowed) it was allowed: "
          + "take it with care."
    }
  }
}
