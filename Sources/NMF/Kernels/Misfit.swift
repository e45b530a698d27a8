internal import Matrices

/// Sums that tell how far a description is from the data.
struct Misfit {
  /// Σ (x − v)².
  var squares = 0.0
  /// Σ x log(x / v) − x + v, with v no smaller than a floor.
  var divergence = 0.0

  /// Sums over all entries; a sparse X is not filled in.
  ///
  /// - Parameters:
  ///   - x: The data.
  ///   - basis: r × p.
  ///   - encoding: N × r.
  ///   - centre: p numbers.
  ///   - floor: What a smaller v counts as in the divergence.
  ///   - pool: Threads to compute with.
  init(
    _ x: DataMatrix<Double>, basis: DenseMatrix<Double>, encoding: DenseMatrix<Double>,
    centre: [Double], floor: Double, pool: ComputePool
  ) {
    let piece = 16
    let pieces = (x.rows + piece - 1) / piece
    var sums = [Misfit](repeating: Misfit(), count: pieces)
    let description = RowDescription(basis: basis, encoding: encoding, centre: centre)
    var scratch = [Double](repeating: 0, count: pool.threads * (piece + 2) * description.stride)
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        guard let sums = sums.baseAddress, let scratch = scratch.baseAddress else { return }
        pool.run(pieces) { task, thread in
          // Safe: a thread has its own scratch, a task its own sums.
          let v = unsafe scratch + thread * (piece + 2) * description.stride
          let stored = unsafe v + piece * description.stride
          let rows = task * piece..<min(x.rows, (task + 1) * piece)
          unsafe description.write(rows, to: v)
          for i in rows {
            unsafe sums[task].add(
              x, row: i, v: v + (i - rows.lowerBound) * description.stride, floor: floor,
              stored: stored, values: stored + description.stride)
          }
        }
      }
    }
    for sum in sums {
      squares += sum.squares
      divergence += sum.divergence
    }
  }

  init() {}

  private mutating func add(
    _ x: DataMatrix<Double>, row i: Int, v: UnsafeMutablePointer<Double>, floor: Double,
    stored: UnsafeMutablePointer<Double>, values: UnsafeMutablePointer<Double>
  ) {
    let columns = x.columns
    switch x {
    case .dense(let matrix):
      unsafe matrix.elements.withUnsafeBufferPointer { entries in
        guard let entries = entries.baseAddress else { return }
        let row = unsafe entries + i * columns
        unsafe squares += Double._kernels.squaredDistance(columns, row, v)
        var sum = 0.0
        for j in 0..<columns {
          // Safe: v has a number for each column.
          unsafe v[j] = max(v[j], floor)
          unsafe sum += v[j] - row[j]
        }
        unsafe divergence += sum + Double._kernels.xLogV(columns, row, row)
        unsafe divergence -= Double._kernels.xLogV(columns, row, v)
      }
    case .sparse(let matrix):
      let range = matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1]
      var (sum, square) = (0.0, 0.0)
      for j in 0..<columns {
        unsafe square += v[j] * v[j]
        unsafe sum += max(v[j], floor)
      }
      for (place, index) in range.enumerated() {
        let value = matrix.values[index]
        let at = unsafe v[Int(matrix.columnIndices[index])]
        square += value * (value - 2 * at)
        sum -= value
        unsafe stored[place] = value
        unsafe values[place] = max(at, floor)
      }
      squares += square
      unsafe divergence += sum + Double._kernels.xLogV(range.count, stored, stored)
      unsafe divergence -= Double._kernels.xLogV(range.count, stored, values)
    }
  }
}

/// Rows of centre + encoding · basis, made a few at a time.
struct RowDescription {
  private let encoding: Factor<Double>
  private let basis: Factor<Double>
  private let centre: [Double]
  /// The distance between rows that are written.
  var stride: Int { basis.stride }

  init(basis: DenseMatrix<Double>, encoding: DenseMatrix<Double>, centre: [Double]) {
    self.encoding = Factor(encoding)
    self.basis = Factor(basis)
    self.centre = centre
  }

  /// Writes rows, `stride` apart.
  func write(_ rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
    for place in 0..<rows.count {
      let row = unsafe target + place * stride
      unsafe row.zero(stride)
      for j in centre.indices { unsafe row[j] = centre[j] }
    }
    // Safe: the target has room for the rows, and the rows are rows of the encoding.
    unsafe Double._kernels.multiplyAdd(
      rows.count, encoding.rank, stride, encoding.base + rows.lowerBound * encoding.stride,
      encoding.stride, 1, basis.base, stride, target, stride)
  }

  /// Writes some entries of one row, one after another.
  func write(row i: Int, columns: [Int], to target: UnsafeMutablePointer<Double>) {
    for (place, j) in columns.enumerated() { unsafe target[place] = centre[j] }
    for k in 0..<encoding.rank {
      let weight = encoding[i, k]
      guard weight != 0 else { continue }
      // Safe: the target has room for the columns, which are columns of the basis.
      let row = unsafe basis.base + k * stride
      for (place, j) in columns.enumerated() { unsafe target[place] += weight * row[j] }
    }
  }

  /// Some entries of one row as an array.
  func row(_ i: Int, columns: [Int]) -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: columns.count) { target, count in
      if let base = target.baseAddress { unsafe write(row: i, columns: columns, to: base) }
      count = columns.count
    }
  }
}
