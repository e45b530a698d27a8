internal import Matrices

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
