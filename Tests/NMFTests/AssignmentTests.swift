import NMF
import Testing
import _NMFTestSupport

/// The cheapest assignment, held against trying all of them.
@Suite struct AssignmentTests {
  @Test(arguments: 1...6)
  func `no other assignment of rows to columns costs less`(rows: Int) {
    for columns in rows...(rows + 2) {
      var random = SplitMix64(seed: UInt64(100 * rows + columns))
      for _ in 0..<20 {
        let cost = (0..<rows).map { _ in
          (0..<columns).map { _ in (random.uniform() - 0.4) * 10 }
        }
        let assignment = minimumCostAssignment(cost)
        #expect(Set(assignment).count == rows)
        #expect(assignment.allSatisfy { (0..<columns).contains($0) })
        let found = assignment.indices.reduce(0) { $0 + cost[$1][assignment[$1]] }
        #expect(abs(found - cheapest(cost, from: 0, used: [])) < 1e-12)
      }
    }
  }

  @Test func `small whole numbers, where many assignments cost the same, are exact too`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<50 {
      let cost = (0..<6).map { _ in (0..<6).map { _ in Double(Int(random.uniform() * 3)) } }
      let assignment = minimumCostAssignment(cost)
      #expect(Set(assignment).count == 6)
      let found = assignment.indices.reduce(0) { $0 + cost[$1][assignment[$1]] }
      #expect(found == cheapest(cost, from: 0, used: []))
    }
  }

  @Test func `a hidden permutation of 200 rows is found`() {
    var random = SplitMix64(seed: 3)
    let hidden = Array(0..<200).shuffled(using: &random)
    let cost = (0..<200).map { i in
      (0..<200).map { j in j == hidden[i] ? 0 : 0.01 + random.uniform() }
    }
    #expect(minimumCostAssignment(cost) == hidden)
  }

  @Test func `no rows need no columns`() {
    #expect(minimumCostAssignment([]).isEmpty)
  }

  private func cheapest(_ cost: [[Double]], from row: Int, used: Set<Int>) -> Double {
    guard row < cost.count else { return 0 }
    return cost[row].indices.filter { !used.contains($0) }
      .map { cost[row][$0] + cheapest(cost, from: row + 1, used: used.union([$0])) }
      .min() ?? .infinity
  }
}
