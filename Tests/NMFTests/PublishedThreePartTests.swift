import Matrices
import NMF
import Testing

/// Three parts for which the literature says what the other factorisations are.
@Suite struct PublishedThreePartTests {
  private func examined(
    _ x: DenseMatrix<Double>, loss: Loss = .frobenius
  ) throws -> Uniqueness<Double> {
    var options = UniquenessOptions(rank: 3, loss: loss)
    options.fit.restarts = 20
    options.fit.maxIterations = 20_000
    options.fit.tolerance = 1e-10
    return try examineUniqueness(.dense(x), options: options)
  }

  private func matrix(_ rows: [[Double]]) throws -> DenseMatrix<Double> {
    try DenseMatrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 })
  }

  /// Whether one part of the result may become exactly what lies between two ends.
  private func expectRange(
    _ result: Uniqueness<Double>, from first: [Double], to last: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let ends = [first, last].map { part in part.map { $0 / part.reduce(0, +) } }
    let isFound = result.room.parts.contains { room in
      room.isExact
        && first.indices.allSatisfy { j in
          abs(room.lowest[j] - min(ends[0][j], ends[1][j])) < 1e-6
            && abs(room.highest[j] - max(ends[0][j], ends[1][j])) < 1e-6
        }
    }
    #expect(
      isFound, "\(first) … \(last): \(result.room.parts.map { ($0.lowest, $0.highest) })",
      sourceLocation: sourceLocation)
  }

  /// Gillis & Rajkó (2023), SIAM J. Matrix Anal. Appl. 44(1), example 3: one spectrum is unique.
  ///
  /// The others slide along an edge. Columns of R sum to 2, so that a factor's column is a point of a
  /// square: (y, 1 − y, x, 1 − x). R holds (½, 0), (0, 1), and (1, 0.2) and (1, 0.8) on one edge, so two
  /// corners of any triangle lie on that edge, outside of those two, and the third is (0.5, 0).
  @Test(arguments: Loss.allCases)
  func `of three spectra one is unique, and two slide along an edge`(_ loss: Loss) throws {
    let r = try matrix([[0, 1, 1], [1, 0, 0], [0.5, 0.2, 0.8], [0.5, 0.8, 0.2]])
    let spectra = try examined(r.transposed(), loss: loss)
    #expect(spectra.verdict == .notUnique)
    expectRange(spectra, from: [0, 1, 0.5, 0.5], to: [0, 1, 0.5, 0.5])
    expectRange(spectra, from: [1, 0, 0, 1], to: [1, 0, 0.2, 0.8])
    expectRange(spectra, from: [1, 0, 0.8, 0.2], to: [1, 0, 1, 0])
    let profiles = try examined(r, loss: loss)
    #expect(profiles.verdict == .notUnique)
    expectRange(profiles, from: [1, 0, 0], to: [1, 0, 0])
    expectRange(profiles, from: [0, 1, 0], to: [0, 0.8, 0.2])
    expectRange(profiles, from: [0, 0, 1], to: [0, 0.2, 0.8])
  }

  /// Gillis & Rajkó (2023), example 2: the first column of C is unique, by their theorem 6.
  @Test func `a part is unique where the theorem on restricted uniqueness says so`() throws {
    let r = try matrix([[2, 2, 2], [1, 3, 1], [1, 1, 3], [0, 2, 2], [0, 1, 2]])
    let result = try examined(r.transposed())
    #expect(result.verdict == .notUnique)
    expectRange(result, from: [2, 1, 1, 0, 0], to: [2, 1, 1, 0, 0])
  }

  /// Gillis & Rajkó (2023), example 1.
  @Test func `the only triangle between a quadrilateral and a square is found and proved`() throws {
    let r = try matrix([[0, 2, 3, 1], [4, 2, 1, 3], [2, 0, 1, 3], [2, 4, 3, 1]])
    let result = try examined(r.transposed())
    #expect(result.verdict == .unique)
    for part in [[0.0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]] {
      expectRange(result, from: part, to: part)
    }
    // What two parts share half and half is not contested.
    #expect(try #require(examined(r).core).contested.isEmpty)
  }

  /// Gillis (2014), "The why and how of nonnegative matrix factorization": two factorisations.
  @Test func `two solutions that both stand still are both found`() throws {
    let x = try matrix([[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1]])
    let result = try examined(x)
    #expect(result.verdict == .notUnique)
    #expect(result.room.parts.allSatisfy { !$0.isMovable })
    let good = result.families.filter(\.isAsGood)
    #expect(good.count == 2)
    for parts in [x, try matrix([[1, 0, 0, 0.5], [0, 1, 0, 0.5], [0, 0, 1, 0.5]])] {
      #expect(good.contains { PlantedFactors.worstCosine(parts, $0.parts) > 1 - 1e-9 })
    }
  }

  /// A row and its five rotations.
  private func rotations(_ row: [Double]) -> [[Double]] {
    (0..<6).map { Array(row.suffix($0) + row.dropLast($0)) }
  }

  private func hexagons(_ a: Double) throws -> DenseMatrix<Double> {
    try matrix(rotations([1, a, 2 * a - 1, 2 * a - 1, a, 1]))
  }

  /// Gillis (2020), "Nonnegative Matrix Factorization", chapter 2: hexagons nested in one another.
  ///
  /// Their rank over the non-negative numbers is 3 as long as a ≤ 2. At a = 2 only four triangles are
  /// left: every other corner of the outer hexagon, or every other middle of its sides.
  @Test func `nested hexagons have four solutions at the published limit`() throws {
    let result = try examined(hexagons(2))
    #expect(result.verdict == .notUnique)
    #expect(result.model.report.objective < 1e-12 * result.model.report.nullObjective)
    #expect(result.room.parts.allSatisfy { !$0.isMovable })
    let good = result.families.filter(\.isAsGood)
    #expect(good.count == 4)
    let corners = rotations([0, 1, 2, 2, 1, 0])
    let middles = rotations([0, 0.5, 1.5, 2, 1.5, 0.5])
    for points in [corners, middles] {
      for first in 0..<2 {
        let parts = try matrix([points[first], points[first + 2], points[first + 4]])
        #expect(good.contains { PlantedFactors.worstCosine(parts, $0.parts) > 1 - 1e-9 })
      }
    }
  }

  @Test(arguments: [(1.9, true), (2.1, false)])
  func `nested hexagons are three parts up to the published limit`(
    _ a: Double, _ isExact: Bool
  ) throws {
    let report = try examined(hexagons(a)).model.report
    #expect((report.objective < 1e-9 * report.nullObjective) == isExact, "\(report.objective)")
  }
}
