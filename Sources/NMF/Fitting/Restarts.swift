internal import Matrices
internal import Synchronization

/// All starts of a fit, followed by successive halving.
///
/// A start that lies far behind after its first iterations seldom wins, and most of the time goes
/// into the iterations after them. Starts go in rounds, which hold the memory down and depend on
/// the number of starts alone: the answer is the same at any number of threads.
struct Restarts<Scalar: MatrixScalar> {
  let problem: Problem<Scalar>
  let options: FitOptions
  let start: (w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>)?
  /// Whether a small fit of one start may begin twice.
  let mayBeginTwice: Bool
  let clock: Stopwatch

  /// Starts that are compared with each other.
  private static var round: Int { 16 }
  /// Iterations before they are compared.
  private static var screening: Int { 30 }
  /// Multiplications an iteration below which the cores take a fit each instead of sharing one.
  private static var smallWork: Double { 4e8 }
  /// Multiplications an iteration below which a start may be begun a second time.
  private static var workToRepeat: Double { 1e7 }

  /// Follows all starts.
  ///
  /// - Returns: The best start, and what became of each that was begun.
  /// - Throws: `FitError` when the given start does not fit the problem.
  func follow(
    _ observe: ((FitProgress) -> ObserverAnswer)?
  ) throws -> (best: Run<Scalar>, summaries: [RestartSummary]) {
    let observer = SharedObserver(observe)
    var best: Run<Scalar>?
    var summaries: [RestartSummary] = []
    var ends: [(place: Int, parts: [[Double]])] = []
    for first in stride(from: 0, to: options.restarts, by: Self.round) {
      let end = min(options.restarts, first + Self.round)
      let runs = try isSmall ? sideBySide(first..<end, observer) : inTurn(first..<end, observer)
      for run in runs {
        summaries.append(run.summary)
        guard run.summary.stopReason != .dropped else { continue }
        if options.restarts > 1 {
          ends.append((summaries.count - 1, unitParts(run.ht.transposedMatrix)))
        }
        if best.map({ run.objective < $0.objective }) ?? true { best = run }
      }
      let isLate = options.timeLimit.map { clock.seconds >= $0 } ?? false
      if observer.hasStopped || isLate { break }
    }
    guard var best else { throw FitError.nothingToFit }
    if options.restarts == 1, let second = try secondBeginning(after: best, observer) {
      best = second
      summaries = [second.summary]
    }
    if ends.count > 1 {
      let kept = unitParts(best.ht.transposedMatrix)
      for end in ends {
        summaries[end.place].angleToBest = matchedAngles(kept, end.parts).angles.max()
      }
    }
    return (best, summaries)
  }

  /// How many starts of a round are followed to the end: a quarter, and at least two.
  private func kept(of count: Int) -> Int { min(count, max(2, (count + 3) / 4)) }

  private var isSmall: Bool {
    options.restarts > 1 && problem.pool.threads > 1
      && Double(problem.x.storedValues.count) * Double(options.rank) < Self.smallWork
  }

  /// One start after another with all threads in each; those that fall behind are let go at once.
  private func inTurn(_ indices: Range<Int>, _ observer: SharedObserver) throws -> [Run<Scalar>] {
    let pause = indices.count > kept(of: indices.count) ? Self.screening : nil
    var running: [Run<Scalar>] = []
    var over: [Run<Scalar>] = []
    for index in indices where index == indices.lowerBound || !observer.hasStopped {
      var run = try begin(index, problem)
      run.iterate(until: pause, observer.ask)
      running.append(run)
      guard pause != nil, running.count > kept(of: indices.count) else { continue }
      let worst = running.indices.max { isWorse(running[$1], running[$0]) } ?? 0
      var dropped = running.remove(at: worst)
      if !dropped.isOver { dropped.drop() }
      over.append(dropped)
    }
    for place in running.indices where !running[place].isOver {
      running[place].iterate(observer.ask)
    }
    return (over + running).sorted { $0.index < $1.index }
  }

  /// Each start on a thread of its own.
  private func sideBySide(
    _ indices: Range<Int>, _ observer: SharedObserver
  ) throws -> [Run<Scalar>] {
    let alone = Problem(problem, pool: ComputePool(threads: 1))
    let threads = problem.pool.threads
    let pause = indices.count > kept(of: indices.count) ? Self.screening : nil
    var runs = try NMF.sideBySide(indices.count, threads: threads) { place -> Run<Scalar>? in
      guard place == 0 || !observer.hasStopped else { return nil }
      var run = try begin(indices.lowerBound + place, alone)
      run.iterate(until: pause, observer.ask)
      return run
    }.compactMap { $0 }
    let order = runs.indices.sorted { isWorse(runs[$1], runs[$0]) }
    for place in order.dropFirst(kept(of: indices.count)) where !runs[place].isOver {
      runs[place].drop()
    }
    let unfinished = runs.indices.filter { !runs[$0].isOver }
    let finished = try NMF.sideBySide(unfinished.count, threads: threads) { place in
      var run = runs[unfinished[place]]
      run.iterate(observer.ask)
      return run
    }
    for (place, run) in zip(unfinished, finished) { runs[place] = run }
    return runs
  }

  private func begin(_ index: Int, _ problem: Problem<Scalar>) throws -> Run<Scalar> {
    try Run(problem, options: options, index: index, start: start, clock: clock)
  }

  /// The start once more, from where it was but patiently, if that is cheap and ends better.
  ///
  /// Ends that differ by less than where they stop count as equal; then the first, which took fewer
  /// iterations, is reported.
  private func secondBeginning(
    after first: Run<Scalar>, _ observer: SharedObserver
  ) throws -> Run<Scalar>? {
    guard mayBeginTwice, options.solver != .mu, options.rank > 1,
      Double(problem.x.storedValues.count) * Double(options.rank) < Self.workToRepeat,
      first.stopReason == .converged || first.stopReason == .precisionLimit,
      first.objective > problem.exactObjective
    else { return nil }
    var second = try Run(
      problem, options: options, index: first.index, start: start, clock: clock, after: first)
    second.iterate(observer.ask)
    let equal = first.objective * options.tolerance / 10
    return first.objective - second.objective > equal ? second : nil
  }

  private func isWorse(_ left: Run<Scalar>, _ right: Run<Scalar>) -> Bool {
    (left.objective, left.index) > (right.objective, right.index)
  }
}

/// An observer that threads take turns to ask, and that stays stopped once it has said so.
private final class SharedObserver: @unchecked Sendable {
  private let observe: ((FitProgress) -> ObserverAnswer)?
  private let stopped = Mutex(false)

  init(_ observe: ((FitProgress) -> ObserverAnswer)?) { self.observe = observe }

  var hasStopped: Bool { stopped.withLock { $0 } }

  func ask(_ progress: FitProgress) -> ObserverAnswer {
    stopped.withLock { stopped in
      if !stopped, let observe, observe(progress) == .stop { stopped = true }
      return stopped ? .stop : .proceed
    }
  }
}
