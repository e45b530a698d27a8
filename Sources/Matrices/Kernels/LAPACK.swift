internal import CLAPACK

/// The orthonormal columns Q of a thin QR decomposition.
///
/// - Parameters:
///   - a: m × n in column-major order, m ≥ n ≥ 1.
/// - Throws: `MatrixError.decompositionFailed`.
package func orthonormalColumns(_ a: [Double], rows: Int, columns: Int) throws -> [Double] {
  precondition(rows >= columns && columns >= 1 && a.count == rows * columns)
  var q = a
  var tau = [Double](repeating: 0, count: columns)
  var m = Int32(rows)
  var n = Int32(columns)
  var info: Int32 = 0
  var workCount = Int32(64 * columns)
  var work = [Double](repeating: 0, count: Int(workCount))
  // Safe: every array has the length that LAPACK's interface states for these arguments.
  unsafe dgeqrf_(&m, &n, &q, &m, &tau, &work, &workCount, &info)
  guard info == 0 else { throw MatrixError.decompositionFailed(name: "dgeqrf", info: Int(info)) }
  unsafe dorgqr_(&m, &n, &n, &q, &m, &tau, &work, &workCount, &info)
  guard info == 0 else { throw MatrixError.decompositionFailed(name: "dorgqr", info: Int(info)) }
  return q
}

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
