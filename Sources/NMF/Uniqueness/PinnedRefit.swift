internal import Matrices

/// Refits all of a factorisation while one entry of one part keeps its share of the part.
///
/// Parts sum to 1 throughout. Poisson: expectation-maximisation, whose maximisation step has the
/// constraint in closed form, accelerated by squared extrapolation (Varadhan & Roland 2008). Least
/// squares: coordinate descent, with the constrained part as a small non-negative least-squares
/// problem of its own. Neither raises the objective.
struct PinnedRefit {
  let x: CompressedCounts
  let loss: Loss
  let rank: Int
  /// Σ x log x − x, or ½ Σ x².
  private let constant: Double
  /// N × r, row-major.
  private(set) var w: [Double]
  /// p × r, row-major; each component sums to 1.
  private(set) var ht: [Double]
  /// The entry that is held: component, feature and its share; nil for a free fit.
  private var held: (component: Int, feature: Int, share: Double)?
  private var rowShares: [Double]
  private var columnShares: [Double]

  init(_ x: CompressedCounts, loss: Loss, w: [Double], ht: [Double], rank: Int) {
    self.x = x
    self.loss = loss
    self.rank = rank
    self.w = w
    self.ht = ht
    rowShares = w
    columnShares = ht
    switch loss {
    case .poisson: constant = x.values.reduce(0) { $0 + $1 * log($1) - $1 }
    case .frobenius: constant = x.values.reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  /// Sets the entry to a share of its part, and refits everything else.
  ///
  /// - Parameters:
  ///   - precision: The refit ends when a cycle lowers the objective by less than this.
  ///   - cycles: The most cycles of three steps.
  /// - Returns: The objective.
  mutating func refit(
    component: Int, feature: Int, share: Double, precision: Double, cycles: Int = 200
  ) -> Double {
    held = (component, feature, share)
    lift()
    displace()
    return descend(precision: precision, cycles: cycles)
  }

  /// Refits without a constraint.
  mutating func refitFreely(precision: Double, cycles: Int = 200) -> Double {
    held = nil
    lift()
    return descend(precision: precision, cycles: cycles)
  }

  /// Moves the held entry, the rest of its part in proportion.
  private mutating func displace() {
    guard let held else { return }
    let p = x.columns
    var others = 0.0
    for j in 0..<p where j != held.feature { others += ht[j * rank + held.component] }
    for j in 0..<p where j != held.feature {
      let index = j * rank + held.component
      ht[index] =
        others > 0 ? ht[index] / others * (1 - held.share) : (1 - held.share) / Double(p - 1)
    }
    ht[held.feature * rank + held.component] = held.share
  }

  /// Expectation-maximisation cannot move a zero, so each becomes a trace.
  private mutating func lift() {
    guard loss == .poisson else { return }
    for k in 0..<rank {
      let floor = 1e-4 / Double(x.columns)
      for j in 0..<x.columns where x.columns > 1 {
        let index = j * rank + k
        if ht[index] < floor { ht[index] = floor }
      }
    }
    for i in 0..<x.rows {
      var sum = 0.0
      for k in 0..<rank { sum += w[i * rank + k] }
      let floor = 1e-4 * sum / Double(rank)
      for k in 0..<rank where w[i * rank + k] < floor { w[i * rank + k] = floor }
    }
  }

  private mutating func descend(precision: Double, cycles: Int) -> Double {
    var objective = Double.infinity
    switch loss {
    case .poisson:
      objective = expectationStep()
      var quiet = 0
      for _ in 0..<cycles {
        let next = squaredCycle(objective)
        quiet = objective - next < precision ? quiet + 1 : 0
        objective = next
        if quiet >= 3 { break }
      }
    case .frobenius:
      var quiet = 0
      for _ in 0..<3 * cycles {
        let next = coordinateStep()
        quiet = objective - next < precision ? quiet + 1 : 0
        objective = next
        if quiet >= 3 { break }
      }
    }
    return objective
  }

  // MARK: Poisson

  /// The objective at the factors, with the shares of their expectation step.
  private mutating func expectationStep() -> Double {
    let xLogV = x.share(
      w: w, ht: ht, rank: rank, rowShares: &rowShares, columnShares: &columnShares)
    var sums = [Double](repeating: 0, count: rank)
    for j in 0..<x.columns {
      for k in 0..<rank { sums[k] += ht[j * rank + k] }
    }
    var mass = 0.0
    for i in 0..<x.rows {
      for k in 0..<rank { mass += w[i * rank + k] * sums[k] }
    }
    return constant - xLogV + mass
  }

  /// The maximisation step for the shares at hand: both factors at once.
  private mutating func maximizationStep() {
    w = rowShares
    ht = columnShares
    for k in 0..<rank {
      var sum = 0.0
      for j in 0..<x.columns { sum += ht[j * rank + k] }
      if let held, held.component == k {
        let index = held.feature * rank + k
        let others = sum - ht[index]
        for j in 0..<x.columns {
          let place = j * rank + k
          ht[place] =
            others > 0
            ? ht[place] / others * (1 - held.share)
            : (1 - held.share) / Double(max(1, x.columns - 1))
        }
        ht[index] = held.share
      } else if sum > 0 {
        for j in 0..<x.columns { ht[j * rank + k] /= sum }
      }
    }
  }

  /// Two steps, an extrapolation along them, and a third step that makes it feasible again.
  private mutating func squaredCycle(_ objective: Double) -> Double {
    let (w0, h0) = (w, ht)
    maximizationStep()
    let (w1, h1) = (w, ht)
    _ = expectationStep()
    maximizationStep()
    let (w2, h2) = (w, ht)
    var first = 0.0
    var second = 0.0
    // Both factors in units in which they count alike.
    let scale = 1 / max(w2.reduce(0, +), .leastNormalMagnitude)
    func measure(_ a: [Double], _ b: [Double], _ c: [Double], _ unit: Double) {
      for index in a.indices {
        let r = (b[index] - a[index]) * unit
        let v = (c[index] - b[index]) * unit - r
        first += r * r
        second += v * v
      }
    }
    measure(w0, w1, w2, scale)
    measure(h0, h1, h2, 1 / Double(rank))
    let length = second > 0 ? max(1, min(64, (first / second).squareRoot())) : 1
    if length > 1 {
      func extrapolated(_ a: [Double], _ b: [Double], _ c: [Double]) -> [Double] {
        a.indices.map { index in
          let r = b[index] - a[index]
          let v = c[index] - b[index] - r
          return max(1e-3 * c[index], a[index] + 2 * length * r + length * length * v)
        }
      }
      w = extrapolated(w0, w1, w2)
      ht = extrapolated(h0, h1, h2)
      // The held entry keeps its share exactly.
      normalize()
      let value = expectationStep()
      if value <= objective { return value }
    }
    (w, ht) = (w2, h2)
    return expectationStep()
  }

  private mutating func normalize() {
    for k in 0..<rank {
      var sum = 0.0
      for j in 0..<x.columns { sum += ht[j * rank + k] }
      guard sum > 0 else { continue }
      if let held, held.component == k {
        displace()
      } else {
        for j in 0..<x.columns { ht[j * rank + k] /= sum }
      }
    }
  }

  // MARK: Least squares

  private mutating func coordinateStep() -> Double {
    let hht = product(ht, rows: x.columns)
    sweep(
      &w, rows: x.rows, products: x.multiply(ht, rank: rank, transposed: false), gram: hht, count: 3
    )
    let wtw = product(w, rows: x.rows)
    let xtw = x.multiply(w, rank: rank, transposed: true)
    let fixed = held?.component
    for _ in 0..<2 {
      sweep(&ht, rows: x.columns, products: xtw, gram: wtw, count: 1, except: fixed)
      if let held { constrainedPart(held, xtw: xtw, wtw: wtw) }
    }
    // Parts sum to 1 again; W takes the scale.
    for k in 0..<rank {
      var sum = 0.0
      for j in 0..<x.columns { sum += ht[j * rank + k] }
      guard sum > 0 else { continue }
      for j in 0..<x.columns { ht[j * rank + k] /= sum }
      for i in 0..<x.rows { w[i * rank + k] *= sum }
    }
    let newGram = product(ht, rows: x.columns)
    let scaledGram = product(w, rows: x.rows)
    let cross = zip(x.multiply(w, rank: rank, transposed: true), ht).reduce(0) { $0 + $1.0 * $1.1 }
    return max(0, constant - cross + zip(newGram, scaledGram).reduce(0) { $0 + $1.0 * $1.1 } / 2)
  }

  private func product(_ factor: [Double], rows: Int) -> [Double] {
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

  private func sweep(
    _ factor: inout [Double], rows: Int, products: [Double], gram: [Double], count: Int,
    except fixed: Int? = nil
  ) {
    for i in 0..<rows {
      for _ in 0..<count {
        for k in 0..<rank where k != fixed && gram[k * rank + k] > 0 {
          var gradient = -products[i * rank + k]
          for l in 0..<rank { gradient += gram[k * rank + l] * factor[i * rank + l] }
          factor[i * rank + k] = max(0, factor[i * rank + k] - gradient / gram[k * rank + k])
        }
      }
    }
  }

  /// The best hₖ with its entry at a fixed share: h = Σ y (e + ρ e_held), y ≥ 0.
  ///
  /// Then yⱼ = (bⱼ − ρ² Y)₊ with Y = Σ y and b = (gⱼ + ρ g) / ‖w‖²: a fixed point in one number.
  private mutating func constrainedPart(
    _ held: (component: Int, feature: Int, share: Double), xtw: [Double], wtw: [Double]
  ) {
    let k = held.component
    let squares = wtw[k * rank + k]
    guard squares > 0, held.share < 1 else { return }
    let ratio = held.share / (1 - held.share)
    func gradient(_ j: Int) -> Double {
      var value = xtw[j * rank + k]
      for l in 0..<rank where l != k { value -= wtw[k * rank + l] * ht[j * rank + l] }
      return value / squares
    }
    let own = gradient(held.feature)
    let targets = (0..<x.columns).map { $0 == held.feature ? 0 : gradient($0) + ratio * own }
    var active = targets.indices.filter { $0 != held.feature && targets[$0] > 0 }
    var total = 0.0
    while !active.isEmpty {
      total = active.reduce(0) { $0 + targets[$1] } / (1 + ratio * ratio * Double(active.count))
      let kept = active.filter { targets[$0] > ratio * ratio * total }
      if kept.count == active.count { break }
      active = kept
    }
    guard total > 0 else { return }
    for j in 0..<x.columns { ht[j * rank + k] = 0 }
    for j in active { ht[j * rank + k] = targets[j] - ratio * ratio * total }
    ht[held.feature * rank + k] = ratio * total
  }
}
