public import Matrices

/// The interval of one entry of a part over which the fit stays as good, everything else refitted.
public struct ProfileInterval: Sendable, Equatable {
  /// The component, counted from 0.
  public var part: Int
  /// The feature, counted from 0.
  public var feature: Int
  /// The entry as fitted, with the part summing to 1.
  public var value: Double
  /// The smallest value at which the objective has risen by no more than the tolerance.
  public var lowest: Double
  /// The largest such value.
  public var highest: Double
}

/// Profile intervals of entries.
///
/// The entry is displaced, all else is refitted, and the interval ends where the objective has risen by
/// `rise`. With a rise of 1.92 in the Poisson log-likelihood this is the 95 % profile-likelihood
/// interval, rotations included; EPA's positive matrix factorisation calls the same DISP (Paatero,
/// Eberly, Brown & Norris 2014).
///
/// - Parameters:
///   - x: The data.
///   - model: A converged fit of them.
///   - entries: The places: component and feature.
///   - rise: How much the objective may rise.
///   - threads: Threads to compute with; nil for one a core.
/// - Complexity: About twenty refits an entry.
public func profileIntervals<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, model: NMFModel<Scalar>, entries: [(part: Int, feature: Int)],
  rise: Double, threads: Int? = nil
) throws -> [ProfileInterval] {
  let search = ProfileSearch(x, model: model, rise: rise)
  return try sideBySide(entries.count, threads: threads) { index in
    search.interval(of: entries[index])
  }
}

/// Finds profile intervals around one fit.
struct ProfileSearch: Sendable {
  private let base: @Sendable () -> PinnedRefit
  /// The objective of the fit, polished.
  let objective: Double
  private let rise: Double
  private let rank: Int
  private let parts: [Double]

  init<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>, model: NMFModel<Scalar>, rise: Double) {
    let counts = CompressedCounts(x)
    let rank = model.rank
    var w = model.w.elements.map { Double($0) }
    var ht = model.h.transposed().elements.map { Double($0) }
    for k in 0..<rank {
      var sum = 0.0
      for j in 0..<x.columns { sum += ht[j * rank + k] }
      guard sum > 0 else { continue }
      for j in 0..<x.columns { ht[j * rank + k] /= sum }
      for i in 0..<x.rows { w[i * rank + k] *= sum }
    }
    let loss = model.options.loss
    var free = PinnedRefit(counts, loss: loss, w: w, ht: ht, rank: rank)
    objective = min(model.report.objective, free.refitFreely(precision: 1e-4 * rise))
    parts = ht
    self.rise = rise
    self.rank = rank
    let (polishedW, polishedH) = (free.w, free.ht)
    base = { PinnedRefit(counts, loss: loss, w: polishedW, ht: polishedH, rank: rank) }
  }

  /// How much the objective rises when an entry has a given share of its part.
  func riseAt(_ share: Double, part: Int, feature: Int) -> Double {
    var refit = base()
    return refit.refit(
      component: part, feature: feature, share: share, precision: 1e-4 * rise) - objective
  }

  func interval(of entry: (part: Int, feature: Int)) -> ProfileInterval {
    let value = parts[entry.feature * rank + entry.part]
    return ProfileInterval(
      part: entry.part, feature: entry.feature, value: value,
      lowest: end(from: value, to: 0, entry), highest: end(from: value, to: 1, entry))
  }

  /// Where the rise reaches the tolerance on the way to a limit.
  private func end(from value: Double, to limit: Double, _ entry: (part: Int, feature: Int))
    -> Double
  {
    var refit = base()
    func rise(_ share: Double) -> Double {
      refit.refit(
        component: entry.part, feature: entry.feature, share: share, precision: 1e-4 * self.rise)
        - objective
    }
    let farthest = limit == 0 ? 0 : 1 - 1e-9
    let whole = abs(farthest - value)
    guard whole > 0 else { return value }
    let direction: Double = limit == 0 ? -1 : 1
    var inside = (step: 0.0, root: 0.0)
    var outside: (step: Double, root: Double)?
    var step = min(whole, max(0.1 * value, 0.02 / Double(max(2, parts.count / rank))))
    let target = self.rise.squareRoot()
    // The root of the rise grows almost in proportion to the step.
    for _ in 0..<14 {
      let root = max(0, rise(value + direction * step)).squareRoot()
      if abs(root / target - 1) < 0.005 { return value + direction * step }
      if root < target {
        inside = (step, root)
        if step >= whole { return farthest }
      } else {
        outside = (step, root)
        // From inside again: the refit beyond the end is a poor start for one before it.
        refit = base()
      }
      if let outside {
        let share = (target - inside.root) / max(outside.root - inside.root, 1e-12)
        let proposed = inside.step + min(0.95, max(0.05, share)) * (outside.step - inside.step)
        step = proposed
        if outside.step - inside.step < 1e-4 * (value + step) { break }
      } else {
        step = min(whole, step * min(4, max(1.3, target / max(root, 0.05 * target))))
      }
    }
    return value + direction * inside.step
  }
}
