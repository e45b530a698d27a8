internal import Foundation
internal import Matrices
internal import Synchronization

/// The work of a rank scan: which jobs there are, and what they found.
final class RankWork<Scalar: MatrixScalar>: Sendable {
  let x: DataMatrix<Scalar>
  let options: RankScanOptions
  let clock = Stopwatch()
  let observe: (@Sendable (RankProgress) -> ObserverAnswer)?
  let state: Mutex<State>
  /// Data in the order of a speckle, for the kind and the repeat at hand.
  let arranged: Mutex<[Arrangement: DataMatrix<Scalar>]> = Mutex([:])
  /// The rank-one fit of each fold.
  let backgrounds: Mutex<[Arrangement: [Int: StoredFit<Scalar>]]> = Mutex([:])

  struct Arrangement: Hashable {
    var kind: RankTrial.Kind
    var dealing: Int
  }

  struct State {
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

  var isStopped: Bool {
    if let limit = options.fit.timeLimit, clock.seconds >= limit {
      state.withLock { $0.isStopped = true }
    }
    return state.withLock { $0.isStopped }
  }

  func collect(into scan: inout RankScan) {
    state.withLock { state in
      scan.trials = state.trials.sorted {
        ($0.kind.rawValue, $0.rank, $0.fold) < ($1.kind.rawValue, $1.rank, $1.fold)
      }
      scan.stability = state.stability.sorted { $0.rank < $1.rank }
    }
  }

  enum Job {
    case trial(RankTrial.Kind, fold: Int)
    case restart(Int)
    case bootstrap(Int)
  }

  /// Folds over all repeats.
  var foldCount: Int { options.folds * options.repeats }

  func jobs(at rank: Int) -> [Job] {
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

  func look(at ranks: [Int]) throws {
    let plans = ranks.map { (rank: $0, jobs: jobs(at: $0)) }
    let planned = plans.reduce(0.0) { $0 + Double($1.jobs.count * ($1.rank + 2)) }
    state.withLock { $0.plannedWork += planned }
    if planned > 0 { try announce(plans.filter { !$0.jobs.isEmpty }) }
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

  /// Says how many fits there are to do, and about how long they take, before the first of them.
  private func announce(_ plans: [(rank: Int, jobs: [Job])]) throws {
    let middle = plans[plans.count / 2].rank
    let perIteration = try secondsPerIteration(rank: middle)
    let threads = Double(options.fit.threads ?? ComputePool.coreCount)
    var fits = 0
    var seconds = 0.0
    for plan in plans {
      fits += plan.jobs.count
      let cost = perIteration * Double(plan.rank + 2) / Double(middle + 2)
      // Two starts a trial, and about half of the iterations they may take.
      seconds += Double(plan.jobs.count * options.maxIterations) * cost / threads
    }
    tell(rank: plans[0].rank, work: 0, outlook: RankOutlook(fits: fits, seconds: seconds))
  }

  /// Does one job; nil when there is nothing to keep but the trial, or when the scan was stopped.
  func perform(_ job: Job, rank: Int) throws -> StabilityFit? {
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

  func tell(
    rank: Int, work: Double, trial: RankTrial? = nil, stability: RankStability? = nil,
    outlook: RankOutlook? = nil
  ) {
    state.withLock { state in
      state.doneWork += work
      let answer = observe?(
        RankProgress(
          rank: rank, share: state.plannedWork > 0 ? state.doneWork / state.plannedWork : 1,
          seconds: clock.seconds, trial: trial, stability: stability, outlook: outlook))
      if answer == .stop { state.isStopped = true }
    }
  }

  func fitOptions(_ rank: Int) -> FitOptions {
    var fit = options.fit
    fit.rank = rank
    fit.maxIterations = options.maxIterations
    fit.threads = 1
    return fit
  }
}
