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

extension Problem {
  /// Fits the entries that count, from one start, without the final solution for W.
  ///
  /// The steps, the objective and the stopping rule are those of `fit`; only entries are left out.
  ///
  /// - Parameters:
  ///   - options: Rank, loss, tolerance and the most iterations.
  ///   - index: 0 for the initialisation that the options name; others are random starts.
  ///   - isCancelled: Asked after each iteration.
  /// - Throws: `MatrixError` when the decomposition for a start fails.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func fitVisible(
    options: FitOptions, index: Int, isCancelled: () -> Bool = { false }
  ) throws -> VisibleFit<Scalar> {
    let alternation = makeAlternation(self, options)
    let start = try Start(
      self, options: options, index: index, fillsZeros: !alternation.movesZeros)
    let first = evaluate(w: start.w, ht: start.ht)
    let momentum = Momentum(
      alternation, w: start.w, ht: start.ht, objective: first.objective, noise: noise,
      accelerates: options.solver != .mu, pool: pool)
    var rule = StoppingRule(tolerance: options.tolerance, exactObjective: exactObjective)
    var history = [HistoryEntry(iteration: 0, seconds: 0, objective: first.objective)]
    var stuck = 0
    var converged = false
    while history.count <= options.maxIterations, !isCancelled() {
      momentum.advance()
      history.append(
        HistoryEntry(iteration: history.count, seconds: 0, objective: momentum.objective))
      stuck = momentum.isStuck ? stuck + 1 : 0
      guard rule.hasSettled(history) || stuck >= 3 else { continue }
      converged = rule.isMet(by: evaluate(w: momentum.w, ht: momentum.ht))
      if converged || stuck >= 3 { break }
    }
    return VisibleFit(
      w: momentum.w, ht: momentum.ht, objective: momentum.objective,
      iterations: history.count - 1, converged: converged)
  }
}
