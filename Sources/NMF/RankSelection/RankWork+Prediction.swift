internal import Matrices
internal import Synchronization

extension RankWork {
  /// Fits X or its shuffled twin with a fold hidden, and scores the fit on what was hidden.
  func heldOut(_ kind: RankTrial.Kind, rank: Int, fold: Int) throws -> RankTrial {
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let key = Arrangement(kind: kind, dealing: fold / options.folds)
    let seed = options.fit.seed &+ UInt64(key.dealing)
    let speckle = Speckle(shape: x.shape, folds: options.folds, seed: seed)
    let part = Fold(data(key, speckle, seed: seed), mask: speckle.mask(fold % options.folds))
    let problem = Problem(part.visible, loss: options.fit.loss, mask: part.mask, pool: pool)
    let background: VisibleFit<Scalar>
    if let known = backgrounds.withLock({ $0[key]?[fold] }) {
      background = VisibleFit(known)
    } else {
      background = try problem.fitVisible(options: fitOptions(1), index: 0)
      backgrounds.withLock { $0[key, default: [:]][fold] = StoredFit(background) }
    }
    var best = background
    if rank > 1 {
      // Two starts; the one that is ahead after a fifth of the iterations is followed to its end.
      var runs = try (0..<2).map { try VisibleRun(problem, options: fitOptions(rank), index: $0) }
      for start in runs.indices {
        runs[start].iterate(until: options.maxIterations / 5) { isStopped }
      }
      var leader = runs[1].objective < runs[0].objective ? runs[1] : runs[0]
      leader.iterate { isStopped }
      best = leader.fit
    }
    let score = part.score(w: best.w, ht: best.ht, background: background, problem: problem)
    return RankTrial(
      kind: kind, rank: rank, fold: fold, heldOut: score.perEntry, objective: best.objective,
      unpredictable: score.unpredictable, iterations: best.iterations, converged: best.converged)
  }

  /// The time of one iteration with a fold hidden, from a few.
  func secondsPerIteration(rank: Int) throws -> Double {
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let key = Arrangement(kind: .data, dealing: 0)
    let speckle = Speckle(shape: x.shape, folds: options.folds, seed: options.fit.seed)
    let part = Fold(data(key, speckle, seed: options.fit.seed), mask: speckle.mask(0))
    let problem = Problem(part.visible, loss: options.fit.loss, mask: part.mask, pool: pool)
    var few = fitOptions(rank)
    few.maxIterations = 3
    few.initialization = .random
    let watch = Stopwatch()
    _ = try problem.fitVisible(options: few, index: 0)
    return watch.seconds / 3
  }

  /// X, or X with shuffled columns, in the order of a speckle.
  ///
  /// Only one copy of each kind is kept, however many repeats there are.
  private func data(
    _ key: Arrangement, _ speckle: Speckle, seed: UInt64
  ) -> DataMatrix<Scalar> {
    arranged.withLock { arranged in
      if let known = arranged[key] { return known }
      let source = key.kind == .data ? x : withShuffledColumns(x, seed: seed)
      arranged = arranged.filter { $0.key.kind != key.kind }
      let result = speckle.arranged(source)
      arranged[key] = result
      return result
    }
  }
}
