/// The points z with Az ≥ 0 and a·z = 1, for linear programmes over them.
///
/// The simplex method in the space of z: a vertex is where r of the constraints meet, and each step
/// leaves one of them along an edge that raises the objective, until another stops it. Constraints
/// are loosened by about 10⁻¹⁰ of their size, each by another amount, so that no two vertices
/// coincide and the method cannot cycle; results are exact to about that much. A linear-fractional
/// programme over a cone becomes one over its cut a·z = 1 (Charnes & Cooper 1962).
struct Polytope {
  /// The number of coordinates r.
  let dimension: Int
  /// A, rows of unit length.
  private let constraints: ColumnMatrix
  private let chart: [Double]
  private let slackness: [Double]
  /// The vertex at hand, or the start.
  private(set) var point: [Double]
  private var slack: [Double]
  private var change: [Double]
  /// For each place of the basis, the constraint that holds with equality there.
  private var basis: [Place]
  /// The inverse of the matrix of these constraints; column q is the edge that leaves place q.
  private var inverse: [[Double]]
  private var pivots = 0

  private enum Place: Equatable {
    case chart
    /// A coordinate held where it is until the first vertex is reached.
    case held(Int)
    case constraint(Int)
  }

  /// - Parameters:
  ///   - rows: The rows of A; rows that are all zero are left out.
  ///   - chart: a; the polytope must be bounded.
  ///   - start: A point with Az ≥ 0; it is scaled to a·z = 1.
  init(constraints rows: [[Double]], chart: [Double], start: [Double]) {
    dimension = chart.count
    let scaled = rows.compactMap { row -> [Double]? in
      let size = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return size > 0 ? row.map { $0 / size } : nil
    }
    constraints = ColumnMatrix(rows: scaled, columns: chart.count)
    self.chart = chart
    let random = KeyedRandom(seed: 1, purpose: .loosening)
    slackness = scaled.indices.map { 1e-10 * (0.5 + random.uniform($0)) }
    let cut = zip(chart, start).reduce(0) { $0 + $1.0 * $1.1 }
    precondition(cut > 0, "the start must have a·z > 0")
    point = start.map { $0 / cut }
    slack = [Double](repeating: 0, count: scaled.count)
    change = slack
    let pivot = chart.indices.max { chart[$0].magnitude < chart[$1].magnitude } ?? 0
    basis = [.chart]
    inverse = [chart.indices.map { $0 == pivot ? 1 / chart[pivot] : 0 }]
    for l in chart.indices where l != pivot {
      basis.append(.held(l))
      var edge = [Double](repeating: 0, count: chart.count)
      edge[l] = 1
      edge[pivot] = -chart[l] / chart[pivot]
      inverse.append(edge)
    }
    measureSlack()
  }

  /// Moves to a vertex where the objective c·z is largest.
  ///
  /// - Returns: The largest value. Should rounding stop the method early, the point is still one of
  ///   the polytope, and the value a lower bound.
  @discardableResult
  mutating func maximize(_ objective: [Double]) -> Double {
    precondition(objective.count == dimension)
    let size = objective.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let limit = 40 * dimension + 400
    for _ in 0..<limit {
      guard let (place, sign) = bestEdge(objective, size: size) else { break }
      if !advance(along: place, sign: sign) {
        // An edge without an end can only come from rounding or from a coordinate held so far.
        guard case .held = basis[place], advance(along: place, sign: -sign) else { break }
      }
    }
    return zip(objective, point).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The place to leave: one that is only held, or the steepest edge that raises the objective.
  private func bestEdge(_ objective: [Double], size: Double) -> (place: Int, sign: Double)? {
    var best: Int?
    var steepest = 1e-11 * size
    for place in 1..<max(1, dimension) {
      let edge = inverse[place]
      var gain = 0.0
      var length = 0.0
      for l in 0..<dimension {
        gain += objective[l] * edge[l]
        length += edge[l] * edge[l]
      }
      if case .held = basis[place] { return (place, gain < 0 ? -1 : 1) }
      let slope = gain / max(length.squareRoot(), .leastNormalMagnitude)
      if slope > steepest {
        steepest = slope
        best = place
      }
    }
    return best.map { ($0, 1) }
  }

  /// Goes along an edge to the first constraint that stops it; false when none does.
  private mutating func advance(along place: Int, sign: Double) -> Bool {
    let edge = inverse[place].map { $0 * sign }
    constraints.multiply(edge, into: &change)
    let length = edge.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let negligible = -1e-11 * length
    var step = Double.infinity
    var stop = -1
    for i in change.indices where change[i] < negligible {
      let candidate = max(0, slack[i]) / -change[i]
      if candidate < step || (candidate == step && change[i] < change[stop]) {
        step = candidate
        stop = i
      }
    }
    guard stop >= 0 else { return false }
    for l in 0..<dimension { point[l] += step * edge[l] }
    for i in slack.indices { slack[i] += step * change[i] }
    replace(place, by: stop)
    return true
  }

  /// Puts a constraint into a place of the basis.
  private mutating func replace(_ place: Int, by index: Int) {
    basis[place] = .constraint(index)
    pivots += 1
    let row = constraints.row(index)
    let products = inverse.map { edge in zip(row, edge).reduce(0) { $0 + $1.0 * $1.1 } }
    let pivot = products[place]
    let entering = inverse[place].map { $0 / pivot }
    for other in inverse.indices where other != place && products[other] != 0 {
      for l in 0..<dimension { inverse[other][l] -= products[other] * entering[l] }
    }
    inverse[place] = entering
    if pivots.isMultiple(of: 50) { refresh() }
  }

  /// Computes the inverse, the point and the slack anew, against the growth of rounding.
  private mutating func refresh() {
    guard !basis.contains(where: { if case .held = $0 { true } else { false } }) else { return }
    var right = [Double](repeating: 0, count: dimension)
    let matrix = basis.enumerated().map { place, kind -> [Double] in
      switch kind {
      case .constraint(let index):
        right[place] = -slackness[index]
        return constraints.row(index)
      case .chart, .held:
        right[place] = 1
        return chart
      }
    }
    guard let columns = inverted(matrix) else { return }
    inverse = columns
    for l in 0..<dimension {
      point[l] = 0
      for place in 0..<dimension { point[l] += columns[place][l] * right[place] }
    }
    measureSlack()
  }

  private mutating func measureSlack() {
    constraints.multiply(point, into: &slack)
    for i in slack.indices { slack[i] += slackness[i] }
  }
}

/// The columns of the inverse of a matrix given by its rows; nil when it is singular.
func inverted(_ rows: [[Double]]) -> [[Double]]? {
  let n = rows.count
  var a = rows
  var b = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
  for k in 0..<n {
    let pivot = (k..<n).max { a[$0][k].magnitude < a[$1][k].magnitude } ?? k
    guard a[pivot][k].magnitude > 1e-300 else { return nil }
    a.swapAt(k, pivot)
    b.swapAt(k, pivot)
    let scale = 1 / a[k][k]
    for l in 0..<n {
      a[k][l] *= scale
      b[k][l] *= scale
    }
    for i in 0..<n where i != k && a[i][k] != 0 {
      let factor = a[i][k]
      for l in 0..<n {
        a[i][l] -= factor * a[k][l]
        b[i][l] -= factor * b[k][l]
      }
    }
  }
  return (0..<n).map { column in (0..<n).map { b[$0][column] } }
}
