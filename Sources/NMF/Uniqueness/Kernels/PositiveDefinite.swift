internal import Matrices

/// The solution of Ax = b for a symmetric positive definite A; nil when A is not.
func solvedPositiveDefinite(_ a: [Double], _ b: [Double]) -> [Double]? {
  precondition(a.count == b.count * b.count)
  guard !b.isEmpty else { return [] }
  var matrix = a
  var solution = b
  let solved = unsafe matrix.withUnsafeMutableBufferPointer { matrix in
    unsafe solution.withUnsafeMutableBufferPointer { solution in
      guard let matrix = matrix.baseAddress, let solution = solution.baseAddress else {
        return false
      }
      // Safe: the lengths were checked above.
      return unsafe solvePositiveDefinite(matrix, solution, order: b.count)
    }
  }
  return solved ? solution : nil
}
