internal import Foundation
internal import Matrices
internal import Synchronization

/// The work of a rank scan: which jobs there are, and what they found.
final class RankWork<Scalar: MatrixScalar>: @unchecked Sendable {
  let x: DataMatrix<Scalar>
  let options: RankScanOptions
  /// Σ x.
  let total: Double
  private let clock = Stopwatch()
  private let observe: (@Sendable (RankProgress) -> ObserverAnswer)?
  private let state: Mutex<State>

  private struct State {
    var trials: [RankTrial]
    var stability: [RankStability]
    var doneWork = 0.0
    var plannedWork = 0.0
    var isStopped = false
  }

  init(
    _ x: DataMatrix<Scalar>, options: RankScanOptions,
    known: (trials: [RankTrial], stability: [RankStability]),
    observe: (@Sendable (RankProgress) -> ObserverAnswer)?
  ) {
    self.x = x
    self.options = options
    self.observe = observe
    total = Totals(x).rowSums.reduce(0, +)
    state = Mutex(State(trials: known.trials, stability: known.stability))
  }

  /// Does what is not known yet, rank after rank.
  func run() throws -> RankScan {
    var scan = RankScan(
      options: options, rows: x.rows, columns: x.columns, trials: [], stability: [])
    let automatic = 10
    let limit = min(x.rows, x.columns)
    let asked = options.ranks ?? 1...min(automatic, limit)
    // Rank 1 is always looked at: it is what "no structure" means.
    try look(at: asked.lowerBound > 1 ? [1] + asked : Array(asked))
    if options.ranks == nil {
      var upper = asked.upperBound
      while !isStopped, upper < limit {
        collect(into: &scan)
        guard let verdict = RankVerdict(scan), verdict.plausible.contains(upper) else { break }
        let next = min(limit, upper + max(5, upper / 2))
        try look(at: Array(upper + 1...next))
        upper = next
      }
    }
    collect(into: &scan)
    if !isStopped, let verdict = RankVerdict(scan) {
      try weighRelevance(&scan)
      if options.restarts > 1 { scan.consensus = try consensus(at: verdict.rank) }
    }
    scan.isIncomplete = isStopped
    scan.seconds = clock.seconds
    return scan
  }

  private var isStopped: Bool {
    if let limit = options.fit.timeLimit, clock.seconds >= limit {
      state.withLock { $0.isStopped = true }
    }
    return state.withLock { $0.isStopped }
  }

  private func collect(into scan: inout RankScan) {
    state.withLock { state in
      scan.trials = state.trials.sorted {
        ($0.kind.rawValue, $0.rank, $0.fold) < ($1.kind.rawValue, $1.rank, $1.fold)
      }
      scan.stability = state.stability.sorted { $0.rank < $1.rank }
    }
  }

  // MARK: - Held-out prediction

  private enum Job {
    case trial(RankTrial.Kind, fold: Int)
    case restart(Int)
    case bootstrap(Int)
  }

  /// Folds over all repeats.
  private var foldCount: Int { options.folds * options.repeats }

  private func jobs(at rank: Int) -> [Job] {
    let (trials, stability) = state.withLock { ($0.trials, $0.stability) }
    func isKnown(_ kind: RankTrial.Kind, _ fold: Int) -> Bool {
      trials.contains { $0.kind == kind && $0.rank == rank && $0.fold == fold }
    }
    var jobs: [Job] = (0..<foldCount).filter { !isKnown(.data, $0) }.map { .trial(.data, fold: $0) }
    if !isKnown(.null, 0) { jobs.append(.trial(.null, fold: 0)) }
    if !stability.contains(where: { $0.rank == rank }) {
      jobs += (0..<options.restarts).map { .restart($0) }
      jobs += (0..<options.bootstraps).map { .bootstrap($0) }
    }
    return jobs
  }

  private func look(at ranks: [Int]) throws {
    let plans = ranks.map { (rank: $0, jobs: jobs(at: $0)) }
    let planned = plans.reduce(0.0) { $0 + Double($1.jobs.count * ($1.rank + 2)) }
    state.withLock { $0.plannedWork += planned }
    for (rank, jobs) in plans where !isStopped {
      let found = try sideBySide(jobs.count, threads: options.fit.threads) { index in
        try self.perform(jobs[index], rank: rank)
      }
      let restarts = found.compactMap { $0?.isBootstrap == false ? $0 : nil }
      guard !isStopped, !restarts.isEmpty else { continue }
      let stability = stability(
        rank: rank, restarts, found.compactMap { $0?.isBootstrap == true ? $0 : nil })
      state.withLock { $0.stability.append(stability) }
      tell(rank: rank, work: 0, stability: stability)
    }
  }

  /// Does one job; nil when there is nothing to keep but the trial, or when the scan was stopped.
  private func perform(_ job: Job, rank: Int) throws -> StabilityFit? {
    guard !isStopped else { return nil }
    var found: StabilityFit?
    var trial: RankTrial?
    switch job {
    case .trial(let kind, let fold): trial = try heldOut(kind, rank: rank, fold: fold)
    case .restart(let index): found = try stabilityFit(rank: rank, index: index, isBootstrap: false)
    case .bootstrap(let index):
      found = try stabilityFit(rank: rank, index: index, isBootstrap: true)
    }
    if isStopped { return nil }
    if let trial { state.withLock { $0.trials.append(trial) } }
    tell(rank: rank, work: Double(rank + 2), trial: trial)
    return found
  }

  private func tell(
    rank: Int, work: Double, trial: RankTrial? = nil, stability: RankStability? = nil
  ) {
    state.withLock { state in
      state.doneWork += work
      let answer = observe?(
        RankProgress(
          rank: rank, share: state.plannedWork > 0 ? state.doneWork / state.plannedWork : 1,
          seconds: clock.seconds, trial: trial, stability: stability))
      if answer == .stop { state.isStopped = true }
    }
  }

  private func fitOptions(_ rank: Int) -> FitOptions {
    var fit = options.fit
    fit.rank = rank
    fit.maxIterations = options.maxIterations
    fit.threads = 1
    return fit
  }

  private func heldOut(_ kind: RankTrial.Kind, rank: Int, fold: Int) throws -> RankTrial {
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let seed = options.fit.seed &+ UInt64(fold / options.folds)
    let speckle = Speckle(shape: x.shape, folds: options.folds, seed: seed)
    let source = kind == .data ? x : withShuffledColumns(x, seed: seed)
    let part = Fold(speckle.arranged(source), mask: speckle.mask(fold % options.folds))
    let problem = Problem(part.visible, loss: options.fit.loss, mask: part.mask, pool: pool)
    let background = try problem.fitVisible(options: fitOptions(1), index: 0)
    var best = background
    if rank > 1 {
      for start in 0..<2 where !isStopped {
        let fit = try problem.fitVisible(options: fitOptions(rank), index: start) { isStopped }
        if start == 0 || fit.objective < best.objective { best = fit }
      }
    }
    let score = part.score(w: best.w, ht: best.ht, background: background, problem: problem)
    return RankTrial(
      kind: kind, rank: rank, fold: fold, heldOut: score.perEntry, objective: best.objective,
      unpredictable: score.unpredictable, iterations: best.iterations, converged: best.converged)
  }

  // MARK: - Stability

  /// A fit to complete rows: its parts, and the cluster of each row.
  private struct StabilityFit: Sendable {
    var isBootstrap: Bool
    var h: DenseMatrix<Double>
    var labels: [Int]
    var objective: Double
  }

  /// The rows that stability is measured on: all, or a sample in rising order.
  private var stabilityRows: [Int] {
    guard x.rows > options.stabilityRows else { return Array(0..<x.rows) }
    let random = KeyedRandom(seed: options.fit.seed, purpose: .sample)
    return random.permutation(of: x.rows).prefix(options.stabilityRows).sorted()
  }

  private func stabilityFit(rank: Int, index: Int, isBootstrap: Bool) throws -> StabilityFit {
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

  private func stability(
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

  private func consensus(at rank: Int) throws -> Consensus {
    let fits = try sideBySide(options.restarts, threads: options.fit.threads) {
      try self.stabilityFit(rank: rank, index: $0, isBootstrap: false)
    }
    return Consensus(labels: fits.map(\.labels), rows: stabilityRows)
  }

  // MARK: - Relevance

  private func weighRelevance(_ scan: inout RankScan) throws {
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

/// The mean cosine of the rows of two matrices of parts, matched one to one for the largest sum.
func matchedCosine(_ a: DenseMatrix<Double>, _ b: DenseMatrix<Double>) -> Double {
  func norms(_ m: DenseMatrix<Double>) -> [Double] {
    (0..<m.rows).map { k in m.row(k).reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }
  let (normsA, normsB) = (norms(a), norms(b))
  let cosines = (0..<a.rows).map { k in
    (0..<b.rows).map { l in
      let product = zip(a.row(k), b.row(l)).reduce(0) { $0 + $1.0 * $1.1 }
      return normsA[k] > 0 && normsB[l] > 0 ? product / (normsA[k] * normsB[l]) : 0
    }
  }
  let match = minimumCostAssignment(cosines.map { $0.map { -$0 } })
  var sum = 0.0
  for (k, l) in match.enumerated() { sum += cosines[k][l] }
  return sum / Double(max(1, a.rows))
}
