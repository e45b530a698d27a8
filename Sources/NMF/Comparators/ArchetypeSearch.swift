internal import Matrices

/// The alternation between shares of archetypes and shares of observations in them.
struct ArchetypeSearch<Scalar: MatrixScalar> {
  private let products: Products<Scalar>
  private let rank: Int
  private let squares: Double
  /// Rows of X that archetypes are mixed of.
  let candidates: [Int]
  /// The candidates as columns, p × M.
  private let pointsT: Factor<Scalar>
  /// Inner products of candidates, M × M.
  private let kernel: [Double]
  /// B, r × M row after row.
  private var b: [Double]
  /// Hᵀ, p × r.
  private var ht: Factor<Scalar>
  /// W, N × r.
  private var w: Factor<Double>
  private var pool: ComputePool { products.pool }

  init(_ products: Products<Scalar>, rank: Int, seed: UInt64) {
    self.products = products
    self.rank = rank
    let x = products.x
    squares = Totals(x).squares
    candidates = extremeRows(products, atMost: 2048, atLeast: rank, seed: seed)
    let count = candidates.count
    pointsT = Factor(rows: x.columns, rank: count)
    for (place, i) in candidates.enumerated() {
      switch x {
      case .dense(let matrix):
        for j in 0..<x.columns { pointsT[j, place] = matrix[i, j] }
      case .sparse(let matrix):
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          pointsT[Int(matrix.columnIndices[index]), place] = matrix.values[index]
        }
      }
    }
    kernel = crossProduct(pointsT, pointsT, pool: products.pool)
    b = [Double](repeating: 0, count: rank * count)
    let random = KeyedRandom(seed: seed, purpose: .archetypes)
    let start = furthestSum(
      kernel, count: count, rank: rank, first: Int(random.uniform(0) * Double(count)))
    for (k, place) in start.enumerated() { b[k * count + place] = 1 }
    ht = Factor(rows: x.columns, rank: rank)
    w = Factor(rows: x.rows, rank: rank)
    for i in 0..<x.rows {
      for k in 0..<rank { w[i, k] = 1 / Double(rank) }
    }
    mixArchetypes()
    solveShares()
  }

  /// H = B · candidates.
  private mutating func mixArchetypes() {
    let bt = makeFactor(transposedRows(b), rows: candidates.count, rank: rank, as: Scalar.self)
    ht = multiply(pointsT, bt, pool: pool)
  }

  private func transposedRows(_ b: [Double]) -> [Double] {
    let count = candidates.count
    return (0..<count * rank).map { b[($0 % rank) * count + $0 / rank] }
  }

  /// W for the archetypes at hand.
  mutating func solveShares() {
    let xht = makeDouble(products.multiply(ht))
    NMF.solveShares(w, products: xht, gram: crossProduct(ht, ht, pool: pool), pool: pool)
  }

  /// Improves each row of B in turn, then W; returns ½‖X − WH‖².
  mutating func iterate() -> Double {
    let count = candidates.count
    let single = makeFactor(w.matrix.elements, rows: w.rows, rank: rank, as: Scalar.self)
    // Row k: the inner products of wₖᵀX with the candidates.
    let targets = crossProduct(products.multiplyTransposed(single), pointsT, pool: pool)
    let wtw = crossProduct(w, w, pool: pool)
    // Row k: inner products of archetype k with the candidates.
    var images = crossProduct(ht, pointsT, pool: pool)
    for k in 0..<rank where wtw[k * rank + k] > 0 {
      var target = Array(targets[k * count..<(k + 1) * count])
      for l in 0..<rank where l != k {
        let scale = wtw[l * rank + k]
        guard scale != 0 else { continue }
        for m in 0..<count { target[m] -= scale * images[l * count + m] }
      }
      for m in 0..<count { target[m] /= wtw[k * rank + k] }
      var row = Array(b[k * count..<(k + 1) * count])
      var image = Array(images[k * count..<(k + 1) * count])
      exchangeShares(&row, image: &image, target: target, gram: kernel, most: 40)
      b.replaceSubrange(k * count..<(k + 1) * count, with: row)
      images.replaceSubrange(k * count..<(k + 1) * count, with: image)
    }
    mixArchetypes()
    let xht = makeDouble(products.multiply(ht))
    let gram = crossProduct(ht, ht, pool: pool)
    NMF.solveShares(w, products: xht, gram: gram, pool: pool)
    let fresh = crossProduct(w, w, pool: pool)
    var objective = squares / 2
    for i in 0..<w.rows {
      for k in 0..<rank { objective -= w[i, k] * xht[i, k] }
    }
    for index in gram.indices { objective += fresh[index] * gram[index] / 2 }
    return max(0, objective)
  }

  /// Archetypes by their share of all observations, the largest first.
  func order() -> [Int] {
    let sums = w.componentSums()
    return (0..<rank).sorted { (sums[$0], $1) > (sums[$1], $0) }
  }

  func mixture(_ order: [Int]) -> DenseMatrix<Double> {
    var result = DenseMatrix<Double>(rows: rank, columns: candidates.count)
    for (place, k) in order.enumerated() {
      for m in candidates.indices { result[place, m] = b[k * candidates.count + m] }
    }
    return result
  }

  func archetypes(_ order: [Int]) -> DenseMatrix<Scalar> {
    var result = DenseMatrix<Scalar>(rows: rank, columns: ht.rows)
    for (place, k) in order.enumerated() {
      for j in 0..<ht.rows { result[place, j] = ht[j, k] }
    }
    return result
  }

  func shares(_ order: [Int]) -> DenseMatrix<Scalar> {
    var result = DenseMatrix<Scalar>(rows: w.rows, columns: rank)
    for i in 0..<w.rows {
      for (place, k) in order.enumerated() { result[i, place] = Scalar(w[i, k]) }
    }
    return result
  }
}

/// Observations far from each other: each next one has the largest sum of distances to those before.
///
/// FurthestSum (Mørup & Hansen 2012); the first ones are drawn again at the end, as they were chosen
/// knowing least.
func furthestSum(_ kernel: [Double], count: Int, rank: Int, first: Int) -> [Int] {
  func distance(_ i: Int, _ j: Int) -> Double {
    max(0, kernel[i * count + i] + kernel[j * count + j] - 2 * kernel[i * count + j]).squareRoot()
  }
  var chosen = [min(count - 1, first)]
  var sums = (0..<count).map { distance($0, chosen[0]) }
  func furthest() -> Int {
    var best = -1
    for i in 0..<count where !chosen.contains(i) && (best < 0 || sums[i] > sums[best]) { best = i }
    return best
  }
  for round in 0..<rank + min(10, rank) {
    if chosen.count == rank || (round >= rank && rank == 1) {
      let removed = chosen.removeFirst()
      for i in 0..<count { sums[i] -= distance(i, removed) }
    }
    let next = furthest()
    chosen.append(next)
    for i in 0..<count { sums[i] += distance(i, next) }
  }
  return Array(chosen.suffix(rank))
}

/// Rows that are extreme along random directions through their mean, in order of number.
private func extremeRows<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, atMost most: Int, atLeast least: Int, seed: UInt64
) -> [Int] {
  let x = products.x
  let most = max(most, least)
  guard x.rows > most else { return Array(0..<x.rows) }
  var chosen = Set<Int>()
  let random = KeyedRandom(seed: seed, purpose: .archetypes, stream: 1)
  var round = 0
  while chosen.count < most {
    let directions = Factor<Scalar>(rows: x.columns, rank: 32)
    for j in 0..<x.columns {
      for k in 0..<32 {
        directions[j, k] = Scalar(random.gaussian((round * x.columns + j) * 32 + k))
      }
    }
    let heights = products.multiply(directions)
    for k in 0..<32 {
      let order = (0..<x.rows).sorted { (heights[$0, k], $0) < (heights[$1, k], $1) }
      // Deeper into both ends each round, so that the set fills up.
      for i in order.prefix(round + 1) + order.suffix(round + 1) where chosen.count < most {
        chosen.insert(i)
      }
    }
    round += 1
  }
  return chosen.sorted()
}
