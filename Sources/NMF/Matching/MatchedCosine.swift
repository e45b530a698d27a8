package import Matrices

/// The mean |cosine| of the rows of two bases, matched one to one so that the sum is largest.
package func matchedCosine(_ a: DenseMatrix<Double>, _ b: DenseMatrix<Double>) -> Double {
  precondition(a.rows == b.rows && a.columns == b.columns, "both bases must have one shape")
  func unit(_ matrix: DenseMatrix<Double>) -> [[Double]] {
    (0..<matrix.rows).map { k in
      let row = matrix.row(k)
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { norm > 0 ? $0 / norm : 0 }
    }
  }
  let (left, right) = (unit(a), unit(b))
  let cost = left.map { row in
    right.map { other in
      var dot = 0.0
      for j in row.indices { dot += row[j] * other[j] }
      return -abs(dot)
    }
  }
  guard !cost.isEmpty else { return 0 }
  let match = minimumCostAssignment(cost)
  return -match.indices.reduce(0) { $0 + cost[$1][match[$1]] } / Double(cost.count)
}
