import Foundation
import Matrices
import Testing

@testable import NMFReport

@Suite struct StructurePlotTests {
  static func memberships(_ rows: [[Double]]) throws -> DenseMatrix<Double> {
    let columns = rows.first?.count ?? 0
    return try DenseMatrix(rows: rows.count, columns: columns, elements: rows.flatMap(\.self))
  }

  @Test func `groups stand by size and observations by their dominant share`() throws {
    let plot = StructurePlot(
      try Self.memberships([
        [0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.0, 0.0, 0.0], [0.0, 0.7, 0.3],
        [0.6, 0.2, 0.2],
      ]))
    // Component 1 has three observations; of two with 0.7, second component 0 stands before 2.
    #expect(plot.order == [2, 1, 4, 0, 5, 3])
    #expect(plot.groups.map(\.count) == [3, 2, 1])
    #expect(plot.groups.map(\.component) == [1, 0, nil])
    #expect(!plot.isAveraged)
  }

  @Test func `known labels make the groups`() throws {
    let plot = StructurePlot(
      try Self.memberships([[1, 0], [0, 1], [0.4, 0.6], [0.7, 0.3]]), labels: ["b", "a", "b", "b"])
    #expect(plot.groups.map(\.label) == ["b", "a"])
    #expect(plot.groups.map(\.component) == [0, 1])
    #expect(plot.order == [0, 3, 2, 1])
  }

  @Test func `many observations are averaged within their group`() throws {
    let rows = (0..<5000).map { $0 < 4999 ? [0.75, 0.25] : [0.0, 1.0] }
    let plot = StructurePlot(try Self.memberships(rows), mostColumns: 100)
    #expect(plot.isAveraged)
    #expect(plot.groups.map(\.columns) == [0..<100, 100..<101])
    #expect(plot.shares[0, 0] == 0.75)
    #expect(plot.shares[100, 1] == 1)
    // Equal neighbours are one rectangle, so the drawing stays small.
    #expect(plot.svg().utf8.count < 2000)
  }

  @Test func `with many components a group shows its heaviest and the rest in grey`() throws {
    var row = [Double](repeating: 0.05, count: 16)
    row[3] = 0.25
    let plot = StructurePlot(try Self.memberships([row, row]))
    #expect(plot.coloredInGroup == 5)
    #expect(plot.svg().components(separatedBy: "<path").count - 1 == 6)
    #expect(plot.svg().contains("All other parts"))
    // 0.25 and four times 0.05 are coloured, so the drawing ends at one half.
    #expect(plot.highest == 0.5)
    let labelled = StructurePlot(try Self.memberships([row, row]), labels: ["a", "b"])
    #expect(labelled.coloredInGroup == 16)
  }

  @Test func `the page of many observations and components stays small`() throws {
    var state: UInt64 = 1
    let values = (0..<20_000 * 20).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24) / 10
    }
    let plot = StructurePlot(
      try DenseMatrix(rows: 20_000, columns: 20, elements: values), mostColumns: 1200)
    #expect(plot.svg().utf8.count < 600_000)
  }
}
