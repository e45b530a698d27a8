internal import Matrices

/// Whether the parts can begin to move together without changing WH, to first order.
///
/// A movement of all parts is W ← W(I + D), H ← (I − D)H with a D without diagonal; it is possible to
/// first order when (WD)ᵢₖ ≥ 0 wherever wᵢₖ = 0, and (DH)ₖⱼ ≤ 0 wherever hₖⱼ = 0. When D = 0 is the only
/// one the factorisation is infinitesimally rigid (Krone & Kubjas 2021): it cannot be moved
/// continuously, though another may exist elsewhere.
struct Rigidity {
  /// The number of unknowns, r² − r.
  var unknowns: Int
  /// The rank of the conditions that zeros impose.
  var rank: Int
  /// The smallest singular value of the conditions over the largest, each condition of length 1.
  var conditioning: Double
  /// Whether D = 0 is the only movement; nil when that was not decided.
  var isRigid: Bool?
  /// A movement that is possible to first order, row by row, when there is one.
  ///
  /// For columns of W of length 1.
  var movement: [[Double]]?

  /// The most unknowns for which the tangent system is solved.
  static let mostUnknowns = 300
  private static let mostConditions = 20_000

  init(_ geometry: Geometry) {
    let rank = geometry.rank
    unknowns = rank * rank - rank
    guard unknowns > 0 else {
      self.rank = 0
      conditioning = 1
      isRigid = true
      return
    }
    guard unknowns <= Rigidity.mostUnknowns else {
      self.rank = 0
      conditioning = 0
      return
    }
    let conditions = Rigidity.conditions(geometry)
    let gram = Rigidity.gram(conditions, unknowns)
    guard let eigen = try? symmetricEigen(gram, order: unknowns),
      let largest = eigen.values.last, largest > 0
    else {
      self.rank = 0
      conditioning = 0
      isRigid = false
      return
    }
    self.rank = eigen.values.count { $0 > 1e-12 * largest }
    conditioning = (max(0, eigen.values[0]) / largest).squareRoot()
    if self.rank < unknowns {
      isRigid = false
      let null = Array(eigen.vectors[0..<unknowns])
      movement = Rigidity.square(null, rank)
    } else if let certificate = Rigidity.balance(conditions, unknowns) {
      let size = certificate.reduce(0) { $0 + $1 * $1 }.squareRoot()
      isRigid = size < 1e-7
      if size >= 1e-7 { movement = Rigidity.square(certificate.map { $0 / size }, rank) }
    }
  }

  /// The rows of A in Ad ≥ 0, each of length 1, without repetitions.
  private static func conditions(_ geometry: Geometry) -> [[Double]] {
    let rank = geometry.rank
    func place(_ k: Int, _ l: Int) -> Int { k * (rank - 1) + (l < k ? l : l - 1) }
    var rows: [[Double]] = []
    var seen: Set<[Int]> = []
    func add(_ row: [Double]) {
      let size = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // Fewer conditions can only make a rigid factorisation look movable.
      guard size > 0, rows.count < mostConditions else { return }
      let unit = row.map { $0 / size }
      if seen.insert(unit.map { Int(($0 * 1e9).rounded()) }).inserted { rows.append(unit) }
    }
    // In the gauge where columns of W have length 1, so that rounding is even.
    let sizes = geometry.w.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    for i in 0..<geometry.rows {
      for k in 0..<rank where geometry.w[k][i] == 0 {
        var row = [Double](repeating: 0, count: rank * rank - rank)
        for l in 0..<rank where l != k && geometry.w[l][i] > 0 {
          row[place(l, k)] = geometry.w[l][i] / sizes[l]
        }
        add(row)
      }
    }
    for j in 0..<geometry.columns {
      for k in 0..<rank where geometry.h[k][j] == 0 {
        var row = [Double](repeating: 0, count: rank * rank - rank)
        for l in 0..<rank where l != k { row[place(k, l)] = -geometry.h[l][j] * sizes[l] }
        add(row)
      }
    }
    return rows
  }

  private static func gram(_ rows: [[Double]], _ n: Int) -> [Double] {
    var gram = [Double](repeating: 0, count: n * n)
    for row in rows {
      let members = row.indices.filter { row[$0] != 0 }
      for a in members {
        for b in members { gram[a * n + b] += row[a] * row[b] }
      }
    }
    return gram
  }

  private static func square(_ d: [Double], _ rank: Int) -> [[Double]] {
    (0..<rank).map { k in
      (0..<rank).map { l in k == l ? 0 : d[k * (rank - 1) + (l < k ? l : l - 1)] }
    }
  }

  /// The shortest Aᵀy over y ≥ 1; zero exactly when Ad ≥ 0 has no solution but those with Ad = 0.
  ///
  /// By Stiemke's lemma. Where it is not zero it is itself such a d. Solved as non-negative least
  /// squares by the active-set method of Lawson & Hanson (1974).
  private static func balance(_ rows: [[Double]], _ n: Int) -> [Double]? {
    var target = [Double](repeating: 0, count: n)
    for row in rows {
      for l in 0..<n { target[l] -= row[l] }
    }
    let size = max(1, target.reduce(0) { $0 + $1 * $1 }.squareRoot())
    var passive: [Int] = []
    var weights = [Double](repeating: 0, count: rows.count)
    var residual = target
    let columns = ColumnMatrix(rows: rows, columns: n)
    var products = [Double](repeating: 0, count: rows.count)
    for _ in 0..<4 * n {
      columns.multiply(residual, into: &products)
      for index in passive { products[index] = 0 }
      guard let next = products.indices.max(by: { products[$0] < products[$1] }),
        products[next] > 1e-10 * size
      else { return residual.map { -$0 / size } }
      passive.append(next)
      while true {
        guard let solution = leastSquares(passive.map { rows[$0] }, target) else { return nil }
        let blocked = passive.indices.filter { solution[$0] <= 0 }
        if blocked.isEmpty {
          for (index, value) in zip(passive, solution) { weights[index] = value }
          break
        }
        var step = 1.0
        for place in blocked {
          let old = weights[passive[place]]
          step = min(step, old / max(old - solution[place], .leastNormalMagnitude))
        }
        for (place, index) in passive.enumerated() {
          weights[index] += step * (solution[place] - weights[index])
        }
        let before = passive.count
        for index in passive where weights[index] <= 1e-14 * size { weights[index] = 0 }
        passive.removeAll { weights[$0] == 0 }
        guard passive.count < before else { return nil }
      }
      residual = target
      for index in passive {
        for l in 0..<n { residual[l] -= weights[index] * rows[index][l] }
      }
      if residual.reduce(0, { $0 + $1 * $1 }).squareRoot() < 1e-9 * size {
        return [Double](repeating: 0, count: n)
      }
    }
    return nil
  }

  /// The weights of independent rows whose sum is closest to a target.
  private static func leastSquares(_ rows: [[Double]], _ target: [Double]) -> [Double]? {
    let count = rows.count
    var gram = [Double](repeating: 0, count: count * count)
    var right = [Double](repeating: 0, count: count)
    for a in 0..<count {
      right[a] = zip(rows[a], target).reduce(0) { $0 + $1.0 * $1.1 }
      for b in 0...a {
        let product = zip(rows[a], rows[b]).reduce(0) { $0 + $1.0 * $1.1 }
        gram[a * count + b] = product
        gram[b * count + a] = product
      }
      gram[a * count + a] *= 1 + 1e-13
    }
    return solvedPositiveDefinite(gram, right)
  }
}
