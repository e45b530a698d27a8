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
