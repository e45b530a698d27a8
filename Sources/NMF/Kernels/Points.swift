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
          unsafe target.update(repeating: 0, count: indices.count * b.stride)
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
  /// - Parameter gaps: Half the distance of each prototype to the nearest other; nil to look at all.
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

/// FᵀF on the calling thread.
func crossProductOfColumns<Scalar: MatrixScalar>(_ factor: Factor<Scalar>) -> [Double] {
  crossProduct(factor, factor, pool: ComputePool(threads: 1))
}

/// Rows with the inner products of a positive semidefinite matrix: G = LLᵀ with pivoting.
///
/// Ends when what is left is below 10⁻¹³ of the largest entry, so distances keep 13 digits.
func pivotedCholesky(_ square: [Double], stride: Int, order: Int) -> Factor<Double> {
  var left = (0..<order).map { square[$0 * stride + $0] }
  let floor = 1e-13 * (left.max() ?? 0)
  // Column after column, so that the inner loop runs along memory.
  var columns: [[Double]] = []
  while columns.count < order {
    var pivot = 0
    for i in 1..<max(1, order) where left[i] > left[pivot] { pivot = i }
    guard left[pivot] > floor else { break }
    var column = Array(square[pivot * stride..<pivot * stride + order])
    unsafe column.withUnsafeMutableBufferPointer { column in
      for earlier in columns {
        let scale = earlier[pivot]
        unsafe earlier.withUnsafeBufferPointer { earlier in
          // Safe: both have `order` numbers.
          for i in 0..<order { unsafe column[i] -= scale * earlier[i] }
        }
      }
    }
    let scale = 1 / left[pivot].squareRoot()
    for i in 0..<order {
      column[i] *= scale
      left[i] -= column[i] * column[i]
    }
    left[pivot] = -1
    columns.append(column)
  }
  let result = Factor<Double>(rows: order, rank: max(1, columns.count))
  for (k, column) in columns.enumerated() {
    for i in 0..<order { result[i, k] = column[i] }
  }
  return result
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

/// The means of the rows of each label, in double.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func clusterMeans<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, labels: [Int], rank: Int, pool: ComputePool
) -> DenseMatrix<Double> {
  let means = Points(plain: x, pool: pool).means(labels, rank: rank, pool: pool)
  return (try? DenseMatrix(rows: rank, columns: x.columns, elements: means))
    ?? DenseMatrix(rows: rank, columns: x.columns)
}

/// ‖xᵢ − c(i)‖² for each row, entry by entry in double.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredDistances<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, to means: DenseMatrix<Double>, labels: [Int], pool: ComputePool
) -> [Double] {
  let columns = x.columns
  let squares = (0..<means.rows).map { means.row($0).reduce(0) { $0 + $1 * $1 } }
  var result = [Double](repeating: 0, count: x.rows)
  unsafe result.withUnsafeMutableBufferPointer { result in
    unsafe means.elements.withUnsafeBufferPointer { means in
      guard let result = result.baseAddress, let means = means.baseAddress else { return }
      pool.run((x.rows + 63) / 64) { task, _ in
        for i in task * 64..<min(x.rows, (task + 1) * 64) {
          let mean = unsafe means + labels[i] * columns
          var sum = 0.0
          switch x {
          case .dense(let matrix):
            for j in 0..<columns {
              let difference = unsafe Double(matrix.elements[i * columns + j]) - mean[j]
              sum += difference * difference
            }
          case .sparse(let matrix):
            sum = squares[labels[i]]
            for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
              let value = Double(matrix.values[index])
              let at = unsafe mean[Int(matrix.columnIndices[index])]
              sum += value * (value - 2 * at)
            }
          }
          // Safe: tasks own disjoint rows.
          unsafe result[i] = sum
        }
      }
    }
  }
  return result
}
