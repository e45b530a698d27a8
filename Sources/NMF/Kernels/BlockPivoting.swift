internal import Matrices

/// Solves min ½ w G wᵀ − a w, w ≥ 0, exactly, for each row of `w` from where it stands.
///
/// Block principal pivoting (Kim & Park 2011, Algorithm 1) with its back-up rule. A row whose
/// passive block of G is singular keeps what coordinate descent had reached.
///
/// - Parameters:
///   - w: Rows to solve; their positive entries are the first guess of the passive set.
///   - products: a, one row for each of `w`.
///   - gram: G, rows `w.stride` apart, in double.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func solveExactly<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, products: Factor<Scalar>, gram: [Double], pool: ComputePool
) {
  let piece = 64
  let rank = w.rank
  pool.run((w.rows + piece - 1) / piece) { task, _ in
    var solver = BlockPivoting(rank: rank, stride: w.stride)
    for row in task * piece..<min(w.rows, (task + 1) * piece) {
      let offset = row * w.stride
      for k in 0..<rank {
        solver.target[k] = unsafe Double(products.base[offset + k])
        solver.solution[k] = unsafe Double(w.base[offset + k])
      }
      guard solver.solve(gram) else { continue }
      // Safe: tasks own disjoint rows.
      for k in 0..<rank { unsafe w.base[offset + k] = Scalar(solver.solution[k]) }
    }
  }
}

/// The work space and the rule for one row.
private struct BlockPivoting {
  let rank: Int
  let stride: Int
  var target: [Double]
  var solution: [Double]
  private var dual: [Double]
  private var passive: [Bool]
  private var block: [Double]
  private var right: [Double]
  private var members: [Int] = []

  init(rank: Int, stride: Int) {
    self.rank = rank
    self.stride = stride
    target = [Double](repeating: 0, count: rank)
    solution = target
    dual = target
    right = target
    passive = [Bool](repeating: false, count: rank)
    block = [Double](repeating: 0, count: rank * ((rank + 7) / 8 * 8))
    members.reserveCapacity(rank)
  }

  /// Whether an optimum was found.
  mutating func solve(_ gram: [Double]) -> Bool {
    var scale = 0.0
    for k in 0..<rank {
      passive[k] = solution[k] > 0 && gram[k * stride + k] > 0
      scale = max(scale, abs(target[k]))
    }
    let slack = 1e-12 * scale
    var fewest = rank + 1
    var fullExchanges = 3
    for _ in 0..<5 * rank + 20 {
      guard solvePassive(gram) else { return false }
      var bad = 0
      var last = -1
      for k in 0..<rank {
        let infeasible = passive[k] ? solution[k] < 0 : dual[k] < -slack
        if infeasible {
          bad += 1
          last = k
        }
      }
      if bad == 0 { return true }
      var exchangesAll = true
      if bad < fewest {
        fewest = bad
        fullExchanges = 3
      } else if fullExchanges >= 1 {
        fullExchanges -= 1
      } else {
        exchangesAll = false
      }
      for k in 0..<rank {
        let infeasible = passive[k] ? solution[k] < 0 : dual[k] < -slack
        if infeasible, exchangesAll || k == last { passive[k].toggle() }
      }
    }
    return false
  }

  /// Solves for the passive entries, zeroes the others, and forms the dual y = wG − a.
  private mutating func solvePassive(_ gram: [Double]) -> Bool {
    members.removeAll(keepingCapacity: true)
    for k in 0..<rank where passive[k] { members.append(k) }
    let count = members.count
    let width = (count + 7) / 8 * 8
    for k in 0..<rank { solution[k] = 0 }
    if count > 0 {
      for (i, k) in members.enumerated() {
        right[i] = target[k]
        for j in i..<count { block[i * width + j] = gram[k * stride + members[j]] }
        // Padding, which the kernel may read, must be finite.
        for j in count..<width { block[i * width + j] = 0 }
      }
      let solved = unsafe block.withUnsafeMutableBufferPointer { block in
        unsafe right.withUnsafeMutableBufferPointer { right in
          guard let block = block.baseAddress, let right = right.baseAddress else { return false }
          return unsafe Double._kernels.solveDefinite(count, block, width, right)
        }
      }
      guard solved else { return false }
      for (i, k) in members.enumerated() { solution[k] = right[i] }
    }
    for k in 0..<rank where !passive[k] {
      var sum = -target[k]
      for l in members { sum += solution[l] * gram[k * stride + l] }
      dual[k] = sum
    }
    return true
  }
}
