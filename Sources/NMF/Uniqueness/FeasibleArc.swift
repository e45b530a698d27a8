internal import Foundation

/// A stretch of the border of what three parts can be: (X, Y)/Z for quadratics X, Y, Z in t from 0 to 1.
struct FeasibleArc {
  /// The direction of the chord at the start and at the end, in radians.
  let angles: ClosedRange<Double>
  let x: Quadratic
  let y: Quadratic
  let z: Quadratic
  /// The stretch that is feasible.
  var range: ClosedRange<Double>

  func point(_ t: Double) -> PlanePoint {
    let scale = z.value(t)
    return PlanePoint(x: x.value(t) / scale, y: y.value(t) / scale)
  }

  /// The direction of the chord at a share of the feasible stretch, in radians.
  func direction(_ share: Double) -> Double {
    let t = range.lowerBound + share * (range.upperBound - range.lowerBound)
    let (low, high) = (angles.lowerBound, angles.upperBound)
    return atan2((1 - t) * sin(low) + t * sin(high), (1 - t) * cos(low) + t * cos(high))
  }

  /// The points where a + bx + cy is stationary along the arc.
  func stationaryPoints(_ b: Double, _ c: Double) -> [PlanePoint] {
    // (N/Z)' = 0 with N = bX + cY; the cubic terms of N'Z − NZ' cancel.
    let n = Quadratic(
      b * x.constant + c * y.constant, b * x.linear + c * y.linear, b * x.square + c * y.square)
    let condition = Quadratic(
      n.linear * z.constant - n.constant * z.linear,
      2 * (n.square * z.constant - n.constant * z.square),
      n.square * z.linear - n.linear * z.square)
    return condition.roots.filter(range.contains).map(point)
  }

  /// Points close enough together that straight lines between them miss the arc by little, those
  /// among them that can be parts, and the last such points before others.
  func outline(in plane: PartPlane) -> [PlanePoint] {
    var result: [PlanePoint] = []
    var last: (t: Double, canBePart: Bool)?
    for (t, point) in marks(size: plane.size) {
      let canBePart = plane.canBePart(besides: point)
      if let last, last.canBePart != canBePart {
        var (inside, outside) = canBePart ? (t, last.t) : (last.t, t)
        for _ in 0..<50 {
          let middle = (inside + outside) / 2
          if plane.canBePart(besides: self.point(middle)) {
            inside = middle
          } else {
            outside = middle
          }
        }
        result.append(self.point(inside))
      }
      if canBePart { result.append(point) }
      last = (t, canBePart)
    }
    return result
  }

  private func marks(size: Double) -> [(t: Double, point: PlanePoint)] {
    var marks = [(t: range.lowerBound, point: point(range.lowerBound))]
    func refine(_ low: Double, _ a: PlanePoint, _ high: Double, _ b: PlanePoint, _ depth: Int) {
      let middle = (low + high) / 2
      let m = point(middle)
      let length = max(a.distance(to: m), m.distance(to: b))
      let bend = abs(a.cross(b, m)) / max(a.distance(to: b), 1e-300)
      guard depth < 44, length > 0.02 * size || min(bend, length) > 1e-6 * size else {
        marks.append((high, b))
        return
      }
      refine(low, a, middle, m, depth + 1)
      refine(middle, m, high, b, depth + 1)
    }
    refine(range.lowerBound, marks[0].point, range.upperBound, point(range.upperBound), 0)
    return marks
  }
}
