internal import Matrices

/// Parts to start from in a search for the smallest volume.
struct VolumeStart {
  /// r parts of p with sum 1.
  var parts: [[Double]]
  /// Whether they fit as they are, so that the weight of the volume is to grow from nothing.
  var isFit: Bool
}

extension Geometry {
  /// Starts for the smallest volume; all but the last depend on WH alone, not on its factors.
  ///
  /// The smallest triangles between the polygons of three parts, or the closest two parts; the extreme
  /// observations; the vertices of the non-negative mixtures beyond each of these; and the parts as
  /// they are.
  func volumeStarts() -> [VolumeStart] {
    var starts = (closestParts() ?? []).prefix(3).map { VolumeStart(parts: $0.parts, isFit: true) }
    let picked = extremeObservations()
    starts.append(VolumeStart(parts: picked.map { reconstructedRow($0) }, isFit: false))
    if let beyond = vertices(beyond: picked) {
      starts.append(VolumeStart(parts: beyond, isFit: false))
    }
    starts.append(VolumeStart(parts: h, isFit: true))
    return starts
  }

  /// For each of r observations, the non-negative mixture that is the farthest from all the others.
  private func vertices(beyond picked: [Int]) -> [[Double]]? {
    let coordinates = picked.map { i -> [Double] in
      let sum = w.reduce(0) { $0 + $1[i] }
      return w.map { sum > 0 ? $0[i] / sum : 0 }
    }
    guard picked.count == rank, let away = inverted(coordinates) else { return nil }
    let ones = [Double](repeating: 1, count: rank)
    var polytope = Polytope(
      constraints: (0..<columns).map { j in h.map { $0[j] } }, chart: ones, start: ones)
    return away.map { direction in
      polytope.maximize(direction)
      return mix(polytope.point).map { max(0, $0) }
    }
  }
}

/// The search for the smallest volume whose loss is within what is allowed.
struct VolumeSearch {
  let x: CompressedCounts
  let loss: Loss
  let nullObjective: Double
  /// The loss of the fit.
  let objective: Double
  /// The loss that is allowed.
  let allowed: Double

  /// Follows every start to the largest weight that is allowed, then compares all of them at one weight.
  ///
  /// Volumes at different weights, or of searches that were not settled, could not be compared.
  ///
  /// - Returns: The best, whether its loss is within what is allowed or not, and how many others are
  ///   as small.
  func run(_ starts: [VolumeStart], threads: Int?) throws -> (
    result: MinimumVolume.Result, ties: Int
  ) {
    // The parts as they are depend on the start of the fit: only where nothing else fits.
    var searches = try followed(starts.dropLast(), threads: threads)
    if !searches.contains(where: \.isWithin) {
      searches += try followed(starts.suffix(1), threads: threads)
    }
    let within = searches.filter(\.isWithin).map(\.search)
    guard let weight = within.map(\.weight).max() else {
      guard let best = searches.map(\.search).min(by: { $0.value < $1.value }) else {
        throw FitError.nothingToFit
      }
      return (best.result, 0)
    }
    let candidates = try sideBySide(within.count, threads: threads) { index in
      var search = within[index]
      search.settle(weight: weight)
      return Candidate(
        content: search, parts: search.result.parts,
        size: search.logVolume + 2 * search.value / weight)
    }
    guard let best = smallest(candidates, margin: 1e-3) else { throw FitError.nothingToFit }
    var search = best.choice.content
    search.refine(allowed: allowed)
    return (search.result, best.ties)
  }

  /// Follows starts to the largest weight that is allowed, each by itself.
  private func followed(
    _ starts: ArraySlice<VolumeStart>, threads: Int?
  ) throws -> [(search: MinimumVolume, isWithin: Bool)] {
    let rise = allowed - objective
    return try sideBySide(starts.count, threads: threads) { index in
      let start = starts[starts.startIndex + index]
      var search = MinimumVolume(x, loss: loss, start: start.parts, nullObjective: nullObjective)
      let rank = Double(start.parts.count)
      let isWithin =
        start.isFit
        ? search.raise(allowed: allowed, from: rise / (100 * rank))
        : search.lower(allowed: allowed, to: rise / (1000 * rank))
      return (search, isWithin)
    }
  }
}
