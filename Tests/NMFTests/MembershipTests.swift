import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct MembershipTests {
  /// Parts that nearly repeat one another magnify the rounding of the products.
  @Test(arguments: [false, true])
  func `single precision solves memberships as well as double`(_ isSparse: Bool) {
    let (rows, columns, rank) = (60, 3000, 6)
    var random = SplitMix64(seed: 7)
    var parts = DenseMatrix<Float>(rows: columns, columns: rank)
    for j in 0..<columns {
      for k in 0..<rank - 1 { parts[j, k] = Float(max(0, random.uniform() - 0.5)) }
      parts[j, rank - 1] = parts[j, 0] * Float(1 + 1e-3 * random.uniform())
    }
    var x = DenseMatrix<Float>(rows: rows, columns: columns)
    for i in 0..<rows {
      let weights = (0..<rank).map { _ in 30 * Float(random.uniform()) }
      for j in 0..<columns {
        x[i, j] = (0..<rank).reduce(Float(0)) { $0 + weights[$1] * parts[j, $1] }
        x[i, j] *= Float(1 + 1e-3 * (random.uniform() - 0.5))
      }
    }
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    let sparse = SparseMatrix(
      unchecked: x.elements, rows: rows, columns: columns,
      rowOffsets: (0...rows).map { $0 * columns },
      columnIndices: (0..<rows * columns).map { Int32($0 % columns) })
    func objective<Scalar: MatrixScalar>(_ type: Scalar.Type) -> Double {
      let data: DataMatrix<Scalar> =
        isSparse ? .sparse(sparse.converted(to: type)) : .dense(x.converted(to: type))
      let problem = Problem(data, loss: .frobenius, pool: pool)
      let w = problem.memberships(for: Factor(parts.converted(to: type))).matrix
      var squares = 0.0
      for i in 0..<rows {
        for j in 0..<columns {
          let fitted = (0..<rank).reduce(0.0) { $0 + Double(w[i, $1]) * Double(parts[j, $1]) }
          squares += (Double(x[i, j]) - fitted) * (Double(x[i, j]) - fitted)
        }
      }
      return squares / 2
    }
    let (single, double) = (objective(Float.self), objective(Double.self))
    #expect(single <= double * (1 + 1e-6), "\(single) against \(double)")
  }
}
