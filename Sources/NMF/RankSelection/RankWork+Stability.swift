internal import Matrices

extension RankWork {
  /// A fit to complete rows: its parts, and the cluster of each row.
  struct StabilityFit: Sendable {
    var isBootstrap: Bool
    var h: DenseMatrix<Double>
    var labels: [Int]
    var objective: Double
  }

  /// The rows that stability is measured on: all, or a sample in rising order.
  var stabilityRows: [Int] {
    guard x.rows > options.stabilityRows else { return Array(0..<x.rows) }
    let random = KeyedRandom(seed: options.fit.seed, purpose: .sample)
    return random.permutation(of: x.rows).prefix(options.stabilityRows).sorted()
  }

  func stabilityFit(rank: Int, index: Int, isBootstrap: Bool) throws -> StabilityFit {
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    var rows = stabilityRows
    if isBootstrap {
      let random = KeyedRandom(seed: options.fit.seed, purpose: .sample, stream: 1 + index)
      rows = rows.indices.map { rows[Int(random.bits($0) % UInt64(rows.count))] }.sorted()
    }
    let sample = rows.count == x.rows && !isBootstrap ? x : selectingRows(rows, of: x)
    let problem = Problem(sample, loss: options.fit.loss, pool: pool)
    var fit = fitOptions(rank)
    if !isBootstrap { fit.initialization = .random }
    let found = try problem.fitVisible(options: fit, index: isBootstrap ? 0 : index) { isStopped }
    let partSums = found.ht.componentSums()
    let labels = (0..<found.w.rows).map { i in
      // The component that accounts for most of the row (see `NMFModel.memberships`).
      (0..<rank).max {
        let (a, b) = (Double(found.w[i, $0]) * partSums[$0], Double(found.w[i, $1]) * partSums[$1])
        return a != b ? a < b : $0 > $1
      } ?? 0
    }
    return StabilityFit(
      isBootstrap: isBootstrap, h: found.ht.matrix.converted(to: Double.self).transposed(),
      labels: labels, objective: found.objective)
  }

  func stability(
    rank: Int, _ restarts: [StabilityFit], _ bootstraps: [StabilityFit]
  ) -> RankStability {
    let rows = stabilityRows
    let order = restarts.indices.sorted {
      (restarts[$0].objective, $0) < (restarts[$1].objective, $1)
    }
    let best = restarts[order[0]]
    func cosine(_ fits: [StabilityFit]) -> Double? {
      guard !fits.isEmpty else { return nil }
      return fits.reduce(0) { $0 + matchedCosine(best.h, $1.h) } / Double(fits.count)
    }
    let consensus = restarts.count > 1 ? Consensus(labels: restarts.map(\.labels), rows: rows) : nil
    return RankStability(
      rank: rank, restartCosine: cosine(order.dropFirst().map { restarts[$0] }),
      bootstrapCosine: cosine(bootstraps),
      copheneticCorrelation: consensus?.copheneticCorrelation, dispersion: consensus?.dispersion,
      objective: best.objective, rows: rows.count)
  }

  func consensus(at rank: Int) throws -> Consensus {
    let fits = try sideBySide(options.restarts, threads: options.fit.threads) {
      try self.stabilityFit(rank: rank, index: $0, isBootstrap: false)
    }
    return Consensus(labels: fits.map(\.labels), rows: stabilityRows)
  }
}
