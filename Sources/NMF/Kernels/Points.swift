internal import Matrices

/// The observations as k-means sees them: rows with their distances to each other and to prototypes.
struct Points<Scalar: MatrixScalar> {
  private enum Storage {
    case dense(Factor<Scalar>)
    case sparse(SparseMatrix<Scalar>)
  }

  private let storage: Storage
  let count: Int
  let dimension: Int
  /// ‖xᵢ‖².
  let squares: [Double]
  let largestSquare: Double

  /// How much of ‖x‖² + ‖c‖² rounding can take from or add to a squared distance.
  var slack: Double {
    Double(Scalar.ulpOfOne) * (4 + Double(dimension).squareRoot())
  }

  /// Dense points are centred; with more features than points they are written in their span.
  init(_ x: DataMatrix<Scalar>, pool: ComputePool) throws {
    guard case .dense(let matrix) = x else {
      self.init(plain: x, pool: pool)
      return
    }
    let sums = Totals(x).columnSums
    let means = sums.map { $0 / Double(max(1, x.rows)) }
    guard matrix.columns > matrix.rows, matrix.rows <= 1024 else {
      let rows = centred(matrix, means: means, transposed: false, pool: pool)
      self.init(.dense(convert(rows)), count: x.rows, dimension: x.columns)
      return
    }
    let columns = centred(matrix, means: means, transposed: true, pool: pool)
    let square = gram(columns, pool: pool)
    let span = pivotedCholesky(square, stride: columns.stride, order: matrix.rows)
    self.init(.dense(convert(span)), count: x.rows, dimension: span.rank)
  }

  /// The points as they are.
  init(plain x: DataMatrix<Scalar>, pool: ComputePool) {
    switch x {
    case .dense(let matrix):
      self.init(.dense(Factor(matrix)), count: x.rows, dimension: x.columns)
    case .sparse(let matrix):
      self.init(.sparse(matrix), count: x.rows, dimension: x.columns)
    }
  }

  private init(_ storage: Storage, count: Int, dimension: Int) {
    self.storage = storage
    self.count = count
    self.dimension = dimension
    var squares = [Double](repeating: 0, count: count)
    for i in 0..<count {
      var sum = 0.0
      switch storage {
      case .dense(let rows):
        for j in 0..<dimension {
          let value = unsafe Double(rows.base[i * rows.stride + j])
          sum += value * value
        }
      case .sparse(let matrix):
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          sum += Double(matrix.values[index]) * Double(matrix.values[index])
        }
      }
      squares[i] = sum
    }
    self.squares = squares
    largestSquare = squares.max() ?? 0
  }

  /// Some points, one after another.
  func rows(_ indices: [Int]) -> [Double] {
    var result = [Double](repeating: 0, count: indices.count * dimension)
    for (place, i) in indices.enumerated() {
      switch storage {
      case .dense(let rows):
        for j in 0..<dimension { result[place * dimension + j] = Double(rows[i, j]) }
      case .sparse(let matrix):
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          result[place * dimension + Int(matrix.columnIndices[index])] = Double(
            matrix.values[index])
        }
      }
    }
    return result
  }

  /// Adds x · b to `target` for some points: one row of `target` a point, `b.stride` apart.
  private func multiply(
    _ indices: [Int], _ b: Factor<Scalar>, into target: UnsafeMutablePointer<Scalar>,
    packing scratch: UnsafeMutablePointer<Scalar>
  ) {
    switch storage {
    case .dense(let rows):
      let stride = rows.stride
      var source = unsafe UnsafePointer(rows.base)
      // Safe: `scratch` has room for as many rows as there are indices.
      if let first = indices.first, let last = indices.last, last - first + 1 == indices.count {
        unsafe source = UnsafePointer(rows.base + first * stride)
      } else {
        for (place, i) in indices.enumerated() {
          unsafe (scratch + place * stride).update(from: rows.base + i * stride, count: stride)
        }
        unsafe source = UnsafePointer(scratch)
      }
      unsafe Scalar._kernels.multiplyAdd(
        indices.count, dimension, b.stride, source, stride, 1, b.base, b.stride, target, b.stride)
    case .sparse(let matrix):
      unsafe matrix.values.withUnsafeBufferPointer { values in
        unsafe matrix.columnIndices.withUnsafeBufferPointer { columns in
          guard let values = values.baseAddress, let columns = columns.baseAddress else { return }
          for (place, i) in indices.enumerated() {
            let begin = matrix.rowOffsets[i]
            // Safe: offsets and indices were checked when X was made.
            unsafe Scalar._kernels.gatherAdd(
              matrix.rowOffsets[i + 1] - begin, columns + begin, values + begin, b.base, b.stride,
              b.stride, target + place * b.stride)
          }
        }
      }
    }
  }

  private static var piece: Int { 64 }

  private var packedStride: Int {
    if case .dense(let rows) = storage { return rows.stride }
    return 0
  }

  /// Calls `body` for pieces of points with their products x · b, `b.stride` apart.
  private func forPieces(
    _ b: Factor<Scalar>, pool: ComputePool, select: (Range<Int>) -> [Int],
    body: (_ indices: [Int], _ products: UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let piece = Self.piece
    var products = [Scalar](repeating: 0, count: pool.threads * piece * b.stride)
    var packed = [Scalar](repeating: 0, count: max(1, pool.threads * piece * packedStride))
    unsafe products.withUnsafeMutableBufferPointer { products in
      unsafe packed.withUnsafeMutableBufferPointer { packed in
        guard let products = products.baseAddress, let packed = packed.baseAddress else { return }
        pool.run((count + piece - 1) / piece) { task, thread in
          let indices = select(task * piece..<min(count, (task + 1) * piece))
          guard !indices.isEmpty else { return }
          let target = unsafe products + thread * piece * b.stride
          unsafe target.zero(indices.count * b.stride)
          // Safe: a thread has its own products and its own room to pack.
          unsafe multiply(
            indices, b, into: target, packing: packed + thread * piece * packedStride)
          unsafe body(indices, target)
        }
      }
    }
  }

  /// The squared distances of all points to some of them.
  func squaredDistances(to chosen: [Int], pool: ComputePool) -> [[Double]] {
    let targets = Factor<Scalar>(rows: dimension, rank: chosen.count)
    targets.setTransposed(rows(chosen))
    var result = [Double](repeating: 0, count: chosen.count * count)
    unsafe result.withUnsafeMutableBufferPointer { result in
      guard let result = result.baseAddress else { return }
      unsafe forPieces(targets, pool: pool, select: { Array($0) }) { indices, products in
        for (place, i) in indices.enumerated() {
          for (k, c) in chosen.enumerated() {
            let dot = unsafe Double(products[place * targets.stride + k])
            // Safe: a point belongs to one piece.
            unsafe result[k * count + i] = i == c ? 0 : max(0, squares[i] + squares[c] - 2 * dot)
          }
        }
      }
    }
    return chosen.indices.map { Array(result[$0 * count..<($0 + 1) * count]) }
  }

  /// Assigns points to the nearest prototypes, leaving out those whose bounds say nothing changes.
  ///
  /// - Parameters:
  ///   - state: Labels and bounds, brought up to date.
  ///   - prototypes: Where the prototypes are.
  ///   - gaps: Half the distance of each prototype to the nearest other; nil to look at all.
  ///   - pool: Threads to compute with.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func assign(
    _ state: inout BoundedState, to prototypes: Prototypes<Scalar>, needing gaps: [Double]?,
    pool: ComputePool
  ) {
    let rank = prototypes.rank
    unsafe state.labels.withUnsafeMutableBufferPointer { labels in
      unsafe state.upper.withUnsafeMutableBufferPointer { upper in
        unsafe state.lower.withUnsafeMutableBufferPointer { lower in
          guard let labels = labels.baseAddress, let upper = upper.baseAddress,
            let lower = lower.baseAddress
          else { return }
          unsafe forPieces(prototypes.columns, pool: pool) { range in
            guard let gaps else { return Array(range) }
            return range.filter { unsafe upper[$0] > max(gaps[labels[$0]], lower[$0]) }
          } body: { indices, products in
            for (place, i) in indices.enumerated() {
              let row = unsafe products + place * prototypes.columns.stride
              var (first, second, owner) = (Double.infinity, Double.infinity, 0)
              for k in 0..<rank {
                let distance = unsafe prototypes.squares[k] - 2 * Double(row[k])
                if distance < first {
                  (second, first, owner) = (first, distance, k)
                } else if distance < second {
                  second = distance
                }
              }
              let square = squares[i]
              let error = slack * (square + prototypes.squares[owner])
              // Safe: a point belongs to one piece.
              unsafe labels[i] = owner
              unsafe upper[i] = (max(0, square + first) + error).squareRoot()
              unsafe lower[i] = max(0, square + second - error).squareRoot()
            }
          }
        }
      }
    }
  }

  /// The means of the points of each label, r × q row after row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func means(_ labels: [Int], rank: Int, pool: ComputePool) -> [Double] {
    var members = [[Int]](repeating: [], count: rank)
    for (i, label) in labels.enumerated() { members[label].append(i) }
    var result = [Double](repeating: 0, count: rank * dimension)
    unsafe result.withUnsafeMutableBufferPointer { result in
      guard let result = result.baseAddress else { return }
      pool.run(rank) { k, _ in
        // Safe: a task owns one row of the result.
        let target = unsafe result + k * dimension
        for i in members[k] {
          switch storage {
          case .dense(let rows):
            let row = unsafe rows.base + i * rows.stride
            for j in 0..<dimension { unsafe target[j] += Double(row[j]) }
          case .sparse(let matrix):
            for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
              unsafe target[Int(matrix.columnIndices[index])] += Double(matrix.values[index])
            }
          }
        }
        let scale = 1 / Double(max(1, members[k].count))
        for j in 0..<dimension { unsafe target[j] *= scale }
      }
    }
    return result
  }

  /// Moves single points where the sum of squares falls, counting how the means move; at most 20
  /// rounds over all points.
  ///
  /// A point leaves a for b when nₐ / (nₐ − 1) dₐ² > n_b / (n_b + 1) d_b² (Hartigan 1975), and means
  /// follow at once. Sparse points stay: their means are too long to be moved one by one.
  ///
  /// - Returns: Whether any point moved.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func moveSingly(_ labels: inout [Int], rank: Int) -> Bool {
    guard case .dense(let rows) = storage, rank > 1 else { return false }
    let columns = Factor<Double>(rows: dimension, rank: rank)
    var sizes = [Double](repeating: 0, count: rank)
    for i in 0..<count {
      sizes[labels[i]] += 1
      for j in 0..<dimension {
        // Safe: i, j and the label are inside both factors.
        unsafe columns.base[j * columns.stride + labels[i]] += Double(
          rows.base[i * rows.stride + j])
      }
    }
    var means = [Double](repeating: 0, count: rank)
    for k in 0..<rank {
      for j in 0..<dimension {
        unsafe columns.base[j * columns.stride + k] /= max(1, sizes[k])
        unsafe means[k] +=
          columns.base[j * columns.stride + k] * columns.base[j * columns.stride + k]
      }
    }
    var point = [Double](repeating: 0, count: dimension)
    var dots = [Double](repeating: 0, count: columns.stride)
    var hasMoved = false
    for _ in 0..<20 {
      var moves = 0
      for i in 0..<count where sizes[labels[i]] > 1 {
        for j in 0..<dimension { point[j] = unsafe Double(rows.base[i * rows.stride + j]) }
        for k in dots.indices { dots[k] = 0 }
        unsafe dots.withUnsafeMutableBufferPointer { dots in
          unsafe point.withUnsafeBufferPointer { point in
            guard let dots = dots.baseAddress, let point = point.baseAddress else { return }
            // Safe: one row of `dimension` numbers times `columns`.
            unsafe Double._kernels.multiplyAdd(
              1, dimension, columns.stride, point, dimension, 1, columns.base, columns.stride, dots,
              columns.stride)
          }
        }
        let a = labels[i]
        let own = max(0, squares[i] - 2 * dots[a] + means[a])
        let leaving = sizes[a] / (sizes[a] - 1) * own
        var (best, gain) = (a, leaving * (1 - 1e-9) - 1e-12 * largestSquare)
        for k in 0..<rank where k != a {
          let joining = sizes[k] / (sizes[k] + 1) * max(0, squares[i] - 2 * dots[k] + means[k])
          if joining < gain { (best, gain) = (k, joining) }
        }
        guard best != a else { continue }
        (means[a], means[best]) = (0, 0)
        for j in 0..<dimension {
          let place = j * columns.stride
          unsafe columns.base[place + a] += (columns.base[place + a] - point[j]) / (sizes[a] - 1)
          unsafe columns.base[place + best] +=
            (point[j] - columns.base[place + best]) / (sizes[best] + 1)
          unsafe means[a] += columns.base[place + a] * columns.base[place + a]
          unsafe means[best] += columns.base[place + best] * columns.base[place + best]
        }
        sizes[a] -= 1
        sizes[best] += 1
        labels[i] = best
        moves += 1
      }
      if moves == 0 { break }
      hasMoved = true
    }
    return hasMoved
  }

  /// Σᵢ ‖xᵢ − c(i)‖², where the c are the means of their points.
  func inertia(_ labels: [Int], means: [Double], pool: ComputePool) -> Double {
    // Σ ‖x‖² − Σ n ‖c‖² by the theorem of Huygens and Steiner.
    var sizes = [Int: Int]()
    for label in labels { sizes[label, default: 0] += 1 }
    var sum = squares.reduce(0, +)
    for (k, size) in sizes.sorted(by: { $0.key < $1.key }) {
      var square = 0.0
      for j in k * dimension..<(k + 1) * dimension { square += means[j] * means[j] }
      sum -= Double(size) * square
    }
    return max(0, sum)
  }
}

extension Factor {
  /// Fills the factor with the transpose of `rank` rows, one after another.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func setTransposed(_ elements: [Double]) {
    precondition(elements.count == rows * rank)
    unsafe elements.withUnsafeBufferPointer { elements in
      for top in Swift.stride(from: 0, to: rows, by: 32) {
        for k in 0..<rank {
          for j in top..<min(top + 32, rows) {
            // Safe: both have rows · rank numbers.
            unsafe base[j * stride + k] = Scalar(elements[k * rows + j])
          }
        }
      }
    }
  }
}

private func convert<Scalar: MatrixScalar>(_ factor: Factor<Double>) -> Factor<Scalar> {
  if let same = factor as? Factor<Scalar> { return same }
  let result = Factor<Scalar>(rows: factor.rows, rank: factor.rank)
  for i in 0..<factor.rows {
    for k in 0..<factor.rank {
      // Safe: i and k are inside both factors.
      unsafe result.base[i * result.stride + k] = Scalar(factor.base[i * factor.stride + k])
    }
  }
  return result
}
