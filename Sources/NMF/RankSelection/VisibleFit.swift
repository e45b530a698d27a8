internal import Matrices

/// Factors that were fitted to a problem, possibly with hidden entries, and how that ended.
struct VisibleFit<Scalar: MatrixScalar> {
  let w: Factor<Scalar>
  let ht: Factor<Scalar>
  /// The objective over the entries that count.
  let objective: Double
  let iterations: Int
  /// Whether the KKT residual and the change of the objective both became small.
  let converged: Bool
}

/// The same as values, to be kept and shared between threads.
struct StoredFit<Scalar: MatrixScalar>: Sendable {
  let w: DenseMatrix<Scalar>
  let ht: DenseMatrix<Scalar>
  let objective: Double
  let iterations: Int
  let converged: Bool

  init(_ fit: VisibleFit<Scalar>) {
    w = fit.w.matrix
    ht = fit.ht.matrix
    objective = fit.objective
    iterations = fit.iterations
    converged = fit.converged
  }
}

extension VisibleFit {
  init(_ stored: StoredFit<Scalar>) {
    self.init(
      w: Factor(stored.w), ht: Factor(stored.ht), objective: stored.objective,
      iterations: stored.iterations, converged: stored.converged)
  }
}

/// A fit of the entries that count, from one start, without the final solution for W.
///
/// The steps, the objective and the stopping rule are those of `fit`; only entries are left out.
struct VisibleRun<Scalar: MatrixScalar> {
  private let problem: Problem<Scalar>
  private let momentum: Momentum<Scalar>
  private let most: Int
  private var rule: StoppingRule
  private var history: [HistoryEntry]
  private var stuck = 0
  private var converged = false
  /// Whether a rule has stopped it.
  private(set) var isOver = false

  /// - Parameters:
  ///   - problem: What is fitted.
  ///   - options: Rank, loss, tolerance and the most iterations.
  ///   - index: 0 for the initialisation that the options name; others are random starts.
  /// - Throws: `MatrixError` when the decomposition for a start fails.
  init(_ problem: Problem<Scalar>, options: FitOptions, index: Int) throws {
    let alternation = makeAlternation(problem, options)
    let start = try Start(
      problem, options: options, index: index, fillsZeros: !alternation.movesZeros)
    let first = problem.evaluate(w: start.w, ht: start.ht)
    self.problem = problem
    momentum = Momentum(
      alternation, w: start.w, ht: start.ht, objective: first.objective,
      accelerates: options.solver != .mu, pool: problem.pool)
    most = options.maxIterations
    rule = StoppingRule(tolerance: options.tolerance, exactObjective: problem.exactObjective)
    history = [HistoryEntry(iteration: 0, seconds: 0, objective: first.objective)]
  }

  var objective: Double { momentum.objective }

  /// Goes on until a rule stops it.
  ///
  /// - Parameters:
  ///   - pause: The iteration to pause at if no rule has stopped it before; nil for none.
  ///   - isCancelled: Asked before each iteration.
  mutating func iterate(until pause: Int? = nil, isCancelled: () -> Bool = { false }) {
    while !isOver, history.count <= min(most, pause ?? most), !isCancelled() {
      momentum.advance()
      history.append(
        HistoryEntry(iteration: history.count, seconds: 0, objective: momentum.objective))
      stuck = momentum.isStuck ? stuck + 1 : 0
      guard rule.hasSettled(history) || stuck >= 3 else { continue }
      converged = rule.isMet(by: problem.evaluate(w: momentum.w, ht: momentum.ht))
      isOver = converged || stuck >= 3
    }
  }

  /// The factors as they are.
  var fit: VisibleFit<Scalar> {
    VisibleFit(
      w: momentum.w, ht: momentum.ht, objective: momentum.objective,
      iterations: history.count - 1, converged: converged)
  }
}

extension Problem {
  /// Fits the entries that count, from one start; see `VisibleRun`.
  func fitVisible(
    options: FitOptions, index: Int, isCancelled: () -> Bool = { false }
  ) throws -> VisibleFit<Scalar> {
    var run = try VisibleRun(self, options: options, index: index)
    run.iterate(isCancelled: isCancelled)
    return run.fit
  }
}
