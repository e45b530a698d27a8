internal import Matrices

/// Solves min Σₜ vₜ − xₜ log vₜ, v = wH, w ≥ 0, for each row of `w` from where it stands.
///
/// Projected Newton (Bertsekas 1982): entries at zero that want to fall are left out, the others
/// take the Newton step cut off at zero, shortened until the objective falls enough. The problem is
/// convex and self-concordant, so a few steps reach rounding.
///
/// - Parameters:
///   - w: N × r; rows of X that are all zero are left alone.
///   - ht: Hᵀ, p × r.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func finishByNewton<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, ht: Factor<Scalar>, x: DataMatrix<Scalar>, pool: ComputePool
) {
  let sums = ht.componentSums()
  let piece = 16
  pool.run((w.rows + piece - 1) / piece) { task, _ in
    var solver = NewtonRow<Scalar>(rank: ht.rank, stride: ht.stride, sums: sums)
    for row in task * piece..<min(w.rows, (task + 1) * piece) {
      solver.load(row, of: x, ht)
      guard solver.count > 0 else { continue }
      let offset = row * w.stride
      for k in 0..<ht.rank { solver.w[k] = unsafe Double(w.base[offset + k]) }
      solver.solve()
      // Safe: tasks own disjoint rows.
      for k in 0..<ht.rank { unsafe w.base[offset + k] = Scalar(solver.w[k]) }
    }
  }
}

/// The work space and the rule for one row.
private struct NewtonRow<Scalar: MatrixScalar> {
  let rank: Int
  let stride: Int
  let sums: [Double]
  var w: [Double]
  /// Entries of the row that are above zero.
  private(set) var count = 0
  private var x: [Double] = []
  private var h: [Scalar] = []
  private var v: [Double] = []
  private var scaled: [Scalar] = []
  private var gradient: [Double]
  private var curvature: [Double]
  private var hessian: [Scalar]
  private var block: [Double]
  private var direction: [Double]

  init(rank: Int, stride: Int, sums: [Double]) {
    self.rank = rank
    self.stride = stride
    self.sums = sums
    w = [Double](repeating: 0, count: rank)
    gradient = w
    curvature = w
    direction = w
    hessian = [Scalar](repeating: 0, count: rank * stride)
    block = [Double](repeating: 0, count: rank * rank)
  }

  /// Takes up the positive entries of a row, and the rows of Hᵀ that belong to them.
  mutating func load(_ row: Int, of data: DataMatrix<Scalar>, _ ht: Factor<Scalar>) {
    x.removeAll(keepingCapacity: true)
    h.removeAll(keepingCapacity: true)
    func take(_ column: Int, _ value: Scalar) {
      guard value > 0 else { return }
      x.append(Double(value))
      unsafe h.append(
        contentsOf: UnsafeBufferPointer(start: ht.base + column * stride, count: stride))
    }
    switch data {
    case .dense(let matrix):
      for j in 0..<matrix.columns { take(j, matrix.elements[row * matrix.columns + j]) }
    case .sparse(let matrix):
      for index in matrix.rowOffsets[row]..<matrix.rowOffsets[row + 1] {
        take(Int(matrix.columnIndices[index]), matrix.values[index])
      }
    }
    count = x.count
    if v.count < count { v = [Double](repeating: 0, count: count) }
    if scaled.count < h.count { scaled = [Scalar](repeating: 0, count: h.count) }
  }

  mutating func solve() {
    let total = x.reduce(0, +)
    let tolerance = Scalar.self == Float.self ? 1e-7 : 1e-14
    var objective = mix(w)
    for _ in 0..<40 {
      differentiate()
      var mass = 0.0
      for k in 0..<rank where curvature[k] > 0 {
        mass += sums[k] * abs(max(-w[k], -gradient[k] / curvature[k]))
      }
      guard mass > tolerance * total, findDirection() else { return }
      var length = 1.0
      var improved = false
      for _ in 0..<40 {
        var next = w
        var slope = 0.0
        for k in 0..<rank {
          next[k] = max(0, w[k] + length * direction[k])
          slope += gradient[k] * (next[k] - w[k])
        }
        let value = mix(next)
        // Below the rounding of the objective, Newton's own quadratic convergence is trusted.
        let isBelowRounding = -slope <= 1e-12 * (abs(objective) + total) && value < .infinity
        if isBelowRounding || (value < objective && value <= objective + 1e-4 * slope) {
          w = next
          objective = value
          improved = true
          break
        }
        length /= 2
      }
      guard improved else { return }
    }
  }

  /// Sets v = wH at the positive entries, and returns the objective.
  private mutating func mix(_ w: [Double]) -> Double {
    var value = 0.0
    for k in 0..<rank { value += w[k] * sums[k] }
    var least = Double.infinity
    let (rank, stride, count) = (rank, stride, count)
    unsafe v.withUnsafeMutableBufferPointer { v in
      unsafe h.withUnsafeBufferPointer { h in
        unsafe w.withUnsafeBufferPointer { w in
          guard let v = v.baseAddress, let h = h.baseAddress, let w = w.baseAddress else { return }
          // Four entries at a time: the additions of one do not wait for another's.
          var t = 0
          while t + 4 <= count {
            let row = unsafe h + t * stride
            var (sum0, sum1, sum2, sum3) = (0.0, 0.0, 0.0, 0.0)
            for k in 0..<rank {
              let weight = unsafe w[k]
              unsafe sum0 += weight * Double(row[k])
              unsafe sum1 += weight * Double(row[k + stride])
              unsafe sum2 += weight * Double(row[k + 2 * stride])
              unsafe sum3 += weight * Double(row[k + 3 * stride])
            }
            unsafe v[t] = sum0
            unsafe v[t + 1] = sum1
            unsafe v[t + 2] = sum2
            unsafe v[t + 3] = sum3
            least = min(least, min(min(sum0, sum1), min(sum2, sum3)))
            t += 4
          }
          while t < count {
            var sum = 0.0
            for k in 0..<rank { unsafe sum += w[k] * Double(h[t * stride + k]) }
            unsafe v[t] = sum
            least = min(least, sum)
            t += 1
          }
        }
      }
    }
    guard least > 0 else { return .infinity }
    return unsafe value - Double._kernels.xLogV(count, x, v)
  }

  /// The gradient and the Hessian at the `w` that was mixed last.
  private mutating func differentiate() {
    let (rank, stride, count) = (rank, stride, count)
    for k in 0..<rank { gradient[k] = sums[k] }
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      unsafe scaled.withUnsafeMutableBufferPointer { scaled in
        unsafe h.withUnsafeBufferPointer { h in
          guard let gradient = gradient.baseAddress, let scaled = scaled.baseAddress,
            let h = h.baseAddress
          else { return }
          for t in 0..<count {
            let ratio = x[t] / v[t]
            let root = Scalar(ratio / x[t].squareRoot())
            // Safe: both blocks have a row of `stride` numbers for each of the `count` entries.
            let source = unsafe h + t * stride
            let target = unsafe scaled + t * stride
            for k in 0..<rank { unsafe gradient[k] -= ratio * Double(source[k]) }
            for k in 0..<stride { unsafe target[k] = root * source[k] }
          }
        }
      }
    }
    for index in hessian.indices { hessian[index] = 0 }
    unsafe scaled.withUnsafeBufferPointer { scaled in
      unsafe hessian.withUnsafeMutableBufferPointer { hessian in
        guard let scaled = scaled.baseAddress, let hessian = hessian.baseAddress else { return }
        unsafe Scalar._kernels.multiplyAdd(
          rank, count, stride, scaled, 1, stride, scaled, stride, hessian, stride)
      }
    }
    for k in 0..<rank { curvature[k] = Double(hessian[k * stride + k]) }
  }

  /// The Newton direction of the entries that may move; false when there is none.
  private mutating func findDirection() -> Bool {
    let free = (0..<rank).filter { curvature[$0] > 0 && (w[$0] > 0 || gradient[$0] < 0) }
    guard !free.isEmpty else { return false }
    for k in 0..<rank { direction[k] = 0 }
    let size = free.count
    for (i, k) in free.enumerated() {
      direction[i] = -gradient[k]
      for (j, l) in free.enumerated() {
        // A trace of a ridge lets collinear parts share instead of failing.
        let ridge = k == l ? 1e-11 * curvature[k] : 0
        block[i * size + j] = Double(hessian[k * stride + l]) + ridge
      }
    }
    let solved = unsafe block.withUnsafeMutableBufferPointer { block in
      unsafe direction.withUnsafeMutableBufferPointer { direction in
        guard let block = block.baseAddress, let direction = direction.baseAddress else {
          return false
        }
        return unsafe solvePositiveDefinite(block, direction, order: size)
      }
    }
    var full = [Double](repeating: 0, count: rank)
    for (i, k) in free.enumerated() {
      full[k] = solved ? direction[i] : -gradient[k] / curvature[k] / Double(size)
    }
    direction = full
    return true
  }
}
