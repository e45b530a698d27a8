import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Where fits begin.
@Suite struct StartTests {
  private let pool = ComputePool(threads: 2)

  /// N × p of an exact rank: more directions are sought than there are.
  private func planted<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, rank: Int, as type: Scalar.Type
  ) -> DenseMatrix<Scalar> {
    var random = SplitMix64(seed: 5)
    let w = (0..<rows).map { _ in (0..<rank).map { _ in random.uniform() * random.uniform() } }
    let h = (0..<columns).map { _ in (0..<rank).map { _ in random.uniform() * random.uniform() } }
    var x = DenseMatrix<Scalar>(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { x[i, j] = Scalar(zip(w[i], h[j]).reduce(0) { $0 + $1.0 * $1.1 }) }
    }
    return x
  }

  /// Right singular vectors and values from the eigenvectors of XᵀX, in double.
  private func exactPairs<Scalar>(
    _ x: DenseMatrix<Scalar>, _ count: Int
  ) throws -> [(value: Double, left: [Double], right: [Double])] {
    var square = [Double](repeating: 0, count: x.columns * x.columns)
    for i in 0..<x.rows {
      for j in 0..<x.columns {
        for l in 0..<x.columns {
          square[j * x.columns + l] += Double(x[i, j]) * Double(x[i, l])
        }
      }
    }
    let eigen = try symmetricEigen(square, order: x.columns)
    return (0..<count).map { index in
      let column = x.columns - 1 - index
      let value = eigen.values[column].squareRoot()
      let right = Array(eigen.vectors[column * x.columns..<(column + 1) * x.columns])
      let left = (0..<x.rows).map { i in
        (0..<x.columns).reduce(0) { $0 + Double(x[i, $1]) * right[$1] } / value
      }
      return (value, left, right)
    }
  }

  private func isNear(_ value: Double, _ expected: Double, _ tolerance: Double) -> Bool {
    abs(value - expected) <= tolerance
  }

  private func check<Scalar: MatrixScalar>(
    _ type: Scalar.Type, _ rows: Int, _ columns: Int, _ tolerance: Double
  ) throws {
    let (count, x) = (4, planted(rows, columns, rank: 6, as: Scalar.self))
    let exact = try exactPairs(x, count)
    let problem = Problem(.dense(x), loss: .frobenius, pool: pool)
    let pairs = try singularPairs(problem.products, count: count, seed: 3)
    let start = try Start(nndsvd: problem, rank: count, seed: 3, fill: .none)
    for (k, pair) in exact.enumerated() {
      #expect(isNear(pairs.values[k], pair.value, tolerance * exact[0].value))
      // Boutsidis & Gallopoulos 2008, algorithm 1, for either sign of the pair.
      func section(_ vector: [Double], _ sign: Double) -> [Double] {
        vector.map { k == 0 ? abs($0) : max(0, sign * $0) }
      }
      func norm(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      let sides = [1.0, -1].map { (section(pair.left, $0), section(pair.right, $0)) }
      let (left, right) =
        sides.max { norm($0.0) * norm($0.1) < norm($1.0) * norm($1.1) } ?? ([], [])
      let size = (pair.value * norm(left) * norm(right)).squareRoot()
      for i in 0..<rows {
        #expect(isNear(Double(start.w[i, k]), size * left[i] / norm(left), tolerance * size))
      }
      for j in 0..<columns {
        #expect(isNear(Double(start.ht[j, k]), size * right[j] / norm(right), tolerance * size))
      }
    }
  }

  @Test(arguments: [(40, 30), (30, 70), (700, 20)])
  func `NNDSVD is that of the exact singular vectors`(_ rows: Int, _ columns: Int) throws {
    try check(Double.self, rows, columns, 1e-9)
    try check(Float.self, rows, columns, 1e-3)
  }

  /// A few large directions and many small ones: none of them is lost in rounding, so a sketch does.
  private func noisy<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, as type: Scalar.Type
  ) -> DenseMatrix<Scalar> {
    var random = SplitMix64(seed: 8)
    var x = planted(rows, columns, rank: 4, as: Scalar.self)
    for i in 0..<rows { for j in 0..<columns { x[i, j] += Scalar(0.1 * random.uniform()) } }
    return x
  }

  /// Tall, wide and square; with a pass by rows, one by columns, and two products.
  @Test(arguments: [(900, 40), (30, 9000), (90, 110), (120, 90), (6, 9), (9, 5)])
  func `singular pairs of a sketch are near those of X`(_ rows: Int, _ columns: Int) throws {
    let x = noisy(rows, columns, as: Double.self)
    let short = min(rows, columns)
    let isWide = columns > rows
    var turned = DenseMatrix<Double>(rows: max(rows, columns), columns: short)
    for i in 0..<rows { for j in 0..<columns { turned[isWide ? j : i, isWide ? i : j] = x[i, j] } }
    let exact = try exactPairs(turned, 3)
    let alone = ComputePool(threads: 1)
    func pairs<Scalar>(
      _ x: DataMatrix<Scalar>, _ pool: ComputePool
    ) throws -> SingularPairs<Scalar> {
      let products = Products(x, pool: pool)
      return try #require(
        try sketchedPairs(products, count: 3, width: min(9, short), seed: 3))
    }
    let found = try pairs(.dense(x), pool)
    for (k, pair) in exact.enumerated() {
      #expect(isNear(found.values[k], pair.value, 1e-2 * exact[0].value))
      let (left, right) = isWide ? (pair.right, pair.left) : (pair.left, pair.right)
      let along = left.indices.reduce(0) { $0 + left[$1] * found.left[$1, k] }
      let across = right.indices.reduce(0) { $0 + right[$1] * found.right[$1, k] }
      #expect(abs(along) > 0.98 && along * across > 0.96)
    }
    let other = try pairs(.dense(x), alone)
    #expect(found.values == other.values)
    #expect(found.left.matrix.elements == other.left.matrix.elements)
    #expect(found.right.matrix.elements == other.right.matrix.elements)
    let single = try pairs(.dense(noisy(rows, columns, as: Float.self)), pool)
    for k in 0..<3 { #expect(isNear(single.values[k], found.values[k], 1e-4 * found.values[0])) }
    let sparse = try pairs(.sparse(compress(x)), pool)
    for (a, b) in zip(found.left.matrix.elements, sparse.left.matrix.elements) {
      #expect(isNear(abs(a), abs(b), 1e-7))
    }
  }

  /// How X is stored does not show where most of it is zero.
  @Test(arguments: [(900, 40), (30, 9000), (200, 220)])
  func `singular pairs of a sparse X are those of a dense one`(_ rows: Int, _ columns: Int) throws {
    var random = SplitMix64(seed: 4)
    var x = planted(rows, columns, rank: 4, as: Double.self)
    for i in 0..<rows { for j in 0..<columns where random.uniform() > 0.1 { x[i, j] = 0 } }
    let dense = try singularPairs(Products(.dense(x), pool: pool), count: 3, seed: 3)
    let sparse = try singularPairs(Products(.sparse(compress(x)), pool: pool), count: 3, seed: 3)
    for k in 0..<3 { #expect(isNear(dense.values[k], sparse.values[k], 1e-9 * dense.values[0])) }
    for (a, b) in zip(dense.left.matrix.elements, sparse.left.matrix.elements) {
      #expect(isNear(abs(a), abs(b), 1e-6))
    }
  }

  /// Rows that come again and again, and fewer directions than are sought.
  @Test func `singular pairs of equal rows`() throws {
    var x = DenseMatrix<Float>(rows: 40, columns: 30)
    for i in 0..<40 { for j in 0..<30 { x[i, j] = i % 2 == 0 ? 1 : Float(j % 3) } }
    let found = try singularPairs(Products(.dense(x), pool: pool), count: 5, seed: 1)
    let exact = try exactPairs(x, 2)
    for k in 0..<2 { #expect(isNear(found.values[k], exact[k].value, 1e-4 * exact[0].value)) }
    for k in 2..<5 { #expect(found.values[k] < 1e-3 * exact[0].value) }
    let numbers = found.left.matrix.elements + found.right.matrix.elements
    let areFinite = numbers.allSatisfy { $0.isFinite }
    #expect(areFinite)
  }

  /// A sparse X and a dense one, and any number of threads, begin in the same place.
  @Test func `NNDSVD depends on X and the seed alone`() throws {
    let x = planted(300, 90, rank: 6, as: Double.self)
    let alone = ComputePool(threads: 1)
    func start(_ x: DataMatrix<Double>, _ pool: ComputePool) throws -> Start<Double> {
      try Start(
        nndsvd: Problem(x, loss: .frobenius, pool: pool), rank: 5, seed: 1, fill: .random)
    }
    let first = try start(.dense(x), pool)
    let other = try start(.dense(x), alone)
    #expect(first.w.matrix.elements == other.w.matrix.elements)
    #expect(first.ht.matrix.elements == other.ht.matrix.elements)
    let sparse = try start(.sparse(compress(x)), pool)
    for (a, b) in zip(first.w.matrix.elements, sparse.w.matrix.elements) {
      #expect(isNear(a, b, 1e-9))
    }
  }

  private func checkObjective<Scalar: MatrixScalar>(
    _ type: Scalar.Type, _ x: DataMatrix<Scalar>, _ tolerance: Double
  ) throws {
    var options = FitOptions(rank: 4, loss: .frobenius)
    options.initialization = .random
    let problem = Problem(x, loss: .frobenius, pool: pool)
    let start = try Start(problem, options: options, index: 0, fillsZeros: false)
    let told = try #require(start.objective)
    let objective = problem.objective(w: start.w, ht: start.ht)
    #expect(isNear(told, objective, tolerance * objective))
  }

  /// Scaling a start by least squares tells its objective, unless so little is left that rounding counts.
  @Test func `the objective of a start is that of its factors`() throws {
    let x = planted(200, 90, rank: 4, as: Double.self)
    try checkObjective(Double.self, .dense(x), 1e-12)
    try checkObjective(Double.self, .sparse(compress(x)), 1e-12)
    try checkObjective(Float.self, .dense(x.converted(to: Float.self)), 1e-5)
    try checkObjective(Float.self, .sparse(compress(x.converted(to: Float.self))), 1e-5)
    // The factors themselves leave nothing.
    var options = FitOptions(rank: 4, loss: .frobenius)
    options.tolerance = 1e-9
    let model = try fit(.dense(x), options: options)
    let problem = Problem(.dense(x), loss: .frobenius, pool: pool)
    let start = try Start(
      given: (model.w, model.h), problem: problem, rank: 4, isScaled: true)
    #expect(start.objective == nil)
  }
}
