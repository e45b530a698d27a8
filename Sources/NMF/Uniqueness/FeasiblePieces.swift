internal import Foundation

/// A connected piece of what parts can be.
struct FeasiblePiece {
  /// Its border towards the observations, as the chord turns counter-clockwise.
  var arcs: [FeasibleArc]
  /// Corners of the outer polygon in it, in the same order.
  var corners: [PlanePoint]
  /// Whether it goes all the way around the observations.
  var isRing = false

  /// By how much the chord turns along it, in radians.
  var turn: Double {
    arcs.reduce(0) { sum, arc in
      sum + (arc.angles.upperBound - arc.angles.lowerBound)
        * (arc.range.upperBound - arc.range.lowerBound)
    }
  }

  /// Its outline; a ring is cut open.
  func outline(in plane: PartPlane) -> [PlanePoint] {
    let inside = arcs.flatMap { $0.outline(in: plane) }
    let outside = Array(corners.reversed())
    guard isRing, let a = inside.first, let b = outside.first else { return inside + outside }
    return inside + [a] + outside + [b]
  }
}

extension PartPlane {
  /// All that a part can be.
  ///
  /// A part with the two others encloses the observations. As a chord of the outer polygon rolls
  /// around the inner one, the second tangents from both its ends meet in the point nearest to the
  /// observations that can be the third corner; all points from there outwards, as far as the outer
  /// polygon goes, can be one too (Borgen & Kowalski 1985; Rajkó & István 2005). While the chord
  /// turns about one corner of the inner polygon with its ends on two edges of the outer one, that
  /// point runs along a conic, and where it leaves the outer polygon is a root of a quadratic.
  func feasiblePieces() -> [FeasiblePiece] {
    let criticals = criticalDirections()
    var pieces: [FeasiblePiece] = []
    var isJoined = false
    for (index, low) in criticals.enumerated() {
      let isLast = index == criticals.count - 1
      let high = isLast ? criticals[0] + 2 * .pi : criticals[index + 1]
      // Between directions that are one but for rounding nothing changes.
      guard high - low > 1e-14 else { continue }
      let arcs = feasibleArcs(from: low, to: high)
      for arc in arcs {
        if isJoined, arc.range.lowerBound == 0, let last = pieces.indices.last {
          pieces[last].arcs.append(arc)
        } else {
          pieces.append(FeasiblePiece(arcs: [arc], corners: []))
        }
        isJoined = arc.range.upperBound == 1
      }
      if arcs.isEmpty { isJoined = false }
    }
    if isJoined, let first = pieces.first, first.arcs[0].range.lowerBound == 0,
      first.arcs[0].angles.lowerBound == criticals.first
    {
      if pieces.count == 1 {
        pieces[0].isRing = true
      } else {
        let last = pieces.removeLast()
        pieces[0].arcs = last.arcs + first.arcs
      }
    }
    pieces = joined(pieces)
    for index in pieces.indices {
      pieces[index].corners = corners(of: pieces[index])
    }
    return pieces
  }

  /// Joins pieces where only rounding is between them, and leaves out those made of rounding.
  private func joined(_ pieces: [FeasiblePiece]) -> [FeasiblePiece] {
    var result: [FeasiblePiece] = []
    func meet(_ a: FeasiblePiece, _ b: FeasiblePiece) -> Bool {
      guard let end = a.arcs.last, let start = b.arcs.first else { return false }
      return end.point(end.range.upperBound).distance(to: start.point(start.range.lowerBound))
        < 1e-6
    }
    // Thanks to the widening every real piece spans more directions than this.
    for piece in pieces where piece.turn > 1e-12 {
      if let last = result.last, meet(last, piece) {
        result[result.count - 1].arcs += piece.arcs
      } else {
        result.append(piece)
      }
    }
    if result.count > 1, let last = result.last, meet(last, result[0]) {
      result[0].arcs = last.arcs + result[0].arcs
      result.removeLast()
    }
    return result
  }

  /// Whether there is a part just outwards of a point of the border, by definition.
  ///
  /// Where the observations touch the outer polygon, directions that differ by rounding alone lead to
  /// points that are far apart, and some of them are wrong.
  func canBePart(besides point: PlanePoint) -> Bool {
    let (dx, dy) = (point.x - middle.x, point.y - middle.y)
    let distance = hypot(dx, dy)
    guard distance > 0 else { return false }
    let border = exit(from: point, dx: dx, dy: dy).point.distance(to: point)
    let step = min(1e-7 * size, border / 2) / distance
    let v = PlanePoint(x: point.x + step * dx, y: point.y + step * dy)
    let right = inner[touching(from: v, left: true)]
    let left = inner[touching(from: v, left: false)]
    let start = exit(from: v, dx: right.x - v.x, dy: right.y - v.y).point
    let end = exit(from: v, dx: left.x - v.x, dy: left.y - v.y).point
    let slack = 1e-6 * size * start.distance(to: end)
    return inner.allSatisfy { start.cross(end, $0) >= -slack }
  }

  /// The corners of the outer polygon that belong to a piece, in the order of its arcs.
  private func corners(of piece: FeasiblePiece) -> [PlanePoint] {
    let start = piece.arcs[0].angles.lowerBound
    return outer.compactMap { corner -> (Double, PlanePoint)? in
      guard let angle = chordDirection(from: corner),
        piece.isRing || self.piece(piece, holds: angle)
      else { return nil }
      return (turn(from: start, to: angle), corner)
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Whether a direction of the chord is among those of a piece.
  func piece(_ piece: FeasiblePiece, holds angle: Double) -> Bool {
    piece.arcs.contains { arc in
      let (low, high) = (arc.angles.lowerBound, arc.angles.upperBound)
      guard turn(from: low, to: angle) <= high - low else { return false }
      return arc.range.contains(parameter(of: low + turn(from: low, to: angle), low, high))
    }
  }

  /// The middle direction of the chords that enclose the observations with a point; nil without any.
  func chordDirection(from v: PlanePoint) -> Double? {
    let right = inner[touching(from: v, left: true)]
    let start = exit(from: v, dx: right.x - v.x, dy: right.y - v.y).point
    let next = inner[touching(from: start, left: true)]
    let last = atan2(next.y - start.y, next.x - start.x)
    let left = inner[touching(from: v, left: false)]
    let end = exit(from: v, dx: left.x - v.x, dy: left.y - v.y).point
    let previous = inner[touching(from: end, left: false)]
    let first = atan2(end.y - previous.y, end.x - previous.x)
    let width = turn(from: first, to: last)
    return width < .pi ? first + width / 2 : nil
  }

  /// From 0 up to a full turn.
  private func turn(from a: Double, to b: Double) -> Double {
    let rest = (b - a).truncatingRemainder(dividingBy: 2 * .pi)
    return rest < 0 ? rest + 2 * .pi : rest
  }

  /// The directions at which the chord changes its corner of the inner polygon, an end its edge of
  /// the outer one, or a second tangent its corner; ascending.
  private func criticalDirections() -> [Double] {
    var directions: [Double] = []
    for (index, u) in inner.enumerated() {
      let w = inner[(index + 1) % inner.count]
      let (dx, dy) = (w.x - u.x, w.y - u.y)
      directions.append(atan2(dy, dx))
      // Seen from where its edge meets the border, two corners lie behind one another.
      let ahead = exit(from: w, dx: dx, dy: dy).point
      let q = inner[touching(from: ahead, left: true)]
      directions.append(atan2(q.y - ahead.y, q.x - ahead.x))
      let back = exit(from: u, dx: -dx, dy: -dy).point
      let s = inner[touching(from: back, left: false)]
      directions.append(atan2(back.y - s.y, back.x - s.x))
    }
    for corner in outer {
      let q = inner[touching(from: corner, left: true)]
      directions.append(atan2(q.y - corner.y, q.x - corner.x))
      let s = inner[touching(from: corner, left: false)]
      directions.append(atan2(corner.y - s.y, corner.x - s.x))
    }
    // No step of more than a quarter turn, so that a direction is a mixture of the two at its ends.
    directions += [-.pi, -.pi / 2, 0, .pi / 2].map { $0 + 0.1 }
    return directions.sorted()
  }

  /// The t at which (1 − t) d(low) + t d(high) has a direction.
  private func parameter(of angle: Double, _ low: Double, _ high: Double) -> Double {
    let (a, b) = (sin(angle - low), sin(high - angle))
    return a + b > 0 ? min(1, max(0, a / (a + b))) : 0
  }

  /// The feasible stretches of one conic.
  private func feasibleArcs(from low: Double, to high: Double) -> [FeasibleArc] {
    let middle = (low + high) / 2
    let (mx, my) = (cos(middle), sin(middle))
    // The corner with all others to the left of the chord.
    let q = inner.min { mx * $0.y - my * $0.x < mx * $1.y - my * $1.x } ?? inner[0]
    let start = exit(from: q, dx: -mx, dy: -my)
    let end = exit(from: q, dx: mx, dy: my)
    func border(_ edge: HalfPlane) -> Pencil {
      // Where q + λd meets the edge, times n·d: q (n·d) − margin(q) d.
      func place(_ dx: Double, _ dy: Double) -> (Double, Double, Double) {
        let change = edge.a * dx + edge.b * dy
        return (q.x * change - edge.margin(q) * dx, q.y * change - edge.margin(q) * dy, change)
      }
      return Pencil(
        constant: place(cos(low), sin(low)),
        linear: place(cos(high) - cos(low), sin(high) - sin(low)))
    }
    let first = border(edges[start.edge]).joined(
      to: inner[touching(from: start.point, left: false)])
    let second = border(edges[end.edge]).joined(to: inner[touching(from: end.point, left: true)])
    let (x, y, z) = first.meeting(second)
    let whole = FeasibleArc(angles: low...high, x: x, y: y, z: z, range: 0...1)
    var cuts = z.roots
    for edge in edges {
      cuts +=
        Quadratic(
          edge.a * x.constant + edge.b * y.constant + edge.c * z.constant,
          edge.a * x.linear + edge.b * y.linear + edge.c * z.linear,
          edge.a * x.square + edge.b * y.square + edge.c * z.square
        ).roots
    }
    let places = [0] + cuts.filter { $0 > 0 && $0 < 1 }.sorted() + [1]
    var arcs: [FeasibleArc] = []
    for (from, to) in zip(places, places.dropFirst()) where to > from {
      let t = (from + to) / 2
      let v = whole.point(t)
      // Behind the chord the two tangents run apart.
      let (dx, dy) = ((1 - t) * cos(low) + t * cos(high), (1 - t) * sin(low) + t * sin(high))
      guard contains(v), dx * (v.y - q.y) - dy * (v.x - q.x) >= 0 else { continue }
      if let last = arcs.indices.last, arcs[last].range.upperBound == from {
        arcs[last].range = arcs[last].range.lowerBound...to
      } else {
        var arc = whole
        arc.range = from...to
        arcs.append(arc)
      }
    }
    return arcs
  }
}
