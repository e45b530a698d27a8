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

  /// Twice the area of the triangle with two others; above zero when the turn is to the left.
  func cross(_ a: PlanePoint, _ b: PlanePoint) -> Double {
    (a.x - x) * (b.y - y) - (a.y - y) * (b.x - x)
  }

  func distance(to other: PlanePoint) -> Double { hypot(x - other.x, y - other.y) }
}

/// The points p of the plane with ax + by + c ≥ 0; (a, b) has length 1.
struct HalfPlane {
  var a: Double
  var b: Double
  var c: Double

  func margin(_ p: PlanePoint) -> Double { a * p.x + b * p.y + c }
}

/// The plane of three parts: mixtures without negative entries, and the observations that the
/// three together must enclose.
struct PartPlane {
  /// The corners of the outer polygon, counter-clockwise.
  let outer: [PlanePoint]
  /// The half-planes whose borders are the edges of the outer polygon.
  let edges: [HalfPlane]
  /// The corners of the inner polygon, counter-clockwise.
  let inner: [PlanePoint]
  /// The mean of the inner corners.
  let middle: PlanePoint
  /// The distance of the farthest outer corner from the middle.
  let size: Double

  /// How much the outer polygon is widened, so that no observation lies on its border.
  private static let widening = 1e-9

  /// - Returns: nil when WH has a rank below three, so that there is no plane.
  init?(_ geometry: Geometry) {
    precondition(geometry.rank == 3)
    let h = geometry.h
    // x h₁ⱼ + y h₂ⱼ + (1 − x − y) h₃ⱼ ≥ 0, scaled to a unit normal.
    let halfPlanes = (0..<geometry.columns).compactMap { j -> HalfPlane? in
      let (a, b) = (h[0][j] - h[2][j], h[1][j] - h[2][j])
      let size = hypot(a, b)
      guard size > 1e-14 else { return nil }
      return HalfPlane(a: a / size, b: b / size, c: h[2][j] / size + PartPlane.widening)
    }
    let far = 1e4
    var polygon = [(-far, -far), (far, -far), (far, far), (-far, far)].map {
      PlanePoint(x: $0.0, y: $0.1)
    }
    for plane in halfPlanes { polygon = PartPlane.clip(polygon, plane) }
    outer = polygon
    let corners = polygon
    // One too many does no harm, one too few does.
    edges = halfPlanes.filter { plane in corners.contains { abs(plane.margin($0)) < 1e-7 } }
    inner = PartPlane.convexHull(
      (0..<geometry.rows).compactMap { i in
        let sum = geometry.w[0][i] + geometry.w[1][i] + geometry.w[2][i]
        return sum > 0 ? PlanePoint(x: geometry.w[0][i] / sum, y: geometry.w[1][i] / sum) : nil
      })
    let center = PlanePoint(
      x: inner.reduce(0) { $0 + $1.x } / Double(max(1, inner.count)),
      y: inner.reduce(0) { $0 + $1.y } / Double(max(1, inner.count)))
    middle = center
    size = outer.map { $0.distance(to: center) }.max() ?? 1
    guard inner.count >= 3, outer.count >= 3,
      outer.allSatisfy({ abs($0.x) < far / 2 && abs($0.y) < far / 2 })
    else { return nil }
  }

  /// The part of a polygon on the right side of a line.
  private static func clip(_ polygon: [PlanePoint], _ plane: HalfPlane) -> [PlanePoint] {
    var result: [PlanePoint] = []
    for (index, point) in polygon.enumerated() {
      let next = polygon[(index + 1) % polygon.count]
      let (a, b) = (plane.margin(point), plane.margin(next))
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

  /// Whether a point lies in the outer polygon.
  func contains(_ p: PlanePoint) -> Bool { edges.allSatisfy { $0.margin(p) >= 0 } }

  /// The corner of the inner polygon that the line from a point touches with all others to one side.
  ///
  /// - Parameter left: Whether the others are to its left, or to its right.
  func touching(from p: PlanePoint, left: Bool) -> Int {
    let sign: Double = left ? 1 : -1
    let start = inner.indices.first { inner[$0] != p } ?? 0
    var best = start
    // Twice, as seen from an edge two corners are opposite and cannot be compared with one another.
    for _ in 0..<2 {
      for index in inner.indices where inner[index] != p {
        if sign * p.cross(inner[best], inner[index]) < 0 { best = index }
      }
    }
    return best
  }

  /// The edge through which a ray leaves the outer polygon, and where.
  func exit(from p: PlanePoint, dx: Double, dy: Double) -> (edge: Int, point: PlanePoint) {
    var length = Double.infinity
    var edge = 0
    for (index, plane) in edges.enumerated() {
      let change = plane.a * dx + plane.b * dy
      guard change < 0 else { continue }
      let candidate = max(0, plane.margin(p)) / -change
      if candidate < length {
        length = candidate
        edge = index
      }
    }
    return (edge, PlanePoint(x: p.x + length * dx, y: p.y + length * dy))
  }
}
