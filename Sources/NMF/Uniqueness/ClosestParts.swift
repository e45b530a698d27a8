internal import Foundation

/// Parts between which a choice by volume has to be made.
struct Candidate<Content: Sendable>: Sendable {
  var content: Content
  /// r parts of p with sum 1.
  var parts: [[Double]]
  /// What is to be small: the logarithm of the volume, or what stands for it.
  var size: Double
}

/// The smallest of several candidates; where others are as small, by a rule that knows no order of parts.
///
/// Sizes within `margin` count as equal. Of equals the one is taken whose parts hold the largest share of
/// the first feature, then of the second, and so on: which part holds it does not matter.
///
/// - Returns: The choice, and how many others, each with a part turned by 1° or more, are as small.
func smallest<Content>(
  _ candidates: [Candidate<Content>], margin: Double
) -> (choice: Candidate<Content>, ties: Int)? {
  guard let least = candidates.map(\.size).min() else { return nil }
  var equals: [Candidate<Content>] = []
  for candidate in candidates.sorted(by: { $0.size < $1.size })
  where candidate.size <= least + margin {
    let isKnown = equals.contains { other in
      matchedAngles(unitVectors(other.parts), unitVectors(candidate.parts)).angles
        .allSatisfy { $0 < 1 }
    }
    if !isKnown { equals.append(candidate) }
  }
  let peaks = equals.map { candidate in
    (candidate.parts.first ?? []).indices.map { j in candidate.parts.map { $0[j] }.max() ?? 0 }
  }
  var chosen = 0
  for index in equals.indices.dropFirst() {
    let pairs = zip(peaks[index], peaks[chosen])
    // Differences as small as the error of a fit do not decide.
    if let (a, b) = pairs.first(where: { abs($0 - $1) > 1e-3 * max($0, $1) }), a > b {
      chosen = index
    }
  }
  return equals.isEmpty ? nil : (equals[chosen], equals.count - 1)
}

extension Geometry {
  /// The parts of the same WH with the smallest volume, for two or three parts: all local minima.
  ///
  /// - Returns: The logarithm of the volume, but for a constant, as the size; nil when there are more
  ///   parts, or WH has a lower rank.
  func closestParts() -> [Candidate<Void>]? {
    switch rank {
    case 2:
      let ends = roomOfTwo().map { $0.extremes.isEmpty ? [$0.part] : $0.extremes }
      // The ends of both parts are free of one another, so that there is one closest pair.
      let pairs = ends[0].flatMap { a in ends[1].map { [a, $0] } }
      return pairs.min { degreesBetween($0[0], $0[1]) < degreesBetween($1[0], $1[1]) }
        .map { [Candidate(content: (), parts: $0, size: 0)] }
    case 3:
      guard let plane = PartPlane(self) else { return nil }
      let found = plane.smallestTriangles().map { triangle in
        Candidate(
          content: (),
          parts: triangle.corners.map { corner in
            mix([corner.x, corner.y, 1 - corner.x - corner.y]).map { max(0, $0) }
          }, size: log(triangle.size))
      }
      // Where the parts are pinned, rounding may leave nothing but themselves.
      return found.isEmpty ? [Candidate(content: (), parts: h, size: 0)] : found
    default: return nil
    }
  }
}

private func unitVectors(_ parts: [[Double]]) -> [[Double]] {
  parts.map { part in
    let length = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? part.map { $0 / length } : part
  }
}
