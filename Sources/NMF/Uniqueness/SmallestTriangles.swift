internal import Foundation

/// A triangle between the polygons of a plane of three parts.
struct EnclosingTriangle {
  var corners: [PlanePoint]
  /// Twice its area.
  var size: Double
}

extension PartPlane {
  /// Triangles within the outer polygon and around the inner one that no small movement makes smaller.
  ///
  /// Each side of such a triangle touches the inner polygon, for otherwise it could be moved inwards.
  /// One side lies on a chord that rolls around the inner polygon through all its feasible
  /// directions; a corner on the chord determines another side, and among the third sides that close the
  /// triangle the area has a single minimum (Klee & Laskowski 1985). Directions and first corners are
  /// searched on a grid, then between its points.
  ///
  /// - Returns: The smallest first; each shape once, and none that is larger by more than a tenth.
  func smallestTriangles() -> [EnclosingTriangle] {
    var found: [EnclosingTriangle] = []
    var least = Double.infinity
    for piece in feasiblePieces() {
      let places = piece.arcs.flatMap { arc -> [(arc: FeasibleArc, share: Double, step: Double)] in
        let degrees = (arc.angles.upperBound - arc.angles.lowerBound) * 180 / .pi
        let steps = max(2, Int(degrees))
        return (0...steps).map { (arc, Double($0) / Double(steps), 1 / Double(steps)) }
      }
      let sizes = places.map {
        smallest(alongChord: $0.arc.direction($0.share), steps: 8)?.size ?? .infinity
      }
      least = min(least, sizes.min() ?? .infinity)
      let last = places.count - 1
      for (index, place) in places.enumerated() where sizes[index] <= 1.1 * least {
        let before = index > 0 ? index - 1 : piece.isRing ? last : index
        let after = index < last ? index + 1 : piece.isRing ? 0 : index
        guard sizes[index] <= sizes[before], sizes[index] <= sizes[after] else { continue }
        let share = minimum(
          of: { smallest(alongChord: place.arc.direction($0), steps: 20)?.size ?? .infinity },
          max(0, place.share - place.step), min(1, place.share + place.step), steps: 20)
        if let triangle = smallest(alongChord: place.arc.direction(share), steps: 20) {
          found.append(triangle)
        }
      }
    }
    let reach = outer.map { $0.distance(to: outer[0]) }.max() ?? 1
    return found.sorted { $0.size < $1.size }.reduce(into: []) { kept, triangle in
      let isKnown = kept.contains { other in
        triangle.corners.allSatisfy { corner in
          other.corners.contains { $0.distance(to: corner) < 1e-3 * reach }
        }
      }
      if !isKnown { kept.append(triangle) }
    }
  }

  /// The smallest triangle with a side on the chord of this direction; nil when there is none.
  ///
  /// - Parameter steps: How finely the places of the corners are searched.
  private func smallest(alongChord angle: Double, steps: Int) -> EnclosingTriangle? {
    let (dx, dy) = (cos(angle), sin(angle))
    func height(_ p: PlanePoint) -> Double { dx * p.y - dy * p.x }
    // All others lie to the left of the chord.
    guard let q = inner.min(by: { height($0) < height($1) }) else { return nil }
    func along(_ p: PlanePoint) -> Double { dx * (p.x - q.x) + dy * (p.y - q.y) }
    func onChord(_ place: Double) -> PlanePoint {
      PlanePoint(x: q.x + place * dx, y: q.y + place * dy)
    }
    let start = along(exit(from: q, dx: -dx, dy: -dy).point)
    let end = along(exit(from: q, dx: dx, dy: dy).point)

    /// Where the last side meets the chord when the third corner is as far out as it can be.
    func nearest(from corner: Double, isStart: Bool) -> Double? {
      let v = onChord(corner)
      let touched = inner[touching(from: v, left: !isStart)]
      let far = exit(from: v, dx: touched.x - v.x, dy: touched.y - v.y).point
      let last = inner[touching(from: far, left: !isStart)]
      let (top, bottom) = (height(far) - height(q), height(last) - height(q))
      guard top > bottom, top > 0 else { return nil }
      return along(far) + (along(last) - along(far)) * top / (top - bottom)
    }
    guard let first = nearest(from: end, isStart: false), first >= start - 1e-9 else { return nil }

    func triangle(_ a: Double, _ b: Double) -> EnclosingTriangle? {
      let (v1, v2) = (onChord(a), onChord(b))
      let s = inner[touching(from: v1, left: false)]
      let t = inner[touching(from: v2, left: true)]
      let (e, f) = ((x: s.x - v1.x, y: s.y - v1.y), (x: t.x - v2.x, y: t.y - v2.y))
      let turn = e.x * f.y - e.y * f.x
      guard turn > 0 else { return nil }
      let length = ((v2.x - v1.x) * f.y - (v2.y - v1.y) * f.x) / turn
      let v3 = PlanePoint(x: v1.x + length * e.x, y: v1.y + length * e.y)
      let corners = [v1, v2, v3]
      guard encloses(corners) else { return nil }
      return EnclosingTriangle(corners: corners, size: v1.cross(v2, v3))
    }
    func closed(_ a: Double) -> EnclosingTriangle? {
      let b = min(end, nearest(from: a, isStart: true) ?? end)
      let best = minimum(of: { triangle(a, $0)?.size ?? .infinity }, b, end, steps: steps)
      return triangle(a, best)
    }
    func place(_ step: Int) -> Double {
      min(first, 0) + (start - min(first, 0)) * Double(step) / Double(steps)
    }
    let sizes = (0...steps).map { closed(place($0))?.size ?? .infinity }
    guard let least = sizes.indices.min(by: { sizes[$0] < sizes[$1] }) else { return nil }
    let best = minimum(
      of: { closed($0)?.size ?? .infinity }, place(max(0, least - 1)), place(min(steps, least + 1)),
      steps: steps)
    return closed(best)
  }

  /// Whether a triangle, counter-clockwise, lies between the polygons, but for rounding.
  private func encloses(_ corners: [PlanePoint]) -> Bool {
    let slack = 1e-8
    guard corners.allSatisfy({ corner in edges.allSatisfy { $0.margin(corner) >= -slack } }) else {
      return false
    }
    return (0..<3).allSatisfy { k in
      let (a, b) = (corners[k], corners[(k + 1) % 3])
      let length = a.distance(to: b)
      return length > 0 && inner.allSatisfy { a.cross(b, $0) >= -slack * length }
    }
  }
}

/// Where a function with one minimum between two places has it, by the golden section.
private func minimum(
  of function: (Double) -> Double, _ from: Double, _ to: Double, steps: Int
) -> Double {
  let golden = (5.0.squareRoot() - 1) / 2
  var best = (place: from, value: Double.infinity)
  func tried(_ place: Double) -> Double {
    let value = function(place)
    if value < best.value { best = (place, value) }
    return value
  }
  // What is smallest at an end is often exactly there.
  for place in [from, to, (from + to) / 2] { _ = tried(place) }
  var (a, b) = (from, to)
  var (c, d) = (b - golden * (b - a), a + golden * (b - a))
  var (atC, atD) = (tried(c), tried(d))
  for _ in 0..<steps {
    if atC <= atD {
      (b, d, atD) = (d, c, atC)
      c = b - golden * (b - a)
      atC = tried(c)
    } else {
      (a, c, atC) = (c, d, atD)
      d = a + golden * (b - a)
      atD = tried(d)
    }
  }
  return best.place
}
