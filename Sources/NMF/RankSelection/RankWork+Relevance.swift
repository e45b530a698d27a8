internal import Matrices

extension RankWork {
  /// Counts the components that relevance determination keeps of twice the largest rank.
  func weighRelevance(_ scan: inout RankScan) throws {
    let upper = scan.trials.map(\.rank).max() ?? 1
    let largest = min(2 * upper, min(x.rows, x.columns))
    let pool = ComputePool(threads: options.fit.threads)
    defer { pool.shutDown() }
    let problem = Problem(x, loss: options.fit.loss, pool: pool)
    // Counts have φ = 1. Otherwise it is what is left at the largest rank, per degree of freedom.
    let isCounts = options.fit.loss == .poisson && x.storedValues.allSatisfy { $0 == $0.rounded() }
    let (n, p) = (Double(x.rows), Double(x.columns))
    let objective = scan.trials.last { $0.kind == .data && $0.rank == upper }?.objective ?? 0
    let freedom = max(1, n * p * (1 - 1 / Double(options.folds)) - Double(upper) * (n + p))
    scan.relevant = try relevantComponents(
      problem, largest: largest, dispersion: isCounts ? 1 : 2 * objective / freedom,
      seed: options.fit.seed
    ) { isStopped }
    scan.largestRelevant = largest
  }
}
