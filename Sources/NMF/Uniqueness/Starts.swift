internal import Matrices
internal import Synchronization

/// Fits many starts side by side, each with one thread.
///
/// Start 0 is that of the options; each other is random, with a seed of its own made from the seed
/// and its number.
///
/// - Returns: What clustering needs of each, and the best model.
func finishedStarts<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, options: FitOptions,
  observe: (@Sendable (UniquenessProgress) -> ObserverAnswer)?
) throws -> (finished: [FinishedStart], best: NMFModel<Scalar>?) {
  let clock = Stopwatch()
  let count = options.restarts
  let seeds = KeyedRandom(seed: options.seed, purpose: .starts)
  let done = Mutex(0)
  let isStopped = Mutex(false)
  let results = try sideBySide(count, threads: options.threads) { index -> NMFModel<Scalar>? in
    guard !isStopped.withLock({ $0 }) else { return nil }
    var own = options
    own.restarts = 1
    own.threads = 1
    if index > 0 {
      own.initialization = .random
      own.seed = seeds.bits(index)
    }
    if let limit = options.timeLimit {
      own.timeLimit = limit - clock.seconds
      if limit <= clock.seconds, index > 0 { return nil }
      own.timeLimit = max(0.01, limit - clock.seconds)
    }
    let model = try fit(x, options: own, mayBeginTwice: false) { _ in
      isStopped.withLock { $0 } ? .stop : .proceed
    }
    let finished = done.withLock { done in
      done += 1
      return done
    }
    if observe?(.starts(done: finished, of: count)) == .stop { isStopped.withLock { $0 = true } }
    return model
  }
  let models = results.enumerated().compactMap { index, model in model.map { (index, $0) } }
  let best = models.min { ($0.1.report.objective, $0.0) < ($1.1.report.objective, $1.0) }
  return (
    models.map { index, model in
      FinishedStart(
        start: index, w: model.w, h: model.h, objective: model.report.objective,
        stopReason: model.report.stopReason)
    },
    best.map { winner in
      var options = winner.1.options
      options.restarts = count
      options.threads = nil
      return NMFModel(
        w: winner.1.w, h: winner.1.h, options: options, report: winner.1.report)
    }
  )
}

/// The places of the largest entries of each part.
func largestEntries<Scalar: MatrixScalar>(
  _ model: NMFModel<Scalar>, count: Int
) -> [(part: Int, feature: Int)] {
  (0..<model.rank).flatMap { k in
    let row = Array(model.h.row(k))
    let order = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
    return order.prefix(count).filter { row[$0] > 0 }.map { (k, $0) }
  }
}
