internal import Matrices

/// The entries of X above zero, row by row, in double: what expectation-maximisation reads.
struct CompressedCounts: Sendable {
  let rows: Int
  let columns: Int
  /// Row i's entries are those from `offsets[i]` up to `offsets[i + 1]`.
  let offsets: [Int]
  let indices: [Int32]
  let values: [Double]

  init<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>) {
    rows = x.rows
    columns = x.columns
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    switch x {
    case .dense(let matrix):
      for i in 0..<matrix.rows {
        for (j, value) in matrix.row(i).enumerated() where value > 0 {
          indices.append(Int32(j))
          values.append(Double(value))
        }
        offsets.append(values.count)
      }
    case .sparse(let matrix):
      for i in 0..<matrix.rows {
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1]
        where matrix.values[index] > 0 {
          indices.append(matrix.columnIndices[index])
          values.append(Double(matrix.values[index]))
        }
        offsets.append(values.count)
      }
    }
    self.offsets = offsets
    self.indices = indices
    self.values = values
  }

  /// Shares each entry among the components in proportion to wᵢₖ hₖⱼ.
  ///
  /// - Parameters:
  ///   - w: N × r, row-major.
  ///   - ht: p × r, row-major.
  ///   - rowShares: Becomes Σⱼ of the shares, N × r.
  ///   - columnShares: Becomes Σᵢ of the shares, p × r.
  /// - Returns: Σ x log v.
  func share(
    w: [Double], ht: [Double], rank: Int, rowShares: inout [Double], columnShares: inout [Double]
  ) -> Double {
    precondition(w.count == rows * rank && ht.count == columns * rank)
    precondition(rowShares.count == w.count && columnShares.count == ht.count)
    var total = 0.0
    unsafe w.withUnsafeBufferPointer { w in
      unsafe ht.withUnsafeBufferPointer { ht in
        unsafe rowShares.withUnsafeMutableBufferPointer { left in
          unsafe columnShares.withUnsafeMutableBufferPointer { right in
            unsafe values.withUnsafeBufferPointer { values in
              unsafe indices.withUnsafeBufferPointer { indices in
                // Safe: offsets and indices were made above from a matrix of this shape.
                for index in 0..<ht.count { unsafe right[index] = 0 }
                for i in 0..<rows {
                  let a = i * rank
                  for k in 0..<rank { unsafe left[a + k] = 0 }
                  for place in offsets[i]..<offsets[i + 1] {
                    let b = unsafe Int(indices[place]) * rank
                    var v = 0.0
                    for k in 0..<rank { unsafe v += w[a + k] * ht[b + k] }
                    let x = unsafe values[place]
                    guard v > 0 else {
                      total = -.infinity
                      continue
                    }
                    total += x * log(v)
                    let ratio = x / v
                    for k in 0..<rank {
                      let part = unsafe ratio * w[a + k] * ht[b + k]
                      unsafe left[a + k] += part
                      unsafe right[b + k] += part
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return total
  }

  /// XHᵀ, N × r, and XᵀW, p × r, one of them, for a factor given row by row.
  func multiply(_ factor: [Double], rank: Int, transposed: Bool) -> [Double] {
    precondition(factor.count == (transposed ? rows : columns) * rank)
    var result = [Double](repeating: 0, count: (transposed ? columns : rows) * rank)
    unsafe factor.withUnsafeBufferPointer { factor in
      unsafe result.withUnsafeMutableBufferPointer { result in
        unsafe values.withUnsafeBufferPointer { values in
          unsafe indices.withUnsafeBufferPointer { indices in
            // Safe: as in `share`.
            for i in 0..<rows {
              for place in offsets[i]..<offsets[i + 1] {
                let x = unsafe values[place]
                let j = unsafe Int(indices[place])
                let (to, from) = transposed ? (j * rank, i * rank) : (i * rank, j * rank)
                for k in 0..<rank { unsafe result[to + k] += x * factor[from + k] }
              }
            }
          }
        }
      }
    }
    return result
  }
}
