import Matrices
import NMF
import Testing
import _NMFTestSupport

/// Dense and sparse data for the methods that NMF is compared with.
enum ComparatorData {
  /// Three directions of falling size and some noise; entries of both signs.
  static func spread(rows: Int, columns: Int, seed: UInt64) -> DenseMatrix<Double> {
    var random = SplitMix64(seed: seed)
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    let directions = (0..<3).map { _ in (0..<columns).map { _ in random.uniform() - 0.5 } }
    for i in 0..<rows {
      let weights = (0..<3).map { (random.uniform() - 0.3) * [9, 5, 2][$0] }
      for j in 0..<columns {
        x[i, j] = (0..<3).reduce(1 + 0.2 * random.uniform()) {
          $0 + weights[$1] * directions[$1][j]
        }
      }
    }
    return x
  }

  /// Mostly zeros, some counts.
  static func counts(rows: Int, columns: Int) -> DenseMatrix<Double> {
    var random = SplitMix64(seed: 11)
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns where random.uniform() < 0.3 {
        x[i, j] = Double(random.poisson(i % 3 == j % 3 ? 5 : 1))
      }
    }
    return x
  }
}

@Suite struct PCATests {
  @Test func `points on an ellipse have its axes`() throws {
    // Semi-axes 3 and 1, turned by the angle with cosine 0.6 and sine 0.8, centre (7, -2).
    var x = DenseMatrix<Double>(rows: 4, columns: 2)
    for (i, (a, b)) in [(3.0, 0.0), (-3, 0), (0, 1), (0, -1)].enumerated() {
      x[i, 0] = 7 + 0.6 * a - 0.8 * b
      x[i, 1] = -2 + 0.8 * a + 0.6 * b
    }
    let pca = try PCA(.dense(x), rank: 2)
    #expect(abs(pca.singularValues[0] - 18.0.squareRoot()) < 1e-12)
    #expect(abs(pca.singularValues[1] - 2.0.squareRoot()) < 1e-12)
    #expect(abs(pca.basis[0, 0] - 0.6) < 1e-12 && abs(pca.basis[0, 1] - 0.8) < 1e-12)
    #expect(abs(pca.centre[0] - 7) < 1e-12 && abs(pca.centre[1] + 2) < 1e-12)
    #expect(abs(pca.explainedVariance[0] - 6) < 1e-12)
    #expect(abs(pca.explainedVarianceRatio[0] - 0.9) < 1e-12)
    let back = pca.reconstruct()
    #expect(zip(back.elements, x.elements).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(arguments: [(40, 300), (300, 40), (200, 260)])
  func `the iteration finds what the whole decomposition finds`(_ shape: (Int, Int)) throws {
    let dense = ComparatorData.counts(rows: shape.0, columns: shape.1)
    let whole = try PCA(.dense(dense), rank: 8)
    // Sparse data go the way of the iteration, without being filled in.
    let iterated = try PCA(.sparse(compress(dense)), rank: 8)
    for k in 0..<8 {
      #expect(abs(iterated.singularValues[k] / whole.singularValues[k] - 1) < 1e-8)
      var cosine = 0.0
      for j in 0..<shape.1 { cosine += whole.basis[k, j] * iterated.basis[k, j] }
      #expect(abs(cosine - 1) < 1e-6)
    }
    let single = try PCA(.sparse(compress(dense).converted(to: Float.self)), rank: 8)
    for k in 0..<8 {
      #expect(abs(single.singularValues[k] / whole.singularValues[k] - 1) < 1e-4)
    }
  }

  @Test func `transform of the training data is the encoding, and directions are orthonormal`()
    throws
  {
    let x = ComparatorData.spread(rows: 50, columns: 20, seed: 4)
    let pca = try PCA(.dense(x), rank: 5)
    let again = try pca.transform(.dense(x))
    #expect(zip(again.elements, pca.encoding.elements).allSatisfy { abs($0 - $1) < 1e-10 })
    for k in 0..<5 {
      for l in 0..<5 {
        var dot = 0.0
        for j in 0..<20 { dot += pca.basis[k, j] * pca.basis[l, j] }
        #expect(abs(dot - (k == l ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test func `the same seed gives the same bits at any number of threads`() throws {
    let x = DataMatrix.sparse(compress(ComparatorData.counts(rows: 300, columns: 200)))
    let one = try PCA(x, rank: 6, threads: 1)
    let three = try PCA(x, rank: 6, threads: 3)
    #expect(one.basis == three.basis && one.encoding == three.encoding)
    let dense = DataMatrix.dense(ComparatorData.spread(rows: 180, columns: 400, seed: 2))
    #expect(
      try PCA(dense, rank: 6, threads: 1).basis == PCA(dense, rank: 6, threads: 2).basis)
  }

  @Test func `constant data and too many components are refused in a sentence`() throws {
    let constant = DataMatrix.dense(DenseMatrix<Double>(rows: 5, columns: 4, repeating: 3))
    #expect(throws: DecompositionError.constantData(method: "PCA")) {
      try PCA(constant, rank: 2)
    }
    let x = DataMatrix.dense(ComparatorData.spread(rows: 5, columns: 4, seed: 1))
    #expect(throws: DecompositionError.rankOutOfRange(method: "PCA", rank: 6, largest: 4)) {
      try PCA(x, rank: 6)
    }
  }
}

@Suite struct KMeansTests {
  @Test(arguments: 1...12)
  func `tiny data reach the best of all groupings`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var x = DenseMatrix<Double>(rows: 9, columns: 2)
    for i in 0..<9 {
      for j in 0..<2 { x[i, j] = random.uniform() }
    }
    let found = try KMeans(.dense(x), rank: 3, restarts: 20, seed: seed)
    #expect(abs(found.inertia - bestInertia(x, groups: 3)) < 1e-12)
    #expect(found.converged)
  }

  /// The smallest inertia over every way to deal rows to groups.
  private func bestInertia(_ x: DenseMatrix<Double>, groups: Int) -> Double {
    var best = Double.infinity
    var labels = [Int](repeating: 0, count: x.rows)
    var isLast = false
    while !isLast {
      var inertia = 0.0
      for group in 0..<groups {
        let members = labels.indices.filter { labels[$0] == group }
        for j in 0..<x.columns where !members.isEmpty {
          let mean = members.reduce(0) { $0 + x[$1, j] } / Double(members.count)
          inertia += members.reduce(0) { $0 + (x[$1, j] - mean) * (x[$1, j] - mean) }
        }
      }
      best = min(best, inertia)
      var place = 0
      while place < x.rows, labels[place] == groups - 1 {
        labels[place] = 0
        place += 1
      }
      if place < x.rows { labels[place] += 1 } else { isLast = true }
    }
    return best
  }

  @Test(arguments: [(120, 12), (60, 200)])
  func `bounds leave out no change: every row is with its nearest prototype`(
    _ shape: (Int, Int)
  ) throws {
    let x = ComparatorData.counts(rows: shape.0, columns: shape.1)
    for data in [DataMatrix.dense(x), .sparse(compress(x))] {
      let found = try KMeans(data, rank: 7, restarts: 3, seed: 5)
      #expect(found.converged)
      for i in 0..<x.rows {
        let distances = (0..<7).map { k in
          (0..<x.columns).reduce(0.0) {
            $0 + (x[i, $1] - found.basis[k, $1]) * (x[i, $1] - found.basis[k, $1])
          }
        }
        #expect(distances[found.labels[i]] <= (distances.min() ?? 0) + 1e-9)
      }
      #expect(try found.transform(data) == found.encoding)
    }
  }

  @Test func `the same seed gives the same bits at any number of threads, also in single`() throws {
    let x = ComparatorData.counts(rows: 150, columns: 30)
    for data in [DataMatrix.dense(x), .sparse(compress(x))] {
      let one = try KMeans(data, rank: 9, restarts: 4, threads: 1)
      #expect(try KMeans(data, rank: 9, restarts: 4, threads: 2).basis == one.basis)
      #expect(try KMeans(data, rank: 9, restarts: 4, threads: 3).labels == one.labels)
      let lone = try KMeans(data, rank: 9, restarts: 1, threads: 1)
      #expect(try KMeans(data, rank: 9, restarts: 1, threads: 3).basis == lone.basis)
      let single = data.converted(to: Float.self)
      #expect(
        try KMeans(single, rank: 9, restarts: 2, threads: 1).labels
          == KMeans(single, rank: 9, restarts: 2, threads: 3).labels)
    }
  }

  @Test func `as many prototypes as distinct rows describe exactly; more are refused`() throws {
    var x = DenseMatrix<Double>(rows: 6, columns: 2)
    for i in 0..<6 { x[i, 0] = Double(i % 3) }
    let found = try KMeans(.dense(x), rank: 3, restarts: 2)
    #expect(found.inertia < 1e-20)
    #expect(throws: DecompositionError.tooFewDistinctRows(prototypes: 4, distinct: 3)) {
      try KMeans(.dense(x), rank: 4)
    }
  }
}

@Suite struct ArchetypeTests {
  @Test func `the corners of a triangle full of points are its archetypes`() throws {
    var random = SplitMix64(seed: 8)
    let corners = [[0.0, 0], [10, 1], [3, 9]]
    var x = DenseMatrix<Double>(rows: 83, columns: 2)
    for i in 0..<83 {
      var shares = (0..<3).map { _ in random.uniform() }
      if i < 3 { shares = (0..<3).map { $0 == i ? 1 : 0 } }
      let sum = shares.reduce(0, +)
      for j in 0..<2 { x[i, j] = (0..<3).reduce(0) { $0 + shares[$1] / sum * corners[$1][j] } }
    }
    let found = try ArchetypalAnalysis(.dense(x), rank: 3, maxIterations: 500, tolerance: 1e-9)
    for corner in corners {
      let nearest = (0..<3).map { k in
        abs(found.basis[k, 0] - corner[0]) + abs(found.basis[k, 1] - corner[1])
      }.min()
      #expect((nearest ?? 1) < 1e-2)
    }
  }

  @Test func `shares are shares, archetypes are mixtures, and the objective never rises`() throws {
    let x = ComparatorData.counts(rows: 70, columns: 40)
    let found = try ArchetypalAnalysis(.dense(x), rank: 6)
    for i in 0..<70 {
      #expect(abs(found.encoding.row(i).reduce(0, +) - 1) < 1e-12)
      #expect(found.encoding.row(i).allSatisfy { $0 >= 0 })
    }
    for k in 0..<6 {
      #expect(abs(found.mixture.row(k).reduce(0, +) - 1) < 1e-10)
      #expect(found.mixture.row(k).allSatisfy { $0 >= 0 })
      for j in 0..<40 {
        let mixed = found.candidates.enumerated().reduce(0) {
          $0 + found.mixture[k, $1.offset] * x[$1.element, j]
        }
        #expect(abs(mixed - found.basis[k, j]) < 1e-9)
      }
    }
    for (before, after) in zip(found.objectives, found.objectives.dropFirst()) {
      #expect(after <= before * (1 + 1e-12))
    }
    let sparse = try ArchetypalAnalysis(.sparse(compress(x)), rank: 6)
    #expect(zip(sparse.basis.elements, found.basis.elements).allSatisfy { abs($0 - $1) < 1e-6 })
    let threads = try ArchetypalAnalysis(.dense(x), rank: 6, threads: 3)
    #expect(
      try threads.basis == ArchetypalAnalysis(.dense(x), rank: 6, threads: 1).basis)
  }
}
