import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct PolytopeTests {
  /// All corners by trying every choice of constraints.
  private func cornersByTrial(_ rows: [[Double]], dimension: Int) -> [[Double]] {
    var result: [[Double]] = []
    func choose(_ from: Int, _ chosen: [Int]) {
      if chosen.count == dimension - 1 {
        let matrix = [[Double](repeating: 1, count: dimension)] + chosen.map { rows[$0] }
        guard let columns = inverted(matrix) else { return }
        let point = columns[0]
        guard point.allSatisfy({ $0.isFinite && $0.magnitude < 1e9 }) else { return }
        let isInside = rows.allSatisfy { row in
          zip(row, point).reduce(0) { $0 + $1.0 * $1.1 } >= -1e-9
        }
        if isInside { result.append(point) }
        return
      }
      guard from < rows.count else { return }
      for index in from..<rows.count { choose(index + 1, chosen + [index]) }
    }
    choose(0, [])
    return result
  }

  @Test(arguments: 2...5)
  func `a linear programme ends at the best of all corners`(_ dimension: Int) {
    var random = SplitMix64(seed: UInt64(dimension))
    for _ in 0..<30 {
      // The orthant cut by further half-spaces through the middle of the simplex's neighbourhood.
      var rows = (0..<dimension).map { k in (0..<dimension).map { $0 == k ? 1.0 : 0 } }
      for _ in 0..<5 {
        rows.append((0..<dimension).map { _ in random.uniform() * 1.4 - 0.4 })
      }
      let start = [Double](repeating: 1, count: dimension)
      guard rows.allSatisfy({ $0.reduce(0, +) > 0 }) else { continue }
      let corners = cornersByTrial(rows, dimension: dimension)
      var polytope = Polytope(
        constraints: rows, chart: [Double](repeating: 1, count: dimension), start: start)
      for _ in 0..<6 {
        let objective = (0..<dimension).map { _ in random.uniform() - 0.5 }
        let best = corners.map { zip($0, objective).reduce(0) { $0 + $1.0 * $1.1 } }.max()
        #expect(abs(polytope.maximize(objective) - (best ?? .infinity)) < 1e-8)
      }
      let found = NMF.corners(of: rows, dimension: dimension, limit: 1000) ?? []
      for corner in corners {
        #expect(found.contains { degreesBetween($0, corner) < 1e-5 }, "\(corner) is missing")
      }
    }
  }

  @Test func `a degenerate corner is passed without cycling`() {
    // Twenty planes through one corner.
    var random = SplitMix64(seed: 9)
    var rows = (0..<4).map { k in (0..<4).map { $0 == k ? 1.0 : 0 } }
    for _ in 0..<20 { rows.append([0] + (0..<3).map { _ in random.uniform() + 0.01 }) }
    var polytope = Polytope(
      constraints: rows, chart: [1, 1, 1, 1], start: [1, 0, 0, 0])
    #expect(abs(polytope.maximize([1, 0, 0, 0]) - 1) < 1e-8)
    #expect(abs(polytope.maximize([0, 1, 2, 3]) - 3) < 1e-8)
    #expect(abs(polytope.maximize([1, 0, 0, 0]) - 1) < 1e-8)
  }
}
