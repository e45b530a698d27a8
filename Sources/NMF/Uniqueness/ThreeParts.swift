internal import Foundation

/// A point of the plane in which parts with sum 1 are drawn.
public struct PlanePoint: Sendable, Equatable {
  /// The weight of the first part.
  public var x: Double
  /// The weight of the second part; that of the third is 1 − x − y.
  public var y: Double

  /// Creates a point from the weights of the first two parts.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  func cross(_ a: PlanePoint, _ b: PlanePoint) -> Double {
    (a.x - x) * (b.y - y) - (a.y - y) * (b.x - x)
  }
}

/// What three parts could be, drawn in the plane of mixtures x h₁ + y h₂ + (1 − x − y) h₃.
public struct FeasibleRegions: Sendable, Equatable {
  /// Mixtures that are non-negative: no part can lie outside.
  public var outer: [PlanePoint]
  /// The convex hull of the observations: all three parts together must enclose it.
  public var inner: [PlanePoint]
  /// For each part, the outline of all it can be.
  public var regions: [[PlanePoint]]
}

/// The plane of three parts, and which of its points can be a part.
///
/// A point v can be a part when a triangle with a corner at v, inside the outer polygon, encloses the
/// inner one. The best such triangle has the tangents from v to the inner polygon as sides, up to
/// where they leave the outer one (Borgen & Kowalski 1985; Rajkó & István 2005).
struct PartPlane {
  let outer: [PlanePoint]
  let inner: [PlanePoint]
  private let halfPlanes: [(x: Double, y: Double, constant: Double)]
  /// A length below which points of this plane are the same.
  private let slack: Double

  init(_ geometry: Geometry) {
    precondition(geometry.rank == 3)
    let h = geometry.h
    // x h₁ⱼ + y h₂ⱼ + (1 − x − y) h₃ⱼ ≥ 0, scaled to a unit normal.
    halfPlanes = (0..<geometry.columns).compactMap { j in
      let a = h[0][j] - h[2][j]
      let b = h[1][j] - h[2][j]
      let size = (a * a + b * b).squareRoot()
      return size > 1e-14 ? (a / size, b / size, h[2][j] / size) : nil
    }
    let far = 1e4
    var polygon = [(-far, -far), (far, -far), (far, far), (-far, far)].map {
      PlanePoint(x: $0.0, y: $0.1)
    }
    for plane in halfPlanes { polygon = PartPlane.clip(polygon, plane) }
    outer = polygon
    let observations = (0..<geometry.rows).compactMap { i -> PlanePoint? in
      let sum = geometry.w[0][i] + geometry.w[1][i] + geometry.w[2][i]
      return sum > 0 ? PlanePoint(x: geometry.w[0][i] / sum, y: geometry.w[1][i] / sum) : nil
    }
    inner = PartPlane.convexHull(observations)
    slack = 1e-10
  }

  /// The part of a polygon on the right side of a line.
  private static func clip(
    _ polygon: [PlanePoint], _ plane: (x: Double, y: Double, constant: Double)
  ) -> [PlanePoint] {
    func side(_ p: PlanePoint) -> Double { plane.x * p.x + plane.y * p.y + plane.constant }
    var result: [PlanePoint] = []
    for (index, point) in polygon.enumerated() {
      let next = polygon[(index + 1) % polygon.count]
      let (a, b) = (side(point), side(next))
      if a >= 0 { result.append(point) }
      if (a > 0 && b < 0) || (a < 0 && b > 0) {
        let t = a / (a - b)
        result.append(
          PlanePoint(x: point.x + t * (next.x - point.x), y: point.y + t * (next.y - point.y)))
      }
    }
    return result
  }

  /// The corners of the convex hull, counter-clockwise (Andrew's monotone chain).
  static func convexHull(_ points: [PlanePoint]) -> [PlanePoint] {
    let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    guard sorted.count > 2 else { return sorted }
    func chain(_ points: [PlanePoint]) -> [PlanePoint] {
      var hull: [PlanePoint] = []
      for point in points {
        while hull.count >= 2, hull[hull.count - 2].cross(hull[hull.count - 1], point) <= 1e-15 {
          hull.removeLast()
        }
        hull.append(point)
      }
      hull.removeLast()
      return hull
    }
    let hull = chain(sorted) + chain(sorted.reversed())
    return hull.isEmpty ? [sorted[0]] : hull
  }

  /// How far inside the outer polygon a point is, at least; negative outside.
  private func margin(_ p: PlanePoint) -> Double {
    halfPlanes.reduce(.infinity) { min($0, $1.x * p.x + $1.y * p.y + $1.constant) }
  }

  /// Where a ray leaves the outer polygon.
  private func exit(from p: PlanePoint, towards q: PlanePoint) -> PlanePoint {
    let (dx, dy) = (q.x - p.x, q.y - p.y)
    var length = Double.infinity
    for plane in halfPlanes {
      let change = plane.x * dx + plane.y * dy
      guard change < -1e-15 else { continue }
      length = min(length, max(0, plane.x * p.x + plane.y * p.y + plane.constant) / -change)
    }
    guard length.isFinite else { return q }
    // The observation that the ray touches is inside the polygon, whatever rounding says.
    let t = max(1, length)
    return PlanePoint(x: p.x + t * dx, y: p.y + t * dy)
  }

  /// Whether a point can be a part.
  func canBePart(_ v: PlanePoint) -> Bool {
    guard margin(v) >= -slack else { return false }
    let away = inner.filter { hypot($0.x - v.x, $0.y - v.y) > 1e-9 }
    guard var left = away.first else { return true }
    var right = left
    for q in away.dropFirst() {
      if v.cross(left, q) > 0 { left = q }
      if v.cross(right, q) < 0 { right = q }
    }
    // Seen from inside the observations there are no tangents.
    for q in away where v.cross(left, q) > slack || v.cross(right, q) < -slack { return false }
    let a = exit(from: v, towards: right)
    let e = exit(from: v, towards: left)
    let length = hypot(e.x - a.x, e.y - a.y)
    guard length > 1e-12 else { return true }
    let orientation = a.cross(e, v)
    let sign: Double = orientation >= 0 ? 1 : -1
    return inner.allSatisfy { sign * a.cross(e, $0) >= -slack * length }
  }

  /// The outline of what the part at `start` can become, by rays from it.
  ///
  /// Rays go in even directions and towards the corners of both polygons; the region need not be
  /// seen whole from one point, so they are sent out again from the middle of the longest.
  func region(around start: PlanePoint, rays: Int = 240) -> [PlanePoint] {
    guard canBePart(start) else { return [start] }
    return (0..<rays).map { 2 * .pi * Double($0) / Double(rays) }
      .appending(
        (outer + inner).map { atan2($0.y - start.y, $0.x - start.x) }
      ).sorted().map { reach(from: start, angle: $0) }
  }

  /// The last point of a ray that can be a part.
  func reach(from start: PlanePoint, angle: Double) -> PlanePoint {
    let direction = PlanePoint(x: start.x + cos(angle), y: start.y + sin(angle))
    let end = rayEnd(from: start, towards: direction)
    func at(_ t: Double) -> PlanePoint {
      PlanePoint(x: start.x + t * (end.x - start.x), y: start.y + t * (end.y - start.y))
    }
    if canBePart(end), (1..<16).allSatisfy({ canBePart(at(Double($0) / 16)) }) { return end }
    // The first sixteenth that cannot be a part, then halving.
    var high = 1.0
    for step in 1...16 where !canBePart(at(Double(step) / 16)) {
      high = Double(step) / 16
      break
    }
    var low = max(0, high - 1.0 / 16)
    for _ in 0..<48 {
      let middle = (low + high) / 2
      if canBePart(at(middle)) { low = middle } else { high = middle }
    }
    return at(low)
  }

  private func rayEnd(from p: PlanePoint, towards q: PlanePoint) -> PlanePoint {
    let (dx, dy) = (q.x - p.x, q.y - p.y)
    var length = Double.infinity
    for plane in halfPlanes {
      let change = plane.x * dx + plane.y * dy
      guard change < -1e-15 else { continue }
      length = min(length, max(0, plane.x * p.x + plane.y * p.y + plane.constant) / -change)
    }
    guard length.isFinite else { return p }
    return PlanePoint(x: p.x + length * dx, y: p.y + length * dy)
  }
}

extension Geometry {
  /// All that three parts can be, and the regions for a drawing.
  func roomOfThree() -> (parts: [PartRoom], regions: FeasibleRegions) {
    let plane = PartPlane(self)
    let corners = [PlanePoint(x: 1, y: 0), PlanePoint(x: 0, y: 1), PlanePoint(x: 0, y: 0)]
    var regions: [[PlanePoint]] = []
    let rooms = (0..<3).map { k in
      var room = PartRoom(component: components[k], part: h[k], isExact: false)
      var outline = plane.region(around: corners[k])
      // From the far end of the room what lies round a corner may be seen.
      if let far = outline.max(by: { distance($0, corners[k]) < distance($1, corners[k]) }),
        distance(far, corners[k]) > 1e-6
      {
        let middle = PlanePoint(
          x: (far.x + corners[k].x) / 2, y: (far.y + corners[k].y) / 2)
        for point in plane.region(around: middle) + plane.region(around: far) {
          room.include(mixed(point))
        }
      }
      for point in outline { room.include(mixed(point)) }
      if outline.allSatisfy({ distance($0, corners[k]) < 1e-9 }) { outline = [corners[k]] }
      room.extremes = outermost(outline, from: corners[k]).map { mixed($0).map { max(0, $0) } }
      // Regions as thin as a line, along an edge, are found by programmes where rays miss them.
      let alone = self.room(of: k, allEntries: columns <= 2000)
      if alone.angleDegrees > room.angleDegrees { room.extremes = alone.extremes + room.extremes }
      room.include(alone.lowest, alone.highest, angle: alone.angleDegrees)
      regions.append(outline)
      return room
    }
    return (rooms, FeasibleRegions(outer: plane.outer, inner: plane.inner, regions: regions))
  }

  private func mixed(_ point: PlanePoint) -> [Double] {
    mix([point.x, point.y, 1 - point.x - point.y])
  }

  private func distance(_ a: PlanePoint, _ b: PlanePoint) -> Double { hypot(a.x - b.x, a.y - b.y) }

  /// The two ends of an outline: the farthest from the part, and the farthest from that.
  private func outermost(_ outline: [PlanePoint], from start: PlanePoint) -> [PlanePoint] {
    guard let first = outline.max(by: { distance($0, start) < distance($1, start) }),
      distance(first, start) > 1e-9,
      let second = outline.max(by: { distance($0, first) < distance($1, first) })
    else { return [] }
    return distance(second, start) > 1e-9 ? [first, second] : [first]
  }
}

extension Array {
  /// The elements followed by others.
  fileprivate func appending(_ others: [Element]) -> [Element] { self + others }
}
