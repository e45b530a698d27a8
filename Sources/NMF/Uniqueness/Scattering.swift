/// The corners of {y: Ay ≥ 0, 1·y = 1}, or nil when there would be too many.
///
/// The double description method (Motzkin, Raiffa, Thompson & Thrall 1953): rays of the cone Ay ≥ 0
/// are kept while its constraints are added one at a time; a new ray appears between two adjacent
/// ones on both sides of a constraint.
///
/// - Parameters:
///   - rows: A, with rank r.
///   - limit: The most rays that are kept on the way.
/// - Returns: Corners with sum 1, or nil when the cone is not pointed, has a ray of sum zero or
///   below, or the limit was passed.
func corners(of rows: [[Double]], dimension: Int, limit: Int) -> [[Double]]? {
  let scaled = rows.compactMap { row -> [Double]? in
    let size = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return size > 0 ? row.map { $0 / size } : nil
  }
  guard let first = independentRows(scaled, count: dimension),
    let edges = inverted(first.map { scaled[$0] })
  else { return nil }
  let zero = 1e-9
  var rays: [Ray] = edges.enumerated().map { index, edge in
    Ray(direction: edge, zeros: Set(first.indices.filter { $0 != index }.map { first[$0] }))
  }
  for index in scaled.indices where !first.contains(index) {
    let row = scaled[index]
    let values = rays.map { ray in
      zip(row, ray.direction).reduce(0) { $0 + $1.0 * $1.1 } / ray.length
    }
    let positive = rays.indices.filter { values[$0] > zero }
    let negative = rays.indices.filter { values[$0] < -zero }
    for i in rays.indices where abs(values[i]) <= zero { rays[i].zeros.insert(index) }
    guard !negative.isEmpty else { continue }
    var created: [Ray] = []
    for i in positive {
      for j in negative {
        let common = rays[i].zeros.intersection(rays[j].zeros)
        guard common.count >= dimension - 2 else { continue }
        let isAdjacent = !rays.indices.contains { other in
          other != i && other != j && common.isSubset(of: rays[other].zeros)
        }
        guard isAdjacent else { continue }
        let (a, b) = (values[i] * rays[i].length, -values[j] * rays[j].length)
        let direction = rays[i].direction.indices.map {
          b * rays[i].direction[$0] + a * rays[j].direction[$0]
        }
        created.append(Ray(direction: direction, zeros: common.union([index])))
      }
    }
    rays = rays.indices.filter { values[$0] >= -zero }.map { rays[$0] } + created
    guard rays.count <= limit else { return nil }
  }
  var result: [[Double]] = []
  for ray in rays {
    let sum = ray.direction.reduce(0, +)
    guard sum > 1e-12 * ray.length else { return nil }
    result.append(ray.direction.map { $0 / sum })
  }
  return result
}

/// A ray of a cone, and the constraints that it meets with equality.
private struct Ray {
  var direction: [Double]
  var zeros: Set<Int>
  let length: Double

  init(direction: [Double], zeros: Set<Int>) {
    let size = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    self.direction = size > 0 ? direction.map { $0 / size } : direction
    self.zeros = zeros
    length = 1
  }
}

/// Indices of rows that span the space, each chosen as the farthest from those before it.
private func independentRows(_ rows: [[Double]], count: Int) -> [Int]? {
  var rest = rows
  var chosen: [Int] = []
  for _ in 0..<count {
    let sizes = rest.map { row in row.reduce(0) { $0 + $1 * $1 } }
    guard let index = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), sizes[index] > 1e-16
    else { return nil }
    chosen.append(index)
    let length = sizes[index].squareRoot()
    let unit = rest[index].map { $0 / length }
    for i in rest.indices {
      let product = zip(rest[i], unit).reduce(0) { $0 + $1.0 * $1.1 }
      for l in unit.indices { rest[i][l] -= product * unit[l] }
    }
  }
  return chosen
}

/// How widely the rows of a factor are scattered in the non-negative orthant.
struct Scattering {
  /// Whether the rows are sufficiently scattered (Huang, Sidiropoulos & Swami 2014); nil when that
  /// was not decided.
  var isSufficient: Bool?
  /// The largest ‖y‖ with Ay ≥ 0 and Σ y = 1, as far as it was found; 1 when sufficiently scattered.
  var reach: Double

  /// Corners closer than this to length 1 must be unit vectors, or nothing is concluded.
  static let margin = 1e-4

  /// - Parameters:
  ///   - rows: Rows of W or columns of H, in one gauge.
  ///   - dimension: r.
  ///   - limit: The most rays to keep.
  init(rows: [[Double]], dimension: Int, limit: Int = 400) {
    // Rows that repeat or have no zero add little; fewer rows can only make the answer "no".
    let extreme = Scattering.extremeRows(rows, most: 60 + 10 * dimension)
    guard dimension <= 9, let corners = corners(of: extreme, dimension: dimension, limit: limit)
    else {
      isSufficient = nil
      reach = Scattering.reachByProgrammes(extreme, dimension: dimension)
      return
    }
    let lengths = corners.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    reach = lengths.max() ?? 1
    isSufficient = zip(corners, lengths).allSatisfy { corner, length in
      length <= 1 - Scattering.margin
        || corner.contains { abs($0 - 1) < 1e-7 && length < 1 + 1e-9 }
    }
  }

  /// Rows of sum 1 with the most zeros, and those farthest from the middle, without repetitions.
  private static func extremeRows(_ rows: [[Double]], most: Int) -> [[Double]] {
    var seen: Set<[Int]> = []
    var unique: [[Double]] = []
    for row in rows {
      let sum = row.reduce(0, +)
      guard sum > 0 else { continue }
      let scaled = row.map { $0 / sum }
      if seen.insert(scaled.map { Int(($0 * 1e6).rounded()) }).inserted { unique.append(scaled) }
    }
    func rank(_ row: [Double]) -> (Int, Double) {
      (row.count { $0 > 0 }, -row.reduce(0) { $0 + $1 * $1 })
    }
    return Array(unique.sorted { rank($0) < rank($1) }.prefix(most))
  }

  /// A lower bound of the largest ‖y‖, from corners reached by climbing.
  private static func reachByProgrammes(_ rows: [[Double]], dimension: Int) -> Double {
    guard dimension >= 2, !rows.isEmpty else { return 1 }
    var reach = 1.0
    // Only bounded when the rows span the space; otherwise there is room without end.
    let sum = rows.reduce(into: [Double](repeating: 0, count: dimension)) { sum, row in
      for l in row.indices { sum[l] += row[l] }
    }
    guard sum.allSatisfy({ $0 > 0 }) else { return .infinity }
    // With many components a sample of the directions is searched: the reach is a lower bound anyway.
    let stride = max(1, dimension * dimension / 200)
    for k in 0..<dimension {
      var start = [Double](repeating: 0, count: dimension)
      start[k] = 1
      var polytope = Polytope(
        constraints: rows, chart: [Double](repeating: 1, count: dimension), start: start)
      for l in 0..<dimension where l != k && (k * dimension + l).isMultiple(of: stride) {
        var objective = [Double](repeating: 0, count: dimension)
        objective[l] = -1
        for _ in 0..<6 {
          polytope.maximize(objective)
          let length = polytope.point.reduce(0) { $0 + $1 * $1 }.squareRoot()
          guard length.isFinite else { return .infinity }
          if length <= reach + 1e-9 { break }
          reach = length
          objective = polytope.point
        }
      }
    }
    return reach
  }
}
