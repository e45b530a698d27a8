internal import Foundation
public import Matrices

/// Whether another factorisation could be taken as well.
public enum UniquenessVerdict: String, Sendable, Codable {
  /// There is no other, up to the scale and the order of the parts, and every start that fits as well
  /// led to it.
  case unique
  /// There are others that fit as well: parts that can move, or other optima.
  case notUnique
  /// Neither was shown.
  case undecided
}

/// What to examine, and how long.
public struct UniquenessOptions: Sendable, Equatable {
  /// How to fit each start; `restarts` says how many.
  public var fit: FitOptions
  /// How much worse another solution may fit and still be as good, as a share of the objective.
  ///
  /// Nil for what 95 % confidence allows: a deviance higher by 3.84.
  public var tolerance: Double?
  /// When two starts are called the same.
  public var rule = FamilyRule()
  /// For how many entries, the largest of each part, profile intervals are computed.
  public var entries = 0
  /// Whether the interval of each entry is found by a linear programme of its own.
  public var allEntries = false
  /// Which solution to choose where there is room; nil for none.
  public var preference: Preference?

  /// Options for fits that are accurate enough to speak about uniqueness.
  ///
  /// Twenty starts, tolerance 10⁻⁶.
  public init(rank: Int, loss: Loss = .poisson) {
    fit = FitOptions(rank: rank, loss: loss)
    fit.restarts = 20
    fit.tolerance = 1e-6
    fit.maxIterations = 5000
  }
}

/// How far the examination is, for a line on the terminal.
public enum UniquenessProgress: Sendable {
  /// Starts that are finished, of how many.
  case starts(done: Int, of: Int)
  /// What is computed now.
  case stage(String)
}

/// How far the parts of a factorisation could move, and which other optima there are.
public struct Uniqueness<Scalar: MatrixScalar>: Sendable {
  /// The best fit, which all statements are about.
  public var model: NMFModel<Scalar>
  /// What is said in one word.
  public var verdict: UniquenessVerdict
  /// Why, in one sentence.
  public var reason: String
  /// The starts in families, the best first; empty when no starts were made.
  public var families: [Family]
  /// How many starts ended at the same WH as the model, whatever their parts.
  public var startsWithSameFit: Int
  /// What the starts that fit as well as the best have in common; nil with fewer than two of them.
  public var core: CommonCore?
  /// How far each part can move without any change to WH.
  public var room: Room
  /// The checks, with what each proves.
  public var checks: [IdentifiabilityCheck]
  /// How much the objective may rise for a solution to be as good.
  public var tolerance: Double
  /// Profile intervals of single entries.
  public var profiles: [ProfileInterval]
  /// The solution that was asked for.
  public var chosen: ChosenSolution<Scalar>?
  /// Entries that no factorisation of WH can leave, the same for all parts; nil when not computed.
  public var outer: (lowest: [Double], highest: [Double])?

  /// For two features and two parts: the directions a part can take, in degrees from the first axis.
  public func directionDegrees(of part: Int) -> ClosedRange<Double>? {
    let room = room.parts[part]
    guard room.part.count == 2, room.isExact, room.part.contains(where: { $0 > 0 }) else {
      return nil
    }
    let angles = ([room.part] + room.extremes).map { atan2($0[1], $0[0]) * 180 / .pi }
    guard let low = angles.min(), let high = angles.max() else { return nil }
    return low...high
  }
}

/// Examines how unique a factorisation is.
///
/// - Parameters:
///   - x: The data.
///   - options: How many starts, and what to compute.
///   - given: A model of these data to examine, from where a fit goes on until it is as accurate as
///     the starts; nil to examine the best start.
///   - observe: Called as the work goes on; it may ask to stop the starts, and what is finished is
///     examined.
/// - Throws: `FitError`.
public func examineUniqueness<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, options: UniquenessOptions, given: NMFModel<Scalar>? = nil,
  observe: (@Sendable (UniquenessProgress) -> ObserverAnswer)? = nil
) throws -> Uniqueness<Scalar> {
  var starts = try finishedStarts(x, options: options.fit, observe: observe)
  // A model is brought to the accuracy of the starts first, from where it is.
  let polished = try given.map { model in
    var own = options.fit
    own.restarts = 1
    return try fit(x, options: own, start: (model.w, model.h), mayBeginTwice: false)
  }
  guard let best = starts.best ?? polished else { throw FitError.nothingToFit }
  let reference = polished ?? best
  if let polished {
    starts.finished.append(
      FinishedStart(
        start: FamilyMember.model, w: polished.w, h: polished.h,
        objective: polished.report.objective, stopReason: polished.report.stopReason))
  }
  let tolerance = allowedRise(reference, x: x, share: options.tolerance)
  let exact = exactLevel(reference.report.nullObjective)
  let families = sortIntoFamilies(
    starts.finished, rule: options.rule, tolerance: tolerance, exact: exact)

  _ = observe?(.stage("room to move"))
  let negligible = Geometry.negligible(in: reference.report)
  let room = roomToMove(
    w: reference.w, h: reference.h, allEntries: options.allEntries, negligible: negligible,
    threads: options.fit.threads)
  let geometry = Geometry(w: reference.w, h: reference.h, negligible: negligible)
  _ = observe?(.stage("checks"))
  let checks = checks(of: geometry, room: room, loss: options.fit.loss)
  var outer: (lowest: [Double], highest: [Double])?
  if geometry.rank >= 2, geometry.columns * geometry.rank <= 20_000 {
    outer = geometry.outerBounds()
  }

  var result = Uniqueness(
    model: reference, verdict: .undecided, reason: "", families: families,
    startsWithSameFit: sameFits(starts.finished, as: reference),
    core: CommonCore(
      starts.finished.sorted { ($0.objective, $0.start) < ($1.objective, $1.start) }.filter {
        $0.objective - best.report.objective <= max(tolerance, exact)
      }, degrees: options.rule.angleDegrees), room: room,
    checks: checks, tolerance: tolerance, profiles: [], outer: outer)
  (result.verdict, result.reason) = verdict(of: result, bestStart: best, exact: exact)
  if options.entries > 0 {
    _ = observe?(.stage("profile intervals"))
    result.profiles = try profileIntervals(
      x, model: reference, entries: largestEntries(reference, count: options.entries),
      rise: tolerance, threads: options.fit.threads)
  }
  // One part leaves nothing to choose.
  if let preference = options.preference, geometry.rank > 1 {
    _ = observe?(.stage("the preferred solution"))
    result.chosen = try preferredSolution(
      preference, x, model: reference, tolerance: tolerance, threads: options.fit.threads)
  }
  return result
}

/// How many starts have the WH of a model.
private func sameFits<Scalar: MatrixScalar>(
  _ starts: [FinishedStart], as model: NMFModel<Scalar>
) -> Int {
  let own = FinishedStart(
    start: FamilyMember.model, w: model.w, h: model.h, objective: model.report.objective,
    stopReason: model.report.stopReason)
  return starts.count { $0.start != FamilyMember.model && $0.hasSameFit(as: own) }
}

/// The objective below which a fit is exact for all that families are concerned.
func exactLevel(_ nullObjective: Double) -> Double { 1e-9 * nullObjective }

/// How much the objective may rise.
///
/// A share of the objective, or what 95 % confidence allows: 1.92 in log-likelihood for Poisson, and
/// for least squares 1.92 σ² with σ² the residual sum of squares over its degrees of freedom.
func allowedRise<Scalar: MatrixScalar>(
  _ model: NMFModel<Scalar>, x: DataMatrix<Scalar>, share: Double?
) -> Double {
  if let share { return share * model.report.objective }
  switch model.options.loss {
  case .poisson: return 1.92
  case .frobenius:
    let free = model.rank * (x.rows + x.columns - model.rank)
    let degrees = max(1, x.rows * x.columns - free)
    return 1.92 * 2 * model.report.objective / Double(degrees)
  }
}

private func verdict<Scalar: MatrixScalar>(
  of result: Uniqueness<Scalar>, bestStart: NMFModel<Scalar>, exact: Double
) -> (UniquenessVerdict, String) {
  guard result.model.rank > 1 else {
    return (.unique, "One part is unique up to its scale: there is nothing to exchange.")
  }
  if let proof = result.checks.first(where: {
    $0.evidence == .provesNotUnique && $0.name == .movement
  })
    ?? result.checks.first(where: { $0.evidence == .provesNotUnique })
  {
    return (.notUnique, proof.finding)
  }
  let asGood = result.families.filter(\.isAsGood)
  if asGood.count > 1 {
    return (
      .notUnique,
      "\(asGood.count) families of starts fit equally well with different parts, though each is pinned "
        + "where it is."
    )
  }
  if bestStart.report.objective < result.model.report.objective - max(result.tolerance, exact) {
    return (
      .notUnique,
      "Another start found a better fit (objective \(rounded(bestStart.report.objective)) instead of "
        + "\(rounded(result.model.report.objective))), so this model is not even the best one."
    )
  }
  if let proof = result.checks.first(where: { $0.evidence == .provesUnique }) {
    return (.unique, proof.finding)
  }
  return (
    .undecided,
    "No movement was found and no other solution fits as well, but nothing proves that there is none."
  )
}
