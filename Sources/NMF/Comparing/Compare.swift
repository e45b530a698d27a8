public import Matrices

/// Fits several methods to the same data and measures them the same way.
///
/// A method that cannot be done on these data is marked, and the others still run.
///
/// - Parameters:
///   - x: N observations × p features, all ≥ 0 and finite, as NMF needs them.
///   - options: The methods and what they share.
///   - observe: Told what is being done, in a few words.
/// - Returns: One result a method, in the order asked for.
/// - Throws: `FitError` when X has entries that NMF does not accept.
/// - Complexity: Some fits of each method: one to measure, one with hidden entries (repeated where a
///   method cannot leave entries out), and those for stability.
public func compare(
  _ x: DataMatrix<Double>, options: ComparisonOptions, observe: (String) -> Void = { _ in }
) throws -> Comparison {
  let pool = ComputePool(threads: options.fit.threads)
  defer { pool.shutDown() }
  try checkEntries(x, pool: pool)
  precondition(options.labels.map { $0.count == x.rows } ?? true, "one label a row is needed")
  var work = ComparisonWork(x, options: options, pool: pool)
  let results = options.methods.map { method in
    observe(method.title)
    return work.result(method, observe: { observe("\(method.title): \($0)") })
  }
  return Comparison(
    shape: x.shape, options: options, results: results, heldOutCount: work.heldOut?.count ?? 0,
    varies: work.varies)
}

/// What one method gave, before it is measured.
private struct Description {
  var basis: DenseMatrix<Double>
  var encoding: DenseMatrix<Double>
  var centre: [Double]
  var notes: [String] = []
  /// What takes time of its own to find out, and is no part of the fit.
  var moreNotes: () throws -> [String] = { [] }

  init(_ decomposition: some Decomposition<Double>) {
    basis = decomposition.basis
    encoding = decomposition.encoding
    centre = decomposition.centre
  }

  init(_ model: NMFModel<Double>) {
    basis = model.h
    encoding = model.w
    centre = [Double](repeating: 0, count: model.h.columns)
  }
}

/// 1 − part / whole, with 0 for what only rounding keeps from it.
private func share(_ part: Double, of whole: Double) -> Double {
  let share = 1 - part / whole
  return abs(share) < 1e-12 ? 0 : share
}

/// What the methods share: the data, its totals and the entries that are hidden.
private struct ComparisonWork {
  let x: DataMatrix<Double>
  let options: ComparisonOptions
  let pool: ComputePool
  let heldOut: HeldOutEntries?
  private let floor: Double
  private let totalSquares: Double
  /// Whether observations differ.
  let varies: Bool
  private let nullDivergence: Double
  /// What PCA foretells of hidden entries, once it is known.
  private var principalScore: HeldOutEntries.Score?
  /// Whether NMF's fits for hidden entries and for stability are made in single precision.
  private var isLarge: Bool { x.storedValues.count > 1_000_000 }
  private var rank: Int { options.fit.rank }
  private var seed: UInt64 { options.fit.seed }
  private var threads: Int? { options.fit.threads }

  init(_ x: DataMatrix<Double>, options: ComparisonOptions, pool: ComputePool) {
    self.x = x
    self.options = options
    self.pool = pool
    let totals = Totals(x)
    let count = Double(max(1, x.rows))
    totalSquares =
      totals.squares - totals.columnSums.reduce(0) { $0 + $1 * $1 } / count
    varies = totalSquares > 1e-12 * totals.squares
    let entries = count * Double(max(1, x.columns))
    floor = totals.rowSums.reduce(0, +) / entries / 1000
    nullDivergence = Problem(x, loss: .poisson, pool: pool).nullObjective
    heldOut = options.holdsOut ? HeldOutEntries(x, seed: options.fit.seed, floor: floor) : nil
  }

  mutating func result(_ method: ComparisonMethod, observe: (String) -> Void) -> MethodResult {
    do {
      let clock = Stopwatch()
      let found = try describe(method, seed: seed)
      let seconds = clock.seconds
      observe("measures")
      var measures = self.measures(of: found, seconds: seconds)
      var notes = try found.notes + found.moreNotes()
      if heldOut != nil {
        observe("hidden entries")
        if let score = try heldOutScore(method) {
          measures.heldOutVarianceExplained = score.variance
          measures.heldOutPoissonDevianceExplained = score.deviance
        }
      }
      if options.stabilityStarts > 0 {
        observe("other starts")
        (measures.stability, notes) = try stability(method, found: found, notes: notes)
      }
      if method == .nmf, isLarge, heldOut != nil || options.stabilityStarts > 0 {
        notes.append(
          "As the data have more than a million stored entries, NMF's fits with hidden entries and "
            + "from other starts are in single precision.")
      }
      return MethodResult(
        method: method, measures: measures, notes: notes, basis: found.basis,
        encoding: found.encoding, centre: found.centre)
    } catch {
      return MethodResult(
        method: method, failure: "\(error)",
        basis: DenseMatrix(rows: 0, columns: x.columns),
        encoding: DenseMatrix(rows: x.rows, columns: 0),
        centre: [Double](repeating: 0, count: x.columns))
    }
  }

  /// One fit, as the table shows it.
  private func describe(_ method: ComparisonMethod, seed: UInt64) throws -> Description {
    switch method {
    case .nmf:
      let model = try fit(x, options: options.fit)
      var found = Description(model)
      if !model.report.converged {
        found.notes.append(
          "NMF stopped after \(model.report.iterations) iterations without having converged.")
      }
      return found
    case .pca:
      return Description(try PCA(x, rank: rank, seed: seed, threads: threads))
    case .vq:
      let found = try KMeans(
        x, rank: rank, restarts: options.prototypeRestarts, seed: seed, threads: threads)
      var description = Description(found)
      if !found.converged { description.notes.append("VQ stopped at its limit of iterations.") }
      return description
    case .ica:
      var search = FastICA<Double>.Options()
      search.seed = seed
      search.threads = threads
      let found = try FastICA(x, rank: rank, options: search)
      var description = Description(found)
      if !found.converged {
        description.notes.append(
          "ICA did not converge in \(found.iterations) iterations: its directions still turned, so "
            + "another seed may give others.")
      }
      description.moreNotes = { [rank] in
        let count = try found.gaussianCount()
        guard count > 0 else { return [] }
        return [
          "\(count) of \(rank) components of ICA cannot be told from Gaussian noise, so their "
            + "directions are arbitrary."
        ]
      }
      return description
    case .archetypes:
      let found = try ArchetypalAnalysis(x, rank: rank, seed: seed, threads: threads)
      var description = Description(found)
      if !found.converged {
        description.notes.append("Archetypes stopped at their limit of iterations.")
      }
      return description
    }
  }

  private func measures(of found: Description, seconds: Double) -> ComparisonMeasures {
    let misfit = Misfit(
      x, basis: found.basis, encoding: found.encoding, centre: found.centre, floor: floor,
      pool: pool)
    let contributions = NMF.contributions(basis: found.basis, encoding: found.encoding)
    let agreement = options.labels.map {
      groupAgreement(dominantComponents(contributions), $0)
    }
    return ComparisonMeasures(
      varianceExplained: varies ? share(misfit.squares, of: totalSquares) : 0,
      poissonDevianceExplained: nullDivergence > 0
        ? share(misfit.divergence, of: nullDivergence) : 0,
      negativeBasisFraction: negativeFraction(found.basis),
      negativeEncodingFraction: negativeFraction(found.encoding),
      basisSparseness: hoyerSparseness(found.basis),
      localisation: options.imageSize.map { spatialLocalisation(found.basis, size: $0) },
      partsPerObservation: effectiveParts(contributions),
      adjustedRandIndex: agreement?.adjustedRand,
      normalizedMutualInformation: agreement?.mutualInformation,
      seconds: seconds)
  }

  /// How well hidden entries are foretold; nil when this rank cannot be fitted to what is left.
  private mutating func heldOutScore(_ method: ComparisonMethod) throws -> HeldOutEntries.Score? {
    guard let heldOut else { return nil }
    switch method {
    case .nmf:
      var quick = options.fit
      quick.maxIterations = min(quick.maxIterations, 500)
      return isLarge
        ? try heldOut.nmf(quick, as: Float.self, pool: pool)
        : try heldOut.nmf(quick, as: Double.self, pool: pool)
    case .pca, .ica:
      // ICA turns the principal components within their subspace: what it foretells is the same.
      if let principalScore { return principalScore }
      let score = try heldOut.filling(rounds: 20, pool: pool) { (filled, last: PCA<Double>?) in
        // Each round needs no more digits than the fill is looked at with.
        try PCA(
          Products(filled, pool: pool), rank: rank, seed: seed, method: method.title,
          start: last?.basis, tolerance: 1e-5)
      }
      principalScore = score
      return score
    case .vq:
      return try heldOut.filling(rounds: 20, pool: pool) { (filled, last: KMeans<Double>?) in
        if let last { return KMeans(filled, from: last.basis, pool: pool) }
        return try KMeans(filled, rank: rank, restarts: 3, seed: seed, threads: threads)
      }
    case .archetypes:
      return try heldOut.filling(
        rounds: x.rows * x.columns > 4_000_000 ? 2 : 5, pool: pool
      ) {
        (filled, _: ArchetypalAnalysis<Double>?) in
        try ArchetypalAnalysis(
          filled, rank: rank, seed: seed, maxIterations: 30, threads: threads)
      }
    }
  }

  /// The matched cosine of the basis with those of other starts.
  private func stability(
    _ method: ComparisonMethod, found: Description, notes: [String]
  ) throws -> (Double?, [String]) {
    // PCA has one answer, which no start changes.
    if method == .pca { return (1, notes) }
    let principal =
      method == .ica
      ? try PCA(Products(x, pool: pool), rank: rank, seed: seed, method: method.title) : nil
    let other: (Int) throws -> DenseMatrix<Double> = { index in
      let seed = self.seed &+ UInt64(index) &+ 1
      switch method {
      case .nmf:
        var random = options.fit
        random.initialization = .random
        random.restarts = 1
        random.seed = seed
        random.maxIterations = min(random.maxIterations, 500)
        if isLarge {
          return try fit(x.converted(to: Float.self), options: random, mayBeginTwice: false)
            .h.converted(to: Double.self)
        }
        random.threads = 1
        return try fit(x, options: random, mayBeginTwice: false).h
      case .pca, .vq, .ica, .archetypes:
        if let principal {
          var search = FastICA<Double>.Options()
          search.seed = seed
          search.threads = 1
          return try FastICA(principal, options: search, pool: ComputePool(threads: 1)).basis
        }
        var single = self
        single.useOneThread()
        return try single.describe(method, seed: seed).basis
      }
    }
    // The fits of large data have the cores one after another.
    let bases = try sideBySide(
      options.stabilityStarts, threads: isLarge && method == .nmf ? 1 : threads, other)
    let cosines = bases.map { matchedCosine(found.basis, $0) }
    return (cosines.reduce(0, +) / Double(max(1, cosines.count)), notes)
  }

  private mutating func useOneThread() {
    var changed = options
    changed.fit.threads = 1
    self = ComparisonWork(self, options: changed)
  }

  private init(_ other: ComparisonWork, options: ComparisonOptions) {
    x = other.x
    self.options = options
    pool = other.pool
    heldOut = nil
    floor = other.floor
    totalSquares = other.totalSquares
    varies = other.varies
    nullDivergence = other.nullDivergence
  }
}
