#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// A tall factor, rows × rank, row-major, its rows padded with zeros.
///
/// W is kept as N × r and H as its transpose, p × r, so that one half-step serves both.
@safe package final class Factor<Scalar: MatrixScalar> {
  package let rows: Int
  package let rank: Int
  /// The distance between rows, a multiple of eight numbers.
  ///
  /// Few components would be padding for the most part in whole vectors of single precision, and memory is
  /// what short rows wait for; long rows begin at whole 64 bytes.
  package let stride: Int
  package let base: UnsafeMutablePointer<Scalar>
  private let memory: UnsafeMutableRawPointer

  /// The numbers in 64 bytes.
  package static var lanes: Int { 64 / MemoryLayout<Scalar>.stride }

  /// The rank in whole 32 bytes: what products have to reach over.
  package var width: Int { (rank + Self.lanes / 2 - 1) / (Self.lanes / 2) * (Self.lanes / 2) }

  /// A factor of zeros.
  ///
  /// - Parameter inWholeVectors: Whether rows are padded to whole 64 bytes however short they are, as kernels
  ///   need it that write rows of X's columns.
  package init(rows: Int, rank: Int, inWholeVectors: Bool = false) {
    self.rows = rows
    self.rank = rank
    let unit = inWholeVectors || rank > 4 * Self.lanes ? Self.lanes : 8
    stride = (rank + unit - 1) / unit * unit
    // Pages of zeros come from the system when they are first touched, by the threads that need them.
    guard let memory = unsafe calloc(1, rows * stride * MemoryLayout<Scalar>.stride + 64) else {
      preconditionFailure("there is not enough memory for a factor of \(rows) rows")
    }
    unsafe self.memory = memory
    unsafe askForLargePages(memory, byteCount: rows * stride * MemoryLayout<Scalar>.stride)
    unsafe base = memory.alignedUp(toMultipleOf: 64).assumingMemoryBound(to: Scalar.self)
  }

  deinit { unsafe free(memory) }

  /// A factor from a matrix of its shape.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package convenience init(_ matrix: DenseMatrix<Scalar>) {
    self.init(rows: matrix.rows, rank: matrix.columns)
    unsafe matrix.elements.withUnsafeBufferPointer { elements in
      guard let elements = elements.baseAddress else { return }
      // Safe: the matrix has the factor's rows of `rank` numbers.
      for i in 0..<rows {
        unsafe (base + i * stride).update(from: elements + i * rank, count: rank)
      }
    }
  }

  /// A factor from the transpose of a matrix.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package convenience init(transposing matrix: DenseMatrix<Scalar>, pool: ComputePool) {
    self.init(rows: matrix.columns, rank: matrix.rows)
    let piece = 256
    unsafe matrix.elements.withUnsafeBufferPointer { elements in
      guard let elements = elements.baseAddress else { return }
      pool.run((rows + piece - 1) / piece) { task, _ in
        let first = task * piece
        let count = min(piece, rows - first)
        let whole = count / Self.lanes * Self.lanes
        // Safe: tasks own disjoint rows of the factor, and read disjoint columns of the matrix: the kernel
        // in whole vectors, of which the last could reach beyond its end.
        unsafe Scalar._kernels.transpose(
          rank, whole, elements + first, rows, base + first * stride, stride, rank)
        for i in first + whole..<first + count {
          for k in 0..<rank { unsafe base[i * stride + k] = elements[k * rows + i] }
        }
      }
    }
  }

  /// The factor without its padding.
  package var matrix: DenseMatrix<Scalar> {
    let elements = unsafe [Scalar](unsafeUninitializedCapacity: rows * rank) { buffer, count in
      if let target = buffer.baseAddress {
        // Safe: the buffer has room for the factor's rows of `rank` numbers.
        for i in 0..<rows {
          unsafe (target + i * rank).initialize(from: base + i * stride, count: rank)
        }
      }
      count = rows * rank
    }
    return DenseMatrix(uncheckedRows: rows, columns: rank, elements: elements)
  }

  /// The transpose of the factor, rank × rows, without its padding.
  package var transposedMatrix: DenseMatrix<Scalar> {
    let elements = unsafe [Scalar](unsafeUninitializedCapacity: rows * rank) { buffer, count in
      let tile = 32
      if let target = buffer.baseAddress {
        for first in Swift.stride(from: 0, to: rows, by: tile) {
          // Safe: the buffer has `rank` rows of as many numbers as the factor has rows, which are padded.
          let count = min(tile, rows - first)
          unsafe Scalar._kernels.transpose(
            count, rank, base + first * stride, stride, target + first, rows, count)
        }
      }
      count = rows * rank
    }
    return DenseMatrix(uncheckedRows: rank, columns: rows, elements: elements)
  }

  package subscript(row: Int, component: Int) -> Scalar {
    get {
      precondition(row >= 0 && row < rows && component >= 0 && component < rank)
      return unsafe base[row * stride + component]
    }
    set {
      precondition(row >= 0 && row < rows && component >= 0 && component < rank)
      unsafe base[row * stride + component] = newValue
    }
  }

  /// The numbers of a row, as another type.
  @specialized(where Scalar == Double, Other == Float)
  @specialized(where Scalar == Double, Other == Double)
  package func array<Other: MatrixScalar>(
    ofRow row: Int, as type: Other.Type = Other.self
  ) -> [Other] {
    precondition(row >= 0 && row < rows)
    let start = unsafe base + row * stride
    return unsafe [Other](unsafeUninitializedCapacity: rank) { buffer, count in
      // Safe: a row has `rank` numbers, and so has the buffer.
      for k in 0..<rank { unsafe buffer.initializeElement(at: k, to: Other(start[k])) }
      count = rank
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func copy(from other: Factor, pool: ComputePool) {
    precondition(other.rows == rows && other.stride == stride)
    pool.runRanges(of: rows * stride) { range in
      // Safe: tasks own disjoint entries.
      let first = range.lowerBound
      unsafe (base + first).update(from: other.base + first, count: range.count)
    }
  }

  /// A factor with the same numbers.
  package func copied(pool: ComputePool) -> Factor {
    let copy = Factor(rows: rows, rank: rank)
    copy.copy(from: self, pool: pool)
    return copy
  }

  package func fillWithZeros() {
    unsafe base.zero(rows * stride)
  }

  /// Writes rank × rows: row k is component k, `stride` apart.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func writeComponents(
    to target: UnsafeMutablePointer<Scalar>, stride targetStride: Int, pool: ComputePool
  ) {
    let tile = 32
    pool.run((rows + tile - 1) / tile) { task, _ in
      let first = task * tile
      let count = min(tile, rows - first)
      // Safe: tasks own disjoint columns of the target; rows are padded.
      unsafe Scalar._kernels.transpose(
        count, rank, base + first * stride, stride, target + first, targetStride, count)
    }
  }

  /// A factor with the components in another order, each divided by a number of its own.
  ///
  /// - Parameters:
  ///   - order: The components to take, `rank` of them.
  ///   - sizes: What each of them is divided by; where it is 0 there will be zeros.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func arranged(by order: [Int], dividedBy sizes: [Double], pool: ComputePool) -> Factor {
    precondition(order.count == rank && sizes.count == rank)
    precondition(order.allSatisfy { $0 >= 0 && $0 < rank })
    let result = Factor(rows: rows, rank: rank)
    let piece = 256
    unsafe order.withUnsafeBufferPointer { order in
      unsafe sizes.withUnsafeBufferPointer { sizes in
        pool.run((rows + piece - 1) / piece) { task, _ in
          for i in task * piece..<min(rows, (task + 1) * piece) {
            // Safe: tasks own disjoint rows, and the order was checked.
            let (from, to) = unsafe (base + i * stride, result.base + i * stride)
            for place in 0..<rank where unsafe sizes[place] != 0 {
              unsafe to[place] = Scalar(Double(from[order[place]]) / sizes[place])
            }
          }
        }
      }
    }
    return result
  }

  /// Σᵢ of each component, or of its squares, over some rows or all, in double, by pieces of 256 rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func componentSums(
    in range: Range<Int>? = nil, ofSquares: Bool = false, pool: ComputePool? = nil
  ) -> [Double] {
    let range = range ?? 0..<rows
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    let piece = 256
    let pieces = (range.count + piece - 1) / piece
    var sums = [Double](repeating: 0, count: pieces * rank)
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      func add(_ task: Int) {
        let first = range.lowerBound + task * piece
        for i in first..<min(first + piece, range.upperBound) {
          // Safe: the row lies within the factor, and a piece has one number a component.
          let (row, sum) = unsafe (base + i * stride, sums + task * rank)
          for k in 0..<rank {
            let value = unsafe Double(row[k])
            unsafe sum[k] += ofSquares ? value * value : value
          }
        }
      }
      if let pool { pool.run(pieces) { task, _ in add(task) } } else { (0..<pieces).forEach(add) }
    }
    var total = [Double](repeating: 0, count: rank)
    for task in 0..<pieces {
      for k in 0..<rank { total[k] += sums[task * rank + k] }
    }
    return total
  }

  /// Multiplies component k by `scales[k]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func scale(by scales: [Double], pool: ComputePool) {
    precondition(scales.count == rank)
    let factors = scales.map { Scalar($0) }
    let piece = 256
    pool.run((rows + piece - 1) / piece) { task, _ in
      for i in task * piece..<min(rows, (task + 1) * piece) {
        // Safe: tasks own disjoint rows of `rank` numbers.
        for k in 0..<rank { unsafe base[i * stride + k] *= factors[k] }
      }
    }
  }
}

extension UnsafeMutablePointer where Pointee: MatrixScalar {
  /// Sets `count` numbers to zero; `update(repeating:count:)` is a call for each of them.
  package func zero(_ count: Int) {
    let bytes = count * MemoryLayout<Pointee>.stride
    unsafe UnsafeMutableRawPointer(self).initializeMemory(
      as: UInt8.self, repeating: 0, count: bytes)
  }
}
