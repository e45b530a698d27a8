internal import Foundation

/// What three parts could be, drawn in the plane of mixtures x h₁ + y h₂ + (1 − x − y) h₃.
public struct FeasibleRegions: Sendable, Equatable {
  /// Mixtures that are non-negative: no part can lie outside.
  public var outer: [PlanePoint]
  /// The convex hull of the observations: all three parts together must enclose it.
  public var inner: [PlanePoint]
  /// For each part, the outline of all it can be; three equal ones when a ring joins them.
  public var regions: [[PlanePoint]]
  /// Outlines of what the parts of another factorisation can be, apart from these.
  public var others: [[PlanePoint]]

  /// Whether one ring joins them, so that each part can become any other.
  public var isRing: Bool { regions.allSatisfy { $0.count > 2 && $0 == regions.first } }
}

extension Geometry {
  /// All that three parts can be, and the regions for a drawing; nil when WH has a rank below three.
  func roomOfThree() -> (parts: [PartRoom], regions: FeasibleRegions)? {
    guard let plane = PartPlane(self) else { return nil }
    let corners = [PlanePoint(x: 1, y: 0), PlanePoint(x: 0, y: 1), PlanePoint(x: 0, y: 0)]
    let pieces = plane.feasiblePieces()
    let outlines = pieces.map { $0.outline(in: plane) }
    let own = corners.map { corner -> Int? in
      guard let angle = plane.chordDirection(from: corner) else { return nil }
      return pieces.firstIndex { $0.isRing || plane.piece($0, holds: angle) }
    }
    let others = outlines.indices.filter { !own.contains($0) }.map { outlines[$0] }
    let rooms = (0..<3).map { k in
      var room = PartRoom(component: components[k], part: h[k], isExact: others.isEmpty)
      guard let index = own[k] else { return room }
      for point in outlines[index] { room.include(mixed(point)) }
      for arc in pieces[index].arcs { include(arc, of: plane, in: &room) }
      room.extremes = outermost(outlines[index], from: corners[k]).map { point in
        mixed(point).map { max(0, $0) }
      }
      return room
    }
    return (
      rooms,
      FeasibleRegions(
        outer: plane.outer, inner: plane.inner,
        regions: own.enumerated().map { k, index in index.map { outlines[$0] } ?? [corners[k]] },
        others: others)
    )
  }

  /// Takes up the turning points of each entry along an arc.
  private func include(_ arc: FeasibleArc, of plane: PartPlane, in room: inout PartRoom) {
    for j in 0..<columns {
      for point in arc.stationaryPoints(h[0][j] - h[2][j], h[1][j] - h[2][j])
      where plane.canBePart(besides: point) {
        let value = point.x * h[0][j] + point.y * h[1][j] + (1 - point.x - point.y) * h[2][j]
        room.lowest[j] = min(room.lowest[j], max(0, value))
        room.highest[j] = max(room.highest[j], value)
      }
    }
  }

  private func mixed(_ point: PlanePoint) -> [Double] {
    mix([point.x, point.y, 1 - point.x - point.y])
  }

  /// The two ends of an outline: the farthest from the part, and the farthest from that.
  private func outermost(_ outline: [PlanePoint], from start: PlanePoint) -> [PlanePoint] {
    guard let first = outline.max(by: { $0.distance(to: start) < $1.distance(to: start) }),
      first.distance(to: start) > 1e-9,
      let second = outline.max(by: { $0.distance(to: first) < $1.distance(to: first) })
    else { return [] }
    return second.distance(to: start) > 1e-9 ? [first, second] : [first]
  }
}
