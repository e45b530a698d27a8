public import Matrices

/// Archetypal analysis: observations as mixtures of extreme ones, which are mixtures of observations.
///
/// Minimises ‖X − W B X‖² where the rows of W and of B are shares, ≥ 0 with sum 1 (Cutler & Breiman
/// 1994; ESL §14.6.1). The basis H = BX are the archetypes, the encoding is W. Archetypes lie in the
/// convex hull of the observations; entries of X may be negative.
public struct ArchetypalAnalysis<Scalar: MatrixScalar>: Decomposition {
  /// The archetypes H = BX, r × p, the one with the largest share of all observations first.
  public let basis: DenseMatrix<Scalar>
  /// Shares W, N × r: each row sums to 1.
  public let encoding: DenseMatrix<Scalar>
  /// All zero: nothing is subtracted.
  public let centre: [Scalar]
  /// The observations that archetypes may be mixed of, rows of X.
  public let candidates: [Int]
  /// Shares B of the candidates in each archetype, r × candidates: each row sums to 1.
  public let mixture: DenseMatrix<Double>
  /// ½‖X − WH‖² after each iteration: it never rises.
  public let objectives: [Double]
  /// Whether the last iteration lowered the objective by less than the tolerance.
  public let converged: Bool

  /// Finds archetypes.
  ///
  /// Starts from the observations of FurthestSum (Mørup & Hansen 2012), then alternates between W and
  /// the rows of B, each by pairwise exchanges of shares with exact steps (Lacoste-Julien & Jaggi
  /// 2015). With more than 2,048 observations, archetypes are mixed of those 2,048 that are most
  /// extreme along random directions, which is where corners of the hull are.
  ///
  /// - Parameters:
  ///   - x: N observations × p features, finite.
  ///   - rank: Archetypes, 1…N.
  ///   - seed: The seed of the first observation and of the directions.
  ///   - maxIterations: The most iterations.
  ///   - tolerance: The relative decrease of the objective that counts as none.
  ///   - threads: Threads to compute with; nil for one a core.
  /// - Throws: `DecompositionError`.
  /// - Complexity: O(N p r) an iteration, and O(M²) memory for M candidates.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ x: DataMatrix<Scalar>, rank: Int, seed: UInt64 = 1, maxIterations: Int = 200,
    tolerance: Double = 1e-5, threads: Int? = nil
  ) throws {
    guard rank >= 1, rank <= x.rows else {
      throw DecompositionError.rankOutOfRange(method: "Archetypes", rank: rank, largest: x.rows)
    }
    try requireFinite(x)
    let distinct = distinctRowCount(of: x, upTo: rank)
    guard distinct >= rank else {
      throw DecompositionError.tooFewDistinctRows(prototypes: rank, distinct: distinct)
    }
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    var search = ArchetypeSearch(Products(x, pool: pool), rank: rank, seed: seed)
    var objectives: [Double] = []
    var converged = false
    while objectives.count < maxIterations, !converged {
      objectives.append(search.iterate())
      if objectives.count > 1 {
        let (before, now) = (objectives[objectives.count - 2], objectives[objectives.count - 1])
        converged = before - now <= tolerance * before
      }
    }
    search.solveShares()
    let order = search.order()
    candidates = search.candidates
    mixture = search.mixture(order)
    basis = search.archetypes(order)
    encoding = search.shares(order)
    centre = [Scalar](repeating: 0, count: x.columns)
    self.objectives = objectives
    self.converged = converged
  }

  /// The shares of the archetypes in new observations.
  public func transform(
    _ x: DataMatrix<Scalar>, threads: Int? = nil
  ) throws -> DenseMatrix<Scalar> {
    try requireColumns(of: x)
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    let ht = Factor(transposing: basis, pool: pool)
    let products = makeDouble(Products(x, pool: pool).multiply(ht))
    let shares = Factor<Double>(rows: x.rows, rank: rank)
    for i in 0..<x.rows {
      for k in 0..<rank { shares[i, k] = 1 / Double(rank) }
    }
    solveShares(shares, products: products, gram: crossProduct(ht, ht, pool: pool), pool: pool)
    return shares.matrix.converted(to: Scalar.self)
  }
}
