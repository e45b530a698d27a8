internal import Matrices

/// Steps from extrapolated factors, kept only while the objective falls.
///
/// After Ang & Gillis (2019): the step starts at max(0, F + β (F − F₋)); β grows while that pays
/// and falls when it does not, and then the step is taken again from F itself. What is kept never
/// has a higher objective than what was kept before.
final class Momentum<Scalar: MatrixScalar> {
  private(set) var w: Factor<Scalar>
  private(set) var ht: Factor<Scalar>
  private(set) var objective: Double
  /// Whether the last step could not lower the objective, not even without momentum.
  private(set) var isStuck = false
  // Empty until the first step, so that what waits for another's steps takes no room.
  private var earlierW: Factor<Scalar>
  private var earlierHt: Factor<Scalar>
  private var nextW: Factor<Scalar>
  private var nextHt: Factor<Scalar>
  private let alternation: any Alternation<Scalar>
  /// What steps are taken with now; nil for the alternation.
  private var shortcut: CompressedAlternation<Scalar>?
  /// The shortcut at the present factors, if it is known.
  private var here: CompressedAlternation<Scalar>?
  /// How many steps a shortcut is trusted for; 0 when shortcuts have not helped.
  private var reach = 4
  private var closeCalls = 0
  /// Shortcuts in a row that have not helped.
  private var failures = 0
  private let accelerates: Bool
  private let pool: ComputePool
  private var beta = 0.5
  private var ceiling = 1.0
  private var lastGood = 0.5
  private var hasEarlier = false

  /// The growth of β after a step that paid, of its ceiling, and its fall after one that did not.
  private static var growth: Double { 1.05 }
  private static var ceilingGrowth: Double { 1.01 }
  private static var fall: Double { 1.5 }
  private static var longestReach: Int { 32 }

  init(
    _ alternation: any Alternation<Scalar>, w: Factor<Scalar>, ht: Factor<Scalar>,
    objective: Double, accelerates: Bool, pool: ComputePool
  ) {
    self.alternation = alternation
    self.pool = pool
    self.w = w
    self.ht = ht
    self.objective = objective
    self.accelerates = accelerates
    earlierW = Factor(rows: 0, rank: w.rank)
    earlierHt = earlierW
    nextW = earlierW
    nextHt = earlierW
  }

  private func makeRoom() {
    if !hasEarlier {
      earlierW = Factor(rows: w.rows, rank: w.rank)
      earlierHt = Factor(rows: ht.rows, rank: ht.rank)
    }
    nextW = Factor(rows: w.rows, rank: w.rank)
    nextHt = Factor(rows: ht.rows, rank: ht.rank)
  }

  /// One step of the alternation, or several by a shortcut where there is one.
  func advance() {
    if !accelerates || !leap() { takeStep() }
  }

  /// Takes steps by a shortcut, and says whether the objective has fallen.
  ///
  /// If not, everything is as before, and the direction is lost.
  private func leap() -> Bool {
    guard reach > 0, let here = here ?? alternation.shortcut(w, ht) else { return false }
    objective = here.objective
    isStuck = false
    let before = (beta, ceiling, lastGood)
    shortcut = here
    for _ in 0..<reach where !isStuck { takeStep() }
    shortcut = nil
    isStuck = false
    let promised = here.objective - objective
    if promised > 0, let there = alternation.shortcut(w, ht), there.objective < here.objective {
      self.here = there
      objective = there.objective
      failures = 0
      // As in a trust region: how far the next one may go depends on how true this one was.
      let share = (here.objective - objective) / promised
      if share > 0.75 { reach = min(Self.longestReach, 2 * reach) }
      if share < 0.25 { reach = max(2, reach / 2) }
      return true
    }
    w.copy(from: here.w0, pool: pool)
    ht.copy(from: here.ht0, pool: pool)
    objective = here.objective
    (beta, ceiling, lastGood) = before
    hasEarlier = false
    failures += 1
    reach = failures < 3 ? max(2, reach / 4) : 0
    return false
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func takeStep() {
    if shortcut == nil { here = nil }
    if nextW.rows == 0 { makeRoom() }
    if accelerates, hasEarlier {
      let value = step(
        from: Extrapolation(now: w, before: earlierW, beta: Scalar(beta)),
        Extrapolation(now: ht, before: earlierHt, beta: Scalar(beta)))
      if sharpens(value) { return takeStep() }
      if value <= objective {
        accept(value)
        lastGood = beta
        beta = min(ceiling, Self.growth * beta)
        ceiling = min(1, Self.ceilingGrowth * ceiling)
        return
      }
      ceiling = lastGood
      beta /= Self.fall
    }
    let value = step(from: Extrapolation(now: w), Extrapolation(now: ht))
    if sharpens(value) { return takeStep() }
    if value <= objective {
      accept(value)
    } else if shortcut == nil, sharpen() {
      // A step without momentum can only fall: the quick objective was at its end.
      return takeStep()
    } else {
      // Only rounding, or a row whose coordinate steps overshot, can bring us here.
      isStuck = true
      if shortcut == nil, value <= objective + alternation.noise { accept(objective) }
    }
  }

  /// The next factors, and their objective.
  private func step(
    from startW: Extrapolation<Scalar>, _ startHt: Extrapolation<Scalar>
  ) -> Double {
    let start = StepStart(w: startW, ht: startHt, pool: pool)
    return shortcut?.step(nextW, nextHt, from: start)
      ?? alternation.step(nextW, nextHt, from: start)
  }

  /// Whether `value` could not be told from the objective by rounding, and now objectives are sharper.
  private func sharpens(_ value: Double) -> Bool {
    guard shortcut == nil else { return false }
    // Once can be chance: an extrapolated step that happens to fall as far as it rises.
    closeCalls = abs(objective - value) <= alternation.noise ? closeCalls + 1 : 0
    return closeCalls >= 3 && sharpen()
  }

  /// Turns to sharper objectives; false if there are none.
  private func sharpen() -> Bool {
    guard let sharper = alternation.sharpen(w, ht) else { return false }
    objective = sharper
    closeCalls = 0
    return true
  }

  /// Gives up the room for the next step, until it is taken.
  func pause() {
    nextW = Factor(rows: 0, rank: w.rank)
    nextHt = nextW
  }

  /// Gives up the room for further steps, after the last one.
  func endSteps() {
    restart()
    pause()
    earlierW = nextW
    earlierHt = nextW
  }

  /// Forgets the direction, after the factors were changed from outside without changing WH.
  func restart() {
    hasEarlier = false
    here = nil
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func accept(_ value: Double) {
    isStuck = value >= objective
    swap(&earlierW, &w)
    swap(&earlierHt, &ht)
    swap(&w, &nextW)
    swap(&ht, &nextHt)
    objective = value
    hasEarlier = true
  }
}
