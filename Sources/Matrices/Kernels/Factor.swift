/// A tall factor, rows × rank, row-major, its rows padded with zeros to whole vectors.
///
/// W is kept as N × r and H as its transpose, p × r, so that one half-step serves both.
@safe package final class Factor<Scalar: MatrixScalar> {
  package let rows: Int
  package let rank: Int
  /// The distance between rows, a multiple of 64 bytes.
  package let stride: Int
  package let base: UnsafeMutablePointer<Scalar>

  /// The numbers in 64 bytes.
  package static var lanes: Int { 64 / MemoryLayout<Scalar>.stride }

  /// The rank in whole 32 bytes: what products have to reach over.
  package var width: Int { (rank + Self.lanes / 2 - 1) / (Self.lanes / 2) * (Self.lanes / 2) }

  /// A factor of zeros.
  package init(rows: Int, rank: Int) {
    self.rows = rows
    self.rank = rank
    stride = (rank + Self.lanes - 1) / Self.lanes * Self.lanes
    let bytes = max(64, rows * stride * MemoryLayout<Scalar>.stride)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    unsafe base = raw.assumingMemoryBound(to: Scalar.self)
  }

  deinit { unsafe UnsafeMutableRawPointer(base).deallocate() }

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
  package func copy(from other: Factor) {
    precondition(other.rows == rows && other.stride == stride)
    unsafe base.update(from: other.base, count: rows * stride)
  }

  /// A factor with the same numbers.
  package func copied() -> Factor {
    let copy = Factor(rows: rows, rank: rank)
    copy.copy(from: self)
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

  /// Σᵢ of each component over some rows or all, in double, by pieces of 256 rows.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func componentSums(in range: Range<Int>? = nil) -> [Double] {
    let range = range ?? 0..<rows
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    var total = [Double](repeating: 0, count: rank)
    var piece = [Double](repeating: 0, count: rank)
    unsafe piece.withUnsafeMutableBufferPointer { piece in
      guard let piece = piece.baseAddress else { return }
      for top in Swift.stride(from: range.lowerBound, to: range.upperBound, by: 256) {
        unsafe piece.zero(rank)
        for i in top..<min(top + 256, range.upperBound) {
          // Safe: the row lies within the factor, and `piece` has one number a component.
          let row = unsafe base + i * stride
          for k in 0..<rank { unsafe piece[k] += Double(row[k]) }
        }
        for k in 0..<rank { unsafe total[k] += piece[k] }
      }
    }
    return total
  }

  /// Multiplies component k by `scales[k]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func scale(by scales: [Double]) {
    let factors = scales.map { Scalar($0) }
    for i in 0..<rows {
      for k in 0..<rank { unsafe base[i * stride + k] *= factors[k] }
    }
  }

  /// Sets self to max(κ·now, now + β (now − before)), entry by entry.
  ///
  /// κ keeps positive entries positive: a product WH must not vanish where X does not.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func extrapolate(
    _ now: Factor, from before: Factor, by beta: Scalar, keeping kappa: Scalar, pool: ComputePool
  ) {
    precondition(now.rows == rows && before.rows == rows && now.stride == stride)
    let piece = 1 << 15
    let count = rows * stride
    pool.run((count + piece - 1) / piece) { task, _ in
      // Safe: tasks own disjoint entries.
      for index in task * piece..<min(count, (task + 1) * piece) {
        let value = unsafe now.base[index]
        let moved = unsafe value + beta * (value - before.base[index])
        unsafe base[index] = max(kappa * value, moved)
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
