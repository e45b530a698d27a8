internal import Matrices

/// Solves min ½ w G wᵀ − a w, w ≥ 0, exactly, for each row of `w`, whatever was there before.
///
/// Twenty sweeps of coordinate descent from zero find most of the zeros; block principal pivoting (Kim &
/// Park 2011, Algorithm 1, with its back-up rule) starts from them. A row whose passive block of G is
/// singular keeps what coordinate descent had reached.
///
/// - Parameters:
///   - w: Rows to solve.
///   - products: a, one row for each of `w`.
///   - gram: G, rows `w.stride` apart.
func solveExactly(
  _ w: Factor<Double>, products: Factor<Double>, gram: [Double], pool: ComputePool
) {
  precondition(products.rows == w.rows && products.stride == w.stride)
  precondition(gram.count == w.rank * w.stride)
  let piece = rowsOfSweeps(w.rows, pool: pool)
  let stride = w.stride
  unsafe gram.withUnsafeBufferPointer { table in
    guard let table = table.baseAddress else { return }
    pool.run((w.rows + piece - 1) / piece) { task, _ in
      let first = task * piece
      let rows = min(piece, w.rows - first)
      // Safe: tasks own disjoint rows.
      let (block, targets) = unsafe (w.base + first * stride, products.base + first * stride)
      unsafe block.zero(rows * stride)
      unsafe improve(
        block, rows: rows, against: targets, gram: gram, rank: w.rank, stride: stride,
        step: .sweeps(20))
      let solver = unsafe BlockPivoting(gram: table, rank: w.rank, stride: stride)
      for row in 0..<rows {
        unsafe solver.solve(block + row * stride, target: targets + row * stride)
      }
    }
  }
}

/// The work space and the rule for one row.
@safe private final class BlockPivoting {
  private let gram: UnsafePointer<Double>
  private let rank: Int
  private let stride: Int
  private let solution: UnsafeMutablePointer<Double>
  private let dual: UnsafeMutablePointer<Double>
  private let right: UnsafeMutablePointer<Double>
  private let block: UnsafeMutablePointer<Double>
  private let passive: UnsafeMutablePointer<Bool>
  private let members: UnsafeMutablePointer<Int>
  private let kernels = Double._kernels

  init(gram: UnsafePointer<Double>, rank: Int, stride: Int) {
    unsafe self.gram = gram
    self.rank = rank
    self.stride = stride
    unsafe solution = .allocate(capacity: (3 + rank) * stride)
    unsafe solution.zero((3 + rank) * stride)
    unsafe dual = solution + stride
    unsafe right = dual + stride
    unsafe block = right + stride
    unsafe passive = .allocate(capacity: rank)
    unsafe members = .allocate(capacity: rank)
  }

  deinit {
    unsafe solution.deallocate()
    unsafe passive.deallocate()
    unsafe members.deallocate()
  }

  /// Replaces `row` by the optimum, if it is found.
  func solve(_ row: UnsafeMutablePointer<Double>, target: UnsafePointer<Double>) {
    // Safe, as all that follows: rows have `stride` numbers, of which `rank` count.
    var scale = 0.0
    for k in 0..<rank {
      unsafe passive[k] = row[k] > 0 && gram[k * stride + k] > 0
      unsafe scale = max(scale, abs(target[k]))
    }
    let slack = 1e-12 * scale
    var fewest = rank + 1
    var fullExchanges = 3
    for _ in 0..<5 * rank + 20 {
      guard unsafe solvePassive(target) else { return }
      var bad = 0
      var last = -1
      for k in 0..<rank where isInfeasible(k, slack) {
        bad += 1
        last = k
      }
      if bad == 0 {
        unsafe row.update(from: solution, count: rank)
        return
      }
      var exchangesAll = true
      if bad < fewest {
        fewest = bad
        fullExchanges = 3
      } else if fullExchanges >= 1 {
        fullExchanges -= 1
      } else {
        exchangesAll = false
      }
      for k in 0..<rank where isInfeasible(k, slack) && (exchangesAll || k == last) {
        unsafe passive[k].toggle()
      }
    }
  }

  private func isInfeasible(_ k: Int, _ slack: Double) -> Bool {
    unsafe passive[k] ? solution[k] < 0 : dual[k] < -slack
  }

  /// Solves for the passive entries, zeroes the others, and forms the dual y = wG − a.
  private func solvePassive(_ target: UnsafePointer<Double>) -> Bool {
    var count = 0
    for k in 0..<rank {
      unsafe solution[k] = 0
      if unsafe passive[k] {
        unsafe members[count] = k
        unsafe right[count] = target[k]
        count += 1
      }
    }
    if count > 0 {
      let width = (count + 7) / 8 * 8
      for i in 0..<count {
        let from = unsafe gram + members[i] * stride
        let to = unsafe block + i * width
        // The kernel reads whole vectors from the one with the diagonal on.
        for j in i / 8 * 8..<count { unsafe to[j] = from[members[j]] }
        for j in count..<width { unsafe to[j] = 0 }
      }
      guard unsafe kernels.solveDefinite(count, block, width, right) else { return false }
      for i in 0..<count { unsafe solution[members[i]] = right[i] }
    }
    for k in 0..<stride { unsafe dual[k] = k < rank ? -target[k] : 0 }
    unsafe kernels.multiplyAdd(1, rank, stride, solution, stride, 1, gram, stride, dual, stride)
    return true
  }
}
