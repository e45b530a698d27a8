public import Matrices

/// Vector quantisation: every observation is described by one prototype (k-means).
///
/// Minimises Σᵢ ‖xᵢ − c(i)‖² (Lloyd 1982; ESL §13.2.1 and §14.3.9). As a factorisation the basis
/// holds the prototypes, and a row of the encoding is 1 at its prototype and 0 elsewhere: the VQ of
/// Lee & Seung (1999).
public struct KMeans<Scalar: MatrixScalar>: Decomposition {
  /// The prototypes, r × p, the one with most observations first: means of their observations.
  public let basis: DenseMatrix<Scalar>
  /// One 1 a row, N × r.
  public let encoding: DenseMatrix<Scalar>
  /// All zero: nothing is subtracted.
  public let centre: [Scalar]
  /// The prototype of each observation.
  public let labels: [Int]
  /// Σᵢ ‖xᵢ − c(i)‖².
  public let inertia: Double
  /// Iterations of the start that was kept.
  public let iterations: Int
  /// Whether no observation changed its prototype in the last iteration.
  public let converged: Bool

  /// Finds prototypes.
  ///
  /// Each start is greedy k-means++ (Arthur & Vassilvitskii 2007; 2 + ⌊log r⌋ candidates a
  /// prototype), followed by exact iterations that leave out the distances which bounds make
  /// superfluous (Hamerly 2010), until no observation changes its prototype. Dense observations are
  /// then moved one by one where that lowers the sum, counting how the means move with them (Hartigan
  /// 1975; Telgarsky & Vattani 2010), and iterated again. A prototype that loses
  /// all its observations takes the observation farthest from its own. With more features than
  /// observations all of it happens in coordinates of the span of the observations, which have the
  /// same distances. The same seed gives the same bits at any number of threads.
  ///
  /// - Parameters:
  ///   - x: N observations × p features, finite; a sparse one is never filled in.
  ///   - rank: Prototypes, 1…the number of distinct observations.
  ///   - restarts: Starts; the best is kept.
  ///   - seed: The seed of the starts.
  ///   - maxIterations: The most iterations of a start.
  ///   - threads: Threads to compute with; nil for one a core.
  /// - Throws: `DecompositionError`.
  /// - Complexity: O(N p r) for the first iteration of a start, less for the later ones.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ x: DataMatrix<Scalar>, rank: Int, restarts: Int = 10, seed: UInt64 = 1,
    maxIterations: Int = 300, threads: Int? = nil
  ) throws {
    precondition(restarts >= 1, "restarts must be at least 1")
    guard rank >= 1, rank <= x.rows else {
      throw DecompositionError.rankOutOfRange(method: "VQ", rank: rank, largest: x.rows)
    }
    try requireFinite(x)
    let distinct = distinctRowCount(of: x, upTo: rank)
    guard distinct >= rank else {
      throw DecompositionError.tooFewDistinctRows(prototypes: rank, distinct: distinct)
    }
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    let points = try Points(x, pool: pool)
    // Starts side by side leave no core idle; with fewer starts than threads, rows are shared out.
    let runs: [PrototypeSearch<Scalar>.Outcome]
    if restarts >= pool.threads, pool.threads > 1 {
      runs = try sideBySide(restarts, threads: pool.threads) { index in
        let own = ComputePool(threads: 1)
        return PrototypeSearch(points, rank: rank, pool: own)
          .run(seed: seed, stream: index, maxIterations: maxIterations)
      }
    } else {
      let search = PrototypeSearch(points, rank: rank, pool: pool)
      runs = (0..<restarts).map {
        search.run(seed: seed, stream: $0, maxIterations: maxIterations)
      }
    }
    var best = runs[0]
    for run in runs where run.inertia < best.inertia { best = run }
    self.init(x, assignment: best.labels, rank: rank, outcome: best, pool: pool)
  }

  /// Continues from given prototypes with one start.
  init(_ x: DataMatrix<Scalar>, from prototypes: DenseMatrix<Scalar>, pool: ComputePool) {
    let points = Points(plain: x, pool: pool)
    let outcome = PrototypeSearch(points, rank: prototypes.rows, pool: pool)
      .run(from: prototypes, maxIterations: 300)
    self.init(
      x, assignment: outcome.labels, rank: prototypes.rows, outcome: outcome, pool: pool)
  }

  private init(
    _ x: DataMatrix<Scalar>, assignment: [Int], rank: Int,
    outcome: PrototypeSearch<Scalar>.Outcome, pool: ComputePool
  ) {
    var sizes = [Int](repeating: 0, count: rank)
    for label in assignment { sizes[label] += 1 }
    let order = (0..<rank).sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    var place = [Int](repeating: 0, count: rank)
    for (new, old) in order.enumerated() { place[old] = new }
    let labels = assignment.map { place[$0] }
    let means = clusterMeans(x, labels: labels, rank: rank, pool: pool)
    basis = means.converted(to: Scalar.self)
    inertia = squaredDistances(x, to: means, labels: labels, pool: pool).reduce(0, +)
    var encoding = DenseMatrix<Scalar>(rows: x.rows, columns: rank)
    for (i, label) in labels.enumerated() { encoding[i, label] = 1 }
    self.encoding = encoding
    self.labels = labels
    centre = [Scalar](repeating: 0, count: x.columns)
    iterations = outcome.iterations
    converged = outcome.converged
  }

  /// The nearest prototype of each new observation, as a 1 in its column.
  public func transform(
    _ x: DataMatrix<Scalar>, threads: Int? = nil
  ) throws -> DenseMatrix<Scalar> {
    try requireColumns(of: x)
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    let labels = PrototypeSearch(Points(plain: x, pool: pool), rank: rank, pool: pool)
      .nearest(to: basis)
    var encoding = DenseMatrix<Scalar>(rows: x.rows, columns: rank)
    for (i, label) in labels.enumerated() { encoding[i, label] = 1 }
    return encoding
  }
}

/// The number of distinct rows, counted no further than `limit`.
func distinctRowCount<Scalar: MatrixScalar>(of x: DataMatrix<Scalar>, upTo limit: Int) -> Int {
  var seen = Set<[Scalar]>()
  for i in 0..<x.rows where seen.count < limit {
    switch x {
    case .dense(let matrix): seen.insert(Array(matrix.row(i)))
    case .sparse(let matrix):
      let range = matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1]
      seen.insert(
        matrix.columnIndices[range].map { Scalar($0) } + Array(matrix.values[range]))
    }
  }
  return seen.count
}
