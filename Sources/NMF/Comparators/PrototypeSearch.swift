internal import Matrices

/// One start of k-means after another, on the same points.
final class PrototypeSearch<Scalar: MatrixScalar> {
  struct Outcome: Sendable {
    var labels: [Int]
    var inertia: Double
    var iterations: Int
    var converged: Bool
  }

  private let points: Points<Scalar>
  private let rank: Int
  private let pool: ComputePool

  init(_ points: Points<Scalar>, rank: Int, pool: ComputePool) {
    self.points = points
    self.rank = rank
    self.pool = pool
  }

  func run(seed: UInt64, stream: Int, maxIterations: Int) -> Outcome {
    let random = KeyedRandom(seed: seed, purpose: .prototypes, stream: stream)
    let chosen = greedyStart(random)
    let labels = Array(repeating: 0, count: points.count)
    return iterate(from: points.rows(chosen), labels: labels, maxIterations: maxIterations)
  }

  func run(from prototypes: DenseMatrix<Scalar>, maxIterations: Int) -> Outcome {
    iterate(
      from: prototypes.elements.map { Double($0) },
      labels: Array(repeating: 0, count: points.count), maxIterations: maxIterations)
  }

  /// The nearest prototype of every point; ties go to the first.
  func nearest(to prototypes: DenseMatrix<Scalar>) -> [Int] {
    var state = BoundedState(count: points.count)
    points.assign(
      &state, to: Prototypes(prototypes.elements.map { Double($0) }, rank: rank, points: points),
      needing: nil, pool: pool)
    return state.labels
  }

  /// Greedy k-means++: of some candidates drawn by squared distance, the one that helps most.
  private func greedyStart(_ random: KeyedRandom) -> [Int] {
    let count = points.count
    let trials = min(8, 2 + Int(log(Double(rank))))
    var draw = 0
    func next() -> Double {
      defer { draw += 1 }
      return random.uniform(draw)
    }
    var chosen = [min(count - 1, Int(next() * Double(count)))]
    var distances = points.squaredDistances(to: chosen, pool: pool)[0]
    while chosen.count < rank {
      var cumulative = distances
      for i in 1..<max(1, count) { cumulative[i] += cumulative[i - 1] }
      let total = cumulative[count - 1]
      let candidates = (0..<trials).map { _ -> Int in
        let target = next() * total
        // The first point at which the running sum exceeds the target: never one at distance zero.
        var (low, high) = (0, count - 1)
        while low < high {
          let middle = (low + high) / 2
          if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return low
      }
      let fresh = points.squaredDistances(to: candidates, pool: pool)
      var bestTotal = Double.infinity
      var best = 0
      for (index, candidate) in fresh.enumerated() {
        var sum = 0.0
        for i in 0..<count { sum += min(distances[i], candidate[i]) }
        if sum < bestTotal { (bestTotal, best) = (sum, index) }
      }
      chosen.append(candidates[best])
      for i in 0..<count { distances[i] = min(distances[i], fresh[best][i]) }
      distances[candidates[best]] = 0
    }
    return chosen
  }

  /// Lloyd's iterations, then single moves that lower the sum, in turns until neither changes a thing.
  private func iterate(from start: [Double], labels: [Int], maxIterations: Int) -> Outcome {
    var outcome = lloyd(from: start, maxIterations: maxIterations)
    while outcome.converged, outcome.iterations < maxIterations,
      points.moveSingly(&outcome.labels, rank: rank)
    {
      let means = points.means(outcome.labels, rank: rank, pool: pool)
      let before = outcome.iterations
      outcome = lloyd(from: means, maxIterations: maxIterations - before)
      outcome.iterations += before
    }
    return outcome
  }

  private func lloyd(from start: [Double], maxIterations: Int) -> Outcome {
    var prototypes = Prototypes(start, rank: rank, points: points)
    var state = BoundedState(count: points.count)
    points.assign(&state, to: prototypes, needing: nil, pool: pool)
    var iterations = 0
    var converged = false
    while iterations < maxIterations {
      iterations += 1
      fillEmpty(&state)
      let moved = prototypes.moved(
        to: points.means(state.labels, rank: rank, pool: pool), points: points)
      let before = state.labels
      state.loosen(by: prototypes.shifts(to: moved))
      prototypes = moved
      points.assign(
        &state, to: prototypes, needing: prototypes.halfGaps(points: points), pool: pool)
      if state.labels == before {
        converged = true
        break
      }
    }
    fillEmpty(&state)
    let means = points.means(state.labels, rank: rank, pool: pool)
    return Outcome(
      labels: state.labels, inertia: points.inertia(state.labels, means: means, pool: pool),
      iterations: iterations, converged: converged)
  }

  /// Gives each prototype without points the point farthest from its own, if that has company.
  private func fillEmpty(_ state: inout BoundedState) {
    var sizes = [Int](repeating: 0, count: rank)
    for label in state.labels { sizes[label] += 1 }
    guard sizes.contains(0) else { return }
    for k in 0..<rank where sizes[k] == 0 {
      var farthest = -1
      for i in 0..<points.count where sizes[state.labels[i]] > 1 {
        if farthest < 0 || state.upper[i] > state.upper[farthest] { farthest = i }
      }
      guard farthest >= 0 else { return }
      sizes[state.labels[farthest]] -= 1
      state.labels[farthest] = k
      state.upper[farthest] = 0
      state.lower[farthest] = 0
      sizes[k] = 1
    }
  }
}

/// What is known of each point's distances.
struct BoundedState {
  var labels: [Int]
  /// At least the distance to the point's own prototype.
  var upper: [Double]
  /// At most the distance to any other.
  var lower: [Double]

  init(count: Int) {
    labels = [Int](repeating: 0, count: count)
    upper = [Double](repeating: .infinity, count: count)
    lower = [Double](repeating: 0, count: count)
  }

  /// Moves the bounds by how far the prototypes moved.
  mutating func loosen(by shifts: [Double]) {
    var (first, second, owner) = (0.0, 0.0, -1)
    for (k, shift) in shifts.enumerated() {
      if shift > first {
        (first, second, owner) = (shift, first, k)
      } else {
        second = max(second, shift)
      }
    }
    for i in labels.indices {
      upper[i] += shifts[labels[i]]
      lower[i] -= labels[i] == owner ? second : first
    }
  }
}

/// Prototypes in the form that distances are computed from.
struct Prototypes<Scalar: MatrixScalar> {
  /// r × q, row after row.
  let rows: [Double]
  let rank: Int
  /// q × r.
  let columns: Factor<Scalar>
  let squares: [Double]

  init(_ rows: [Double], rank: Int, points: Points<Scalar>) {
    self.rows = rows
    self.rank = rank
    columns = Factor(rows: points.dimension, rank: rank)
    columns.setTransposed(rows)
    let dimension = points.dimension
    squares = (0..<rank).map { k in
      var sum = 0.0
      for j in k * dimension..<(k + 1) * dimension { sum += rows[j] * rows[j] }
      return sum
    }
  }

  func moved(to means: [Double], points: Points<Scalar>) -> Prototypes {
    Prototypes(means, rank: rank, points: points)
  }

  /// How far each prototype moved.
  func shifts(to other: Prototypes) -> [Double] {
    let dimension = rank > 0 ? rows.count / rank : 0
    return (0..<rank).map { k in
      var sum = 0.0
      for j in k * dimension..<(k + 1) * dimension {
        let difference = rows[j] - other.rows[j]
        sum += difference * difference
      }
      return sum.squareRoot()
    }
  }

  /// Half the distance of each prototype to the nearest other one.
  func halfGaps(points: Points<Scalar>) -> [Double] {
    let own = crossProductOfColumns(columns)
    return (0..<rank).map { k in
      var nearest = Double.infinity
      for l in 0..<rank where l != k {
        nearest = min(nearest, squares[k] + squares[l] - 2 * own[k * rank + l])
      }
      let slack = points.slack * (points.largestSquare + squares[k])
      return max(0, nearest - slack).squareRoot() / 2
    }
  }
}
