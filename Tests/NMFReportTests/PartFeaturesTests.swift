import Matrices
import Testing

@testable import NMFReport

@Suite struct PartFeaturesTests {
  @Test func `features are ordered by weight and set apart by the next part`() throws {
    let h = try DenseMatrix<Double>(
      rows: 2, columns: 4, elements: [6, 3, 1, 0, 12, 1, 2, 5])
    let parts = PartFeatures.all(of: h, count: 3)
    #expect(parts[0].largest.map(\.column) == [0, 1, 2])
    #expect(parts[0].largest.map(\.share) == [0.6, 0.3, 0.1])
    #expect(abs(parts[0].largest[0].ratio - 1) < 1e-12)
    // Only column 1 is more than 1.5 times as large here: 0.3 against 0.05.
    #expect(parts[0].distinctive.map(\.column) == [1])
    #expect(parts[0].largest[1].isDistinctive)
    #expect(parts[1].distinctive.first?.column == 3)
    #expect(parts[1].distinctive.first?.ratio == .infinity)
  }

  @Test func `the scale of a part does not matter`() throws {
    let h = try DenseMatrix<Double>(rows: 2, columns: 2, elements: [1, 3, 2, 2])
    let scaled = try DenseMatrix<Double>(rows: 2, columns: 2, elements: [8, 24, 2, 2])
    #expect(
      PartFeatures.all(of: h).map(\.largest) == PartFeatures.all(of: scaled).map(\.largest))
  }

  @Test func `groups and mixed observations are counted`() throws {
    let memberships = try DenseMatrix<Double>(
      rows: 5, columns: 3,
      elements: [
        0.9, 0.1, 0.0, 0.4, 0.3, 0.3, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.8,
      ])
    let summary = MembershipSummary(memberships, typicalCount: 2)
    #expect(summary.components.map(\.dominant) == [3, 0, 1])
    #expect(summary.components.map(\.clear) == [2, 0, 1])
    #expect(summary.components.map(\.typical) == [[0, 2], [2, 1], [4, 1]])
    #expect(summary.dominant == [0, 0, 0, nil, 2])
    #expect(summary.mixed == 1)
    #expect(summary.empty == 1)
  }
}
