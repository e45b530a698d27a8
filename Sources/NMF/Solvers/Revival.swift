internal import Matrices

/// Gives components that have died another part to stand for.
///
/// A component whose W or H is all zero contributes nothing, and no step can bring it back. Its part
/// becomes what is missing most from the row with the largest positive residual, and its column of
/// W zero, so that the objective stays what it is; the next step takes the component up if it helps.
///
/// - Returns: Whether any component was revived.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func reviveDeadComponents<Scalar: MatrixScalar>(
  w: Factor<Scalar>, ht: Factor<Scalar>, problem: Problem<Scalar>
) -> Bool {
  let wSums = w.componentSums()
  let hSums = ht.componentSums()
  let dead = (0..<w.rank).filter { wSums[$0] == 0 || hSums[$0] == 0 }
  guard !dead.isEmpty else { return false }
  let ranked = rowsByShortfall(w: w, ht: ht, x: problem.x).prefix(dead.count)
  var revived = false
  for (k, row) in zip(dead, ranked) {
    let shortfall = positiveResidual(of: row, w: w, ht: ht, x: problem.x)
    guard shortfall.contains(where: { $0 > 0 }) else { continue }
    for i in 0..<w.rows { w[i, k] = 0 }
    for j in 0..<ht.rows { ht[j, k] = Scalar(shortfall[j]) }
    revived = true
  }
  return revived
}

/// Rows by Σⱼ (x − v)₊, the largest first; ties by number.
private func rowsByShortfall<Scalar: MatrixScalar>(
  w: Factor<Scalar>, ht: Factor<Scalar>, x: DataMatrix<Scalar>
) -> [Int] {
  let shortfalls = (0..<w.rows).map { row in
    positiveResidual(of: row, w: w, ht: ht, x: x).reduce(0, +)
  }
  return (0..<w.rows).sorted {
    shortfalls[$0] != shortfalls[$1] ? shortfalls[$0] > shortfalls[$1] : $0 < $1
  }
}

/// (x − v)₊ along one row.
private func positiveResidual<Scalar: MatrixScalar>(
  of row: Int, w: Factor<Scalar>, ht: Factor<Scalar>, x: DataMatrix<Scalar>
) -> [Double] {
  var result = [Double](repeating: 0, count: ht.rows)
  func subtract(_ column: Int, _ entry: Scalar) {
    guard entry > 0 else { return }
    var v = 0.0
    for k in 0..<w.rank { v += Double(w[row, k]) * Double(ht[column, k]) }
    result[column] = max(0, Double(entry) - v)
  }
  switch x {
  case .dense(let matrix):
    for j in 0..<matrix.columns { subtract(j, matrix.elements[row * matrix.columns + j]) }
  case .sparse(let matrix):
    for index in matrix.rowOffsets[row]..<matrix.rowOffsets[row + 1] {
      subtract(Int(matrix.columnIndices[index]), matrix.values[index])
    }
  }
  return result
}
