internal import CLAPACK

/// The eigenvalues, rising, and eigenvectors of a symmetric matrix.
///
/// - Parameter a: n × n; only one triangle is read.
/// - Returns: n values, and n vectors of length n one after another.
/// - Throws: `MatrixError.decompositionFailed`.
package func symmetricEigen(_ a: [Double], order: Int) throws -> (
  values: [Double], vectors: [Double]
) {
  precondition(order >= 1 && a.count == order * order)
  var vectors = a
  var values = [Double](repeating: 0, count: order)
  var n = Int32(order)
  var info: Int32 = 0
  var workCount = Int32(1 + 6 * order + 2 * order * order)
  var work = [Double](repeating: 0, count: Int(workCount))
  var integerCount = Int32(3 + 5 * order)
  var integers = [Int32](repeating: 0, count: Int(integerCount))
  // Safe: the lengths are those of the interface of dsyevd.
  unsafe dsyevd_(
    "V", "L", &n, &vectors, &n, &values, &work, &workCount, &integers, &integerCount, &info)
  guard info == 0 else { throw MatrixError.decompositionFailed(name: "dsyevd", info: Int(info)) }
  return (values, vectors)
}

/// R⁻¹ of the Cholesky decomposition A = RᵀR, R upper triangular.
///
/// - Parameters:
///   - a: A symmetric A, order × order.
///   - floor: The least ratio that the squares of R's diagonal may span.
/// - Returns: R⁻¹ by rows, or nil where A is not positive definite by that ratio.
/// - Complexity: O(order³).
package func inverseCholeskyFactor(_ a: [Double], order: Int, floor: Double) -> [Double]? {
  precondition(order >= 1 && a.count == order * order)
  var factor = a
  var n = Int32(order)
  var info: Int32 = 0
  // Safe: the lengths are those of the interfaces of dpotrf and dtrtri.
  unsafe dpotrf_("U", &n, &factor, &n, &info)
  guard info == 0 else { return nil }
  let squares = (0..<order).map { factor[$0 * order + $0] * factor[$0 * order + $0] }
  guard let least = squares.min(), let largest = squares.max(), least > floor * largest else {
    return nil
  }
  unsafe dtrtri_("U", "N", &n, &factor, &n, &info)
  guard info == 0 else { return nil }
  var inverse = [Double](repeating: 0, count: order * order)
  for column in 0..<order {
    for row in 0...column { inverse[row * order + column] = factor[column * order + row] }
  }
  return inverse
}

/// Solves Ax = b for a symmetric positive definite A, in place.
///
/// - Parameters:
///   - a: n × n, overwritten.
///   - b: n numbers, overwritten by x.
/// - Returns: Whether A was positive definite; `b` is unchanged if not.
package func solvePositiveDefinite(
  _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, order: Int
) -> Bool {
  var n = Int32(order)
  var one: Int32 = 1
  var info: Int32 = 0
  unsafe dpotrf_("L", &n, a, &n, &info)
  guard info == 0 else { return false }
  unsafe dpotrs_("L", &n, &one, a, &n, b, &n, &info)
  return info == 0
}
