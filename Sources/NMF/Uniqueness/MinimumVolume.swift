internal import Matrices

/// Alternates between memberships and parts to lower the loss + λ/2 log det(HHᵀ + δ).
///
/// Parts sum to 1. log det is replaced by its tangent ½ tr(Y HHᵀ), Y = (HHᵀ + δ)⁻¹, which lies above it.
/// Least squares: memberships by coordinate descent, parts by accelerated projected gradients on the
/// simplex. Poisson: expectation-maximisation, each part by a root in one number, the multiplier of
/// its sum (after Leplat, Gillis & Ang 2020).
struct MinimumVolume {
  /// What came of it.
  struct Result: Sendable {
    /// r parts of p with sum 1.
    var parts: [[Double]]
    /// log det(HHᵀ + δ).
    var logVolume: Double
    /// λ.
    var weight: Double
  }

  private let x: CompressedCounts
  private let loss: Loss
  private let rank: Int
  private let nullObjective: Double
  private let constant: Double
  /// N × r, row-major.
  private var w: [Double]
  /// p × r, row-major.
  private var ht: [Double]
  private var rowShares: [Double]
  private var columnShares: [Double]
  /// Keeps the logarithm finite when parts coincide; small beside ‖h‖² of a part.
  private let delta: Double
  /// λ, as far as it has been set.
  private(set) var weight = 0.0
  /// The loss.
  private(set) var value = Double.infinity

  /// - Parameter start: r parts of p with sum 1.
  init(_ x: CompressedCounts, loss: Loss, start: [[Double]], nullObjective: Double) {
    self.x = x
    self.loss = loss
    self.nullObjective = nullObjective
    rank = start.count
    ht = [Double](repeating: 0, count: x.columns * start.count)
    let trace = 1e-6 / Double(x.columns)
    for (k, part) in start.enumerated() {
      let sum = part.reduce(0) { $0 + max(0, $1) + (loss == .poisson ? trace : 0) }
      for j in part.indices {
        ht[j * start.count + k] = (max(0, part[j]) + (loss == .poisson ? trace : 0)) / sum
      }
    }
    w = [Double](repeating: 0, count: x.rows * start.count)
    for i in 0..<x.rows {
      let total = x.values[x.offsets[i]..<x.offsets[i + 1]].reduce(0, +)
      for k in 0..<start.count { w[i * start.count + k] = total / Double(start.count) }
    }
    rowShares = w
    columnShares = ht
    let squares = ht.reduce(0) { $0 + $1 * $1 } / Double(max(1, start.count))
    delta = 1e-6 * squares
    switch loss {
    case .poisson: constant = x.values.reduce(0) { $0 + $1 * log($1) - $1 }
    case .frobenius: constant = x.values.reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  /// Lowers λ by halves from where the volume is all, until the loss is within what is allowed.
  ///
  /// - Parameter least: λ is not lowered further than this.
  /// - Returns: Whether it came to be within.
  mutating func lower(allowed: Double, to least: Double) -> Bool {
    fitMemberships()
    // A start that fits: the volume is to shrink what fits, not to grow from nothing.
    for _ in 0..<30 { _ = step(weight: 0) }
    var weight = nullObjective / Double(10 * rank)
    while weight > least {
      settle(weight: weight, iterations: 400)
      if value <= allowed { return true }
      weight /= 2
    }
    return false
  }

  /// Raises λ from close to nothing by doubling, as long as the loss is within what is allowed.
  ///
  /// - Returns: Whether it is within at all.
  mutating func raise(allowed: Double, from least: Double) -> Bool {
    fitMemberships()
    settle(weight: least, iterations: 1000)
    guard value <= allowed else { return false }
    double(allowed: allowed)
    return true
  }

  /// Brings λ to the largest value, to about 4 %, at which the loss is within what is allowed.
  mutating func refine(allowed: Double) {
    for _ in 0..<20 where value > allowed { settle(weight: weight / 2, iterations: 2000) }
    guard value <= allowed else { return }
    double(allowed: allowed)
    var factor = 2.0.squareRoot()
    for _ in 0..<4 {
      attempt(weight * factor, allowed: allowed, iterations: 2000)
      factor = factor.squareRoot()
    }
    // Settled to the end the loss can still rise.
    settle(weight: weight)
    for _ in 0..<20 where value > allowed { settle(weight: weight / 1.1) }
  }

  private mutating func double(allowed: Double) {
    for _ in 0..<40 {
      guard attempt(2 * weight, allowed: allowed, iterations: 400) else { return }
    }
  }

  /// Takes another λ if the loss stays within what is allowed.
  @discardableResult
  private mutating func attempt(_ weight: Double, allowed: Double, iterations: Int) -> Bool {
    let before = self
    settle(weight: weight, iterations: iterations)
    guard value > allowed else { return true }
    self = before
    return false
  }

  /// Memberships for the parts as they are.
  private mutating func fitMemberships() {
    let start = ht
    for _ in 0..<100 {
      _ = step(weight: 0)
      ht = start
    }
  }

  /// What came of it so far.
  var result: Result {
    let parts = (0..<rank).map { k in (0..<x.columns).map { ht[$0 * rank + k] } }
    return Result(parts: parts, logVolume: logVolume, weight: weight)
  }

  /// Iterates until the objective no longer falls, at most 4,000 rounds, or 20,000 of a small matrix.
  mutating func settle(weight: Double) {
    let rounds = 400_000_000 / max(1, x.values.count * rank)
    settle(weight: weight, iterations: min(20_000, max(4000, rounds)), precision: 1e-9)
  }

  /// Iterates until 20 rounds lower the objective by less than its share `precision`.
  private mutating func settle(weight: Double, iterations: Int, precision: Double = 1e-7) {
    self.weight = weight
    var before = Double.infinity
    for iteration in 1...iterations {
      value = step(weight: weight)
      guard iteration.isMultiple(of: 20) else { continue }
      let total = value + weight / 2 * logVolume
      let scale = max(abs(value), weight * Double(rank))
      if before - total < precision * scale { break }
      before = total
    }
  }

  /// One round; returns the loss.
  private mutating func step(weight: Double) -> Double {
    switch loss {
    case .poisson: poissonStep(weight)
    case .frobenius: leastSquaresStep(weight)
    }
  }

  private var gramOfParts: [Double] { gram(ht, rows: x.columns) }

  private func gram(_ factor: [Double], rows: Int) -> [Double] {
    var gram = [Double](repeating: 0, count: rank * rank)
    for i in 0..<rows {
      for k in 0..<rank {
        let value = factor[i * rank + k]
        guard value != 0 else { continue }
        for l in 0..<rank { gram[k * rank + l] += value * factor[i * rank + l] }
      }
    }
    return gram
  }

  /// log det(HHᵀ + δ).
  var logVolume: Double {
    guard let eigen = try? symmetricEigen(gramOfParts, order: rank) else { return .infinity }
    return eigen.values.reduce(0) { $0 + log(max(0, $1) + delta) }
  }

  /// (HHᵀ + δ)⁻¹ by rows.
  private func tangent() -> [[Double]] {
    let gram = gramOfParts
    let rows = (0..<rank).map { k in
      (0..<rank).map { l in gram[k * rank + l] + (k == l ? delta : 0) }
    }
    return inverted(rows) ?? rows
  }

  // MARK: Least squares

  private mutating func leastSquaresStep(_ weight: Double) -> Double {
    let hht = gramOfParts
    let xht = x.multiply(ht, rank: rank, transposed: false)
    for i in 0..<x.rows {
      for _ in 0..<3 {
        for k in 0..<rank where hht[k * rank + k] > 0 {
          var gradient = -xht[i * rank + k]
          for l in 0..<rank { gradient += hht[k * rank + l] * w[i * rank + l] }
          w[i * rank + k] = max(0, w[i * rank + k] - gradient / hht[k * rank + k])
        }
      }
    }
    let xtw = x.multiply(w, rank: rank, transposed: true)
    let wtw = gram(w, rows: x.rows)
    let y = tangent()
    let curvature = (0..<rank * rank).map { wtw[$0] + weight * y[$0 / rank][$0 % rank] }
    let largest = (try? symmetricEigen(curvature, order: rank).values.last) ?? 0
    guard largest > 0 else { return .infinity }
    var momentum = 1.0
    var before = ht
    var point = ht
    for _ in 0..<5 {
      var next = point
      for j in 0..<x.columns {
        for k in 0..<rank {
          var gradient = -xtw[j * rank + k]
          for l in 0..<rank { gradient += curvature[k * rank + l] * point[j * rank + l] }
          next[j * rank + k] -= gradient / largest
        }
      }
      for k in 0..<rank { projectToSimplex(&next, component: k) }
      let grown = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      point = next.indices.map { next[$0] + (momentum - 1) / grown * (next[$0] - before[$0]) }
      momentum = grown
      before = next
    }
    ht = before
    let cross = zip(xtw, ht).reduce(0) { $0 + $1.0 * $1.1 }
    return max(0, constant - cross + zip(wtw, gramOfParts).reduce(0) { $0 + $1.0 * $1.1 } / 2)
  }

  /// The closest point with non-negative entries of sum 1 (Held, Wolfe & Crowder 1974).
  private func projectToSimplex(_ factor: inout [Double], component k: Int) {
    let values = (0..<x.columns).map { factor[$0 * rank + k] }.sorted(by: >)
    var sum = 0.0
    var shift = 0.0
    for (index, value) in values.enumerated() {
      sum += value
      let candidate = (sum - 1) / Double(index + 1)
      if value - candidate > 0 { shift = candidate }
    }
    for j in 0..<x.columns { factor[j * rank + k] = max(0, factor[j * rank + k] - shift) }
  }

  // MARK: Poisson

  private mutating func poissonStep(_ weight: Double) -> Double {
    let xLogV = x.share(
      w: w, ht: ht, rank: rank, rowShares: &rowShares, columnShares: &columnShares)
    // Parts sum to 1, so that Σ v = Σ w.
    let value = constant - xLogV + w.reduce(0, +)
    w = rowShares
    guard weight > 0 else {
      ht = columnShares
      for k in 0..<rank { normalize(k) }
      return value
    }
    let y = tangent()
    let size = y.map { $0.map(\.magnitude) }
    let old = ht
    for k in 0..<rank {
      // h solves a h² + (b + μ) h − n = 0, with μ such that the part sums to 1.
      var a = [Double](repeating: 0, count: x.columns)
      var b = a
      for j in 0..<x.columns where old[j * rank + k] > 0 {
        var plain = 0.0
        var absolute = 0.0
        for l in 0..<rank {
          plain += y[k][l] * old[j * rank + l]
          absolute += size[k][l] * old[j * rank + l]
        }
        a[j] = weight * absolute / old[j * rank + k]
        b[j] = weight * (plain - absolute)
      }
      solvePart(k, a: a, b: b, old: old)
    }
    return value
  }

  /// Sets a part to the roots for the multiplier at which they sum to 1.
  private mutating func solvePart(_ k: Int, a: [Double], b: [Double], old: [Double]) {
    func root(_ j: Int, _ multiplier: Double) -> (value: Double, slope: Double) {
      let n = columnShares[j * rank + k]
      let c = b[j] + multiplier
      let discriminant = (c * c + 4 * a[j] * n).squareRoot()
      guard discriminant > 0 else { return (0, 0) }
      let value = c > 0 ? 2 * n / (c + discriminant) : (discriminant - c) / (2 * a[j])
      return (value, -value / discriminant)
    }
    let alive = (0..<x.columns).filter { old[$0 * rank + k] > 0 && a[$0] > 0 }
    guard !alive.isEmpty else { return }
    func total(_ multiplier: Double) -> (sum: Double, slope: Double) {
      alive.reduce(into: (0.0, 0.0)) { result, j in
        let (value, slope) = root(j, multiplier)
        result.0 += value
        result.1 += slope
      }
    }
    let mass = alive.reduce(0.0) { $0 + columnShares[$1 * rank + k] }
    var (low, high) = (-1.0, 1.0)
    var scale = max(mass, alive.reduce(0) { max($0, a[$1] + b[$1].magnitude) })
    while total(low * scale).sum < 1 || total(high * scale).sum > 1 {
      scale *= 4
      guard scale < 1e300 else { return }
    }
    (low, high) = (low * scale, high * scale)
    var multiplier = min(high, max(low, mass))
    // Newton within a bracket: the sum is convex and falls.
    for _ in 0..<100 {
      let (sum, slope) = total(multiplier)
      if abs(sum - 1) < 1e-13 { break }
      if sum > 1 { low = multiplier } else { high = multiplier }
      let newton = slope < 0 ? multiplier - (sum - 1) / slope : .infinity
      multiplier = newton > low && newton < high ? newton : (low + high) / 2
    }
    for j in alive { ht[j * rank + k] = root(j, multiplier).value }
    normalize(k)
  }

  private mutating func normalize(_ k: Int) {
    var sum = 0.0
    for j in 0..<x.columns { sum += ht[j * rank + k] }
    guard sum > 0 else { return }
    for j in 0..<x.columns { ht[j * rank + k] /= sum }
  }
}
