import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct ConsensusTests {
  @Test func `runs that agree give a perfect consensus`() {
    // The names of the clusters differ; the groups are the same.
    let consensus = Consensus(labels: [[0, 0, 1, 1, 2], [2, 2, 0, 0, 1]], rows: [0, 1, 2, 3, 4])
    #expect(consensus.together[0 * 5 + 1] == 1 && consensus.together[0 * 5 + 2] == 0)
    #expect(consensus.dispersion == 1)
    #expect(consensus.copheneticCorrelation > 0.999_999)
    #expect(Set(consensus.order.prefix(2)) != [0, 2])
  }

  @Test func `runs that disagree are told`() {
    let consensus = Consensus(
      labels: [[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]], rows: [0, 1, 2, 3])
    #expect(abs(consensus.together[1] - 1.0 / 3) < 1e-12)
    // 4 pairs on the diagonal count 1, the 12 others 4 (1/3 − 1/2)² = 1/9.
    #expect(abs(consensus.dispersion - (4 + 12.0 / 9) / 16) < 1e-12)
  }

  @Test(arguments: 1...8)
  func `average linkage joins as the definition says`(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = 9
    var distances = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        let d = random.uniform()
        distances[i * count + j] = d
        distances[j * count + i] = d
      }
    }
    // By definition: join the two clusters whose mean distance is smallest, again and again.
    var clusters = (0..<count).map { [$0] }
    var heights = [Double](repeating: 0, count: count * count)
    while clusters.count > 1 {
      var best = (a: 0, b: 1, d: Double.infinity)
      for a in clusters.indices {
        for b in 0..<a {
          var sum = 0.0
          for i in clusters[a] { for j in clusters[b] { sum += distances[i * count + j] } }
          let mean = sum / Double(clusters[a].count * clusters[b].count)
          if mean < best.d { best = (a, b, mean) }
        }
      }
      for i in clusters[best.a] {
        for j in clusters[best.b] {
          heights[i * count + j] = best.d
          heights[j * count + i] = best.d
        }
      }
      clusters[best.b] += clusters[best.a]
      clusters.remove(at: best.a)
    }
    let tree = averageLinkage(distances, count: count)
    for (a, b) in zip(tree.heights, heights) { #expect(abs(a - b) < 1e-12) }
    #expect(tree.order.sorted() == Array(0..<count))
  }
}
