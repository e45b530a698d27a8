internal import Foundation
public import Matrices

/// What the observer of a fit wants.
public enum ObserverAnswer: Sendable {
  /// Go on.
  case proceed
  /// Stop after this iteration, and return what there is.
  case stop
}

/// What a fit tells its observer after each iteration.
public struct FitProgress: Sendable {
  /// The start being fitted, counted from 0.
  public var restart: Int
  /// How many starts there are.
  public var restarts: Int
  /// The iteration just done.
  public var entry: HistoryEntry
}

/// Fits X ≈ WH with W ≥ 0 and H ≥ 0.
///
/// Several starts go in rounds of 16: each does 30 iterations, and the best quarter of a round (at
/// least two starts) is followed to the end. Small fits run side by side, one a thread.
///
/// A small fit from one start is begun twice: with haste, and by the textbook's steps. They end in
/// different local optima, and the better is kept.
///
/// - Parameters:
///   - x: N observations × p features, all ≥ 0 and finite. All-zero rows and columns are allowed:
///     their factors are zero.
///   - options: The rank, the loss, and when to stop.
///   - start: W (N × r) and H (r × p) to start from instead of `options.initialization`.
///   - observe: Called after each iteration, by one thread at a time; it may ask to stop.
/// - Returns: The best of `options.restarts` fits, in canonical form, with W solved for the final H.
/// - Throws: `FitError` when the data or the options do not allow a fit.
/// - Complexity: O(N p r) an iteration for a dense X, O(entries · r) for a sparse one.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func fit<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, options: FitOptions,
  start: (w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>)? = nil,
  observe: ((FitProgress) -> ObserverAnswer)? = nil
) throws -> NMFModel<Scalar> {
  try fit(x, options: options, start: start, mayBeginTwice: true, observe: observe)
}

/// The same for work of many fits, where a second beginning of each would only cost time.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func fit<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, options: FitOptions,
  start: (w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>)? = nil, mayBeginTwice: Bool,
  observe: ((FitProgress) -> ObserverAnswer)? = nil
) throws -> NMFModel<Scalar> {
  try check(options, for: x)
  let pool = ComputePool(threads: options.threads)
  defer { pool.shutDown() }
  try checkEntries(x, pool: pool)
  let clock = Stopwatch()
  let problem = Problem(x, loss: options.loss, pool: pool)
  guard problem.sum > 0 else { throw FitError.nothingToFit }

  let (best, summaries) = try Restarts(
    problem: problem, options: options, start: start, mayBeginTwice: mayBeginTwice,
    clock: clock
  ).follow(observe)
  let report = FitReport(
    stopReason: best.stopReason, iterations: best.iterations, seconds: clock.seconds,
    objective: best.final.objective, kktResidual: best.final.kktResidual,
    nullObjective: problem.nullObjective,
    logLikelihood: options.loss == .poisson ? problem.logLikelihood(best.final) : nil,
    history: best.history, restarts: summaries)
  return NMFModel(
    w: best.w.matrix, h: best.ht.transposedMatrix, options: options, report: report)
}

extension NMFModel {
  /// Fits X ≈ WH with the default options, from numbers in row-major order.
  ///
  /// - Parameters:
  ///   - elements: `rows * columns` numbers, all ≥ 0 and finite; entry (i, j) is
  ///     `elements[i * columns + j]`.
  ///   - rows: Observations N.
  ///   - columns: Features p.
  ///   - rank: Components r, from 1 to max(N, p).
  ///   - loss: The loss to minimise.
  /// - Throws: `MatrixError` or `FitError`.
  public init(
    fitting elements: [Scalar], rows: Int, columns: Int, rank: Int, loss: Loss = .poisson
  ) throws {
    let x = try DenseMatrix(rows: rows, columns: columns, elements: elements)
    self = try fit(.dense(x), options: FitOptions(rank: rank, loss: loss))
  }
}

private func check<Scalar>(_ options: FitOptions, for x: DataMatrix<Scalar>) throws {
  let largest = max(x.rows, x.columns)
  guard options.rank >= 1, options.rank <= largest else {
    throw FitError.rankOutOfRange(rank: options.rank, largest: largest)
  }
  switch (options.solver, options.loss) {
  case (.hals, .poisson), (.scd, .frobenius):
    throw FitError.solverDoesNotFitLoss(solver: options.solver, loss: options.loss)
  default: break
  }
  precondition(options.restarts >= 1, "restarts must be at least 1")
  precondition(options.maxIterations >= 0, "maxIterations must not be negative")
  precondition(options.tolerance >= 0, "tolerance must not be negative")
}

/// Seconds since it was made.
struct Stopwatch {
  private let begin = DispatchTime.now().uptimeNanoseconds
  var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9 }
}
