/// How often pairs of observations fall into one cluster over many runs (Brunet et al. 2004).
public struct Consensus: Sendable, Equatable, Codable {
  /// The observations it is about, by row of X.
  public let rows: [Int]
  /// The share of runs in which two of them were together: n × n, row after row, each in 0…1.
  public let together: [Double]

  /// The number of observations n.
  public var count: Int { rows.count }

  /// Counts over runs.
  ///
  /// - Parameters:
  ///   - labels: For each run, the cluster of each observation in `rows`.
  ///   - rows: The rows of X that were looked at.
  public init(labels: [[Int]], rows: [Int]) {
    let count = rows.count
    precondition(labels.allSatisfy { $0.count == count }, "each run needs a label a row")
    var together = [Double](repeating: 0, count: count * count)
    for run in labels {
      for i in 0..<count {
        for j in 0..<count where run[i] == run[j] { together[i * count + j] += 1 }
      }
    }
    for index in together.indices { together[index] /= Double(max(1, labels.count)) }
    self.rows = rows
    self.together = together
  }

  /// The mean of 4 (c − ½)²: 1 when every pair is always or never together (Kim & Park 2007).
  public var dispersion: Double {
    guard count > 0 else { return 1 }
    return together.reduce(0) { $0 + 4 * ($1 - 0.5) * ($1 - 0.5) } / Double(together.count)
  }

  /// The correlation of 1 − c with the heights at which average linkage joins the pairs.
  ///
  /// 1 when the clusters nest perfectly. Brunet et al. take the last rank before it falls.
  public var copheneticCorrelation: Double {
    guard count > 2 else { return 1 }
    let tree = averageLinkage(together.map { 1 - $0 }, count: count)
    var distances: [Double] = []
    var heights: [Double] = []
    for i in 0..<count {
      for j in 0..<i {
        distances.append(1 - together[i * count + j])
        heights.append(tree.heights[i * count + j])
      }
    }
    return correlation(distances, heights)
  }

  /// The observations in the order of the tree, so that groups are seen as blocks.
  public var order: [Int] {
    count > 1 ? averageLinkage(together.map { 1 - $0 }, count: count).order : Array(0..<count)
  }
}

/// Pearson's correlation; 1 when neither varies, as two perfect agreements do not.
private func correlation(_ a: [Double], _ b: [Double]) -> Double {
  let n = Double(a.count)
  let meanA = a.reduce(0, +) / n
  let meanB = b.reduce(0, +) / n
  var ab = 0.0
  var aa = 0.0
  var bb = 0.0
  for index in a.indices {
    ab += (a[index] - meanA) * (b[index] - meanB)
    aa += (a[index] - meanA) * (a[index] - meanA)
    bb += (b[index] - meanB) * (b[index] - meanB)
  }
  guard aa > 0, bb > 0 else { return 1 }
  return ab / (aa * bb).squareRoot()
}

/// Agglomerative clustering with average linkage, by nearest-neighbour chains (Murtagh 1983).
///
/// - Parameters:
///   - distances: n × n, symmetric.
///   - count: n.
/// - Returns: The height at which each pair is joined, n × n, and the leaves in an order that keeps
///   every cluster together.
/// - Complexity: O(n²) time and memory.
func averageLinkage(
  _ distances: [Double], count: Int
) -> (heights: [Double], order: [Int]) {
  var between = distances
  var members = (0..<count).map { [$0] }
  var alive = [Bool](repeating: true, count: count)
  var heights = [Double](repeating: 0, count: count * count)
  var chain: [Int] = []
  for _ in 1..<max(1, count) {
    if chain.isEmpty, let first = alive.firstIndex(of: true) { chain.append(first) }
    while let tip = chain.last {
      // The neighbour before wins ties, so that the chain ends.
      let before = chain.count > 1 ? chain[chain.count - 2] : -1
      var nearest = before
      var distance = before >= 0 ? between[tip * count + before] : Double.infinity
      for other in 0..<count where alive[other] && other != tip {
        if between[tip * count + other] < distance {
          distance = between[tip * count + other]
          nearest = other
        }
      }
      guard nearest == before, before >= 0 else {
        chain.append(nearest)
        continue
      }
      chain.removeLast(2)
      for i in members[tip] {
        for j in members[before] {
          heights[i * count + j] = distance
          heights[j * count + i] = distance
        }
      }
      let (left, right) = (min(tip, before), max(tip, before))
      let (a, b) = (Double(members[left].count), Double(members[right].count))
      for other in 0..<count where alive[other] && other != left && other != right {
        let mean =
          (a * between[left * count + other] + b * between[right * count + other]) / (a + b)
        between[left * count + other] = mean
        between[other * count + left] = mean
      }
      members[left] += members[right]
      members[right] = []
      alive[right] = false
      break
    }
  }
  let root = alive.firstIndex(of: true) ?? 0
  return (heights, count > 0 ? members[root] : [])
}
