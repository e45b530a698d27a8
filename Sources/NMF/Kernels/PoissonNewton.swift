internal import Matrices

/// Solves min Σₜ vₜ − xₜ log vₜ, v = wH, w ≥ 0, for each row of `w` from where it stands.
///
/// Newton's method over what may move, until the coordinate steps would move less than 10⁻¹⁴ of a
/// row's counts (10⁻⁷ in single precision); `newton.h` describes it.
///
/// - Parameters:
///   - w: N × r; rows of X that are all zero are left alone.
///   - ht: Hᵀ, p × r.
/// - Complexity: O(entries · r) for each of a few steps, and O(entries · a²) where a row has a parts
///   above zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func finishByNewton<Scalar: MatrixScalar>(
  _ w: Factor<Scalar>, ht: Factor<Scalar>, x: DataMatrix<Scalar>, pool: ComputePool
) {
  let sums = ht.componentSums()
  let tolerance = Scalar.self == Float.self ? 1e-7 : 1e-14
  let room = workCount(longest: x.longestRow, rank: ht.rank, as: Scalar.self)
  var work = [Double](repeating: 0, count: room * pool.threads)
  let piece = 16
  unsafe work.withUnsafeMutableBufferPointer { work in
    guard let work = work.baseAddress else { return }
    func solve(
      _ row: Int, _ count: Int, _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Scalar>,
      _ thread: Int
    ) {
      // Safe: tasks own disjoint rows, threads their own part of `work`.
      unsafe Scalar._kernels.poissonNewton(
        count, indices, values, ht.base, ht.stride, ht.rank, sums, w.base + row * w.stride,
        tolerance, work + thread * room)
    }
    pool.run((w.rows + piece - 1) / piece) { task, thread in
      let rows = task * piece..<min(w.rows, (task + 1) * piece)
      switch x {
      case .sparse(let matrix):
        unsafe matrix.columnIndices.withUnsafeBufferPointer { indices in
          unsafe matrix.values.withUnsafeBufferPointer { values in
            guard let indices = indices.baseAddress, let values = values.baseAddress
            else { return }
            for row in rows {
              let begin = matrix.rowOffsets[row]
              let count = matrix.rowOffsets[row + 1] - begin
              if count > 0 { unsafe solve(row, count, indices + begin, values + begin, thread) }
            }
          }
        }
      case .dense(let matrix):
        var indices = [Int32](repeating: 0, count: matrix.columns)
        var values = [Scalar](repeating: 0, count: matrix.columns)
        unsafe indices.withUnsafeMutableBufferPointer { indices in
          unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe matrix.elements.withUnsafeBufferPointer { elements in
              guard let indices = indices.baseAddress, let values = values.baseAddress,
                let elements = elements.baseAddress
              else { return }
              for row in rows {
                var count = 0
                for j in 0..<matrix.columns {
                  // Safe: no more than the row's entries are written.
                  let value = unsafe elements[row * matrix.columns + j]
                  unsafe indices[count] = Int32(truncatingIfNeeded: j)
                  unsafe values[count] = value
                  count += value > 0 ? 1 : 0
                }
                if count > 0 { unsafe solve(row, count, indices, values, thread) }
              }
            }
          }
        }
      }
    }
  }
}

/// The doubles that the kernel needs for a row of so many entries.
private func workCount<Scalar>(longest: Int, rank: Int, as type: Scalar.Type) -> Int {
  let entries = (longest + 15) / 16 * 16
  let order = (rank + 7) / 8 * 8
  let numbers = (rank + 2) * entries * MemoryLayout<Scalar>.stride / MemoryLayout<Double>.stride
  return 2 * entries + order * (2 * order + 6) + numbers
}

extension DataMatrix {
  /// The most entries that a row can have above zero.
  fileprivate var longestRow: Int {
    switch self {
    case .dense(let matrix): matrix.columns
    case .sparse(let matrix):
      (0..<matrix.rows).reduce(0) { max($0, matrix.rowOffsets[$1 + 1] - matrix.rowOffsets[$1]) }
    }
  }
}
