public import Matrices

extension Geometry {
  /// What one part can become while all others stay as they are.
  ///
  /// hₖ' = Σ zₗ hₗ with Σ z = 1 leaves WH as it is when wₗ' = wₗ − (zₗ / zₖ) wₖ; both stay non-negative
  /// on a polytope of r − 1 dimensions. Each of its points is a factorisation.
  func polytope(of k: Int) -> Polytope {
    var rows: [[Double]] = []
    rows.reserveCapacity(columns + rank)
    for j in 0..<columns { rows.append(h.map { $0[j] }) }
    for l in 0..<rank {
      var row = [Double](repeating: 0, count: rank)
      if l == k {
        row[k] = 1
      } else {
        row[k] = give(k, l)
        row[l] = -1
      }
      rows.append(row)
    }
    let start = (0..<rank).map { $0 == k ? 1.0 : 0 }
    return Polytope(
      constraints: rows, chart: [Double](repeating: 1, count: rank), start: start)
  }

  /// How far one part can turn while all others stay, by linear programmes.
  ///
  /// The angle is largest at a corner of the polytope. Corners are found by moving as far as
  /// possible towards and away from each other part, then from the best of them by raising the
  /// angle's linear approximation until it no longer grows.
  ///
  /// - Parameter allEntries: Whether the interval of each entry is found too, by 2p programmes.
  func room(of k: Int, allEntries: Bool) -> PartRoom {
    var room = PartRoom(component: components[k], part: h[k], isExact: false)
    var polytope = polytope(of: k)
    var best = h[k]
    var bestAngle = 0.0
    var gram = [[Double]]()
    for a in h { gram.append(h.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }) }
    func visit(_ z: [Double]) {
      let moved = mix(z)
      room.include(moved)
      let angle = degreesBetween(h[k], moved)
      if angle > bestAngle {
        bestAngle = angle
        best = moved
      }
    }
    for l in 0..<rank where l != k {
      for sign in [1.0, -1.0] {
        var objective = [Double](repeating: 0, count: rank)
        objective[l] = sign
        polytope.maximize(objective)
        visit(polytope.point)
        climb(&polytope, from: k, gram: gram, visit)
      }
    }
    if bestAngle > 1e-6 { room.extremes = [best.map { max(0, $0) }] }
    if allEntries {
      for j in 0..<columns {
        let entry = h.map { $0[j] }
        for sign in [1.0, -1.0] {
          polytope.maximize(entry.map { $0 * sign })
          room.include(mix(polytope.point))
        }
      }
    }
    return room
  }

  /// Follows the gradient of the angle from the vertex at hand to a corner where it cannot rise.
  private func climb(
    _ polytope: inout Polytope, from k: Int, gram: [[Double]], _ visit: ([Double]) -> Void
  ) {
    func cosine(_ z: [Double]) -> (value: Double, gradient: [Double]) {
      let product = zip(gram[k], z).reduce(0) { $0 + $1.0 * $1.1 }
      let image = gram.map { row in zip(row, z).reduce(0) { $0 + $1.0 * $1.1 } }
      let squares = max(zip(image, z).reduce(0) { $0 + $1.0 * $1.1 }, .leastNormalMagnitude)
      let length = (squares * gram[k][k]).squareRoot()
      let gradient = z.indices.map { l in
        gram[k][l] / length - product / length * image[l] / squares
      }
      return (product / length, gradient)
    }
    var (value, gradient) = cosine(polytope.point)
    for _ in 0..<10 {
      polytope.maximize(gradient.map { -$0 })
      visit(polytope.point)
      let next = cosine(polytope.point)
      guard next.value < value - 1e-12 else { return }
      (value, gradient) = next
    }
  }

  /// Bounds that no factorisation of the same WH by r parts can leave, the same for every part.
  ///
  /// The least and the largest value of each entry of any non-negative mixture Σ zₗ hₗ with sum 1.
  func outerBounds() -> (lowest: [Double], highest: [Double]) {
    let rows = (0..<columns).map { j in h.map { $0[j] } }
    var polytope = Polytope(
      constraints: rows, chart: [Double](repeating: 1, count: rank),
      start: [Double](repeating: 1, count: rank))
    var lowest: [Double] = []
    var highest: [Double] = []
    for j in 0..<columns {
      highest.append(polytope.maximize(rows[j]))
      lowest.append(max(0, -polytope.maximize(rows[j].map { -$0 })))
    }
    return (lowest, highest)
  }
}

/// How far the parts of a factorisation could move without any change to WH.
///
/// Exact for two parts and for three. With more, each part moves alone, and the room found is a lower
/// bound.
///
/// - Parameters:
///   - w: Memberships, N × r, non-negative.
///   - h: Parts, r × p, non-negative.
///   - allEntries: Whether, with more than three parts, the interval of each entry is found by a
///     linear programme of its own; otherwise the intervals span the corners that were visited.
///   - negligible: Entries below this share of their component's largest are taken as zero.
///   - threads: Threads to compute with; nil for one a core.
/// - Complexity: With more than three parts about r² programmes of p constraints in r unknowns.
public func roomToMove<Scalar: MatrixScalar>(
  w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, allEntries: Bool = false,
  negligible: Double = 1e-7, threads: Int? = nil
) -> Room {
  let geometry = Geometry(w: w, h: h, negligible: negligible)
  var found: [PartRoom] = []
  var regions: FeasibleRegions?
  let method: Room.Method
  let three = geometry.rank == 3 ? geometry.roomOfThree() : nil
  switch geometry.rank {
  case 0, 1:
    method = .onePart
    found = geometry.h.indices.map {
      PartRoom(component: geometry.components[$0], part: geometry.h[$0], isExact: true)
    }
  case 2:
    method = .twoParts
    found = geometry.roomOfTwo()
  case 3 where three != nil:
    method = .threeParts
    found = three?.parts ?? []
    regions = three?.regions
  default:
    method = .linearProgrammes
    found =
      (try? sideBySide(geometry.rank, threads: threads) { k in
        geometry.room(of: k, allEntries: allEntries)
      }) ?? []
  }
  let parts = (0..<h.rows).map { k in
    found.first { $0.component == k }
      ?? PartRoom(
        component: k, part: [Double](repeating: 0, count: h.columns), isExact: true)
  }
  return Room(method: method, parts: parts, regions: regions)
}
