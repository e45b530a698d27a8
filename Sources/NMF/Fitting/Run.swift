internal import Matrices

/// One start, followed to its end.
///
/// Its factors are its own, and one thread follows it at a time.
struct Run<Scalar: MatrixScalar>: @unchecked Sendable {
  private(set) var w: Factor<Scalar>
  private(set) var ht: Factor<Scalar>
  private(set) var stopReason = StopReason.iterationLimit
  private(set) var history: [HistoryEntry] = []
  /// The evaluation of the factors as returned.
  private(set) var final: Evaluation
  var iterations: Int { history.last?.iteration ?? 0 }

  private let problem: Problem<Scalar>
  private let options: FitOptions
  let index: Int
  private let clock: Stopwatch
  private var momentum: Momentum<Scalar>
  private let movesZeros: Bool
  private var isWarm: Bool
  /// The iteration at which the textbook's steps give way to the solver's; nil when they have.
  private var patientUntil: Int?
  private var revivals = 0
  private var rule: StoppingRule
  private var stuck = 0
  /// Whether it has stopped for good, so that the factors are in canonical form.
  private(set) var isOver = false

  /// - Parameter hasty: What a hasty run from the same start did, for one that begins patiently:
  ///   its history goes on in this one's. Nil for a run that begins with haste.
  init(
    _ problem: Problem<Scalar>, options: FitOptions, index: Int,
    start given: (w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>)?, clock: Stopwatch,
    after hasty: Run? = nil
  ) throws {
    self.problem = problem
    self.options = options
    self.index = index
    self.clock = clock
    rule = StoppingRule(
      tolerance: options.tolerance, exactObjective: problem.exactObjective)
    let alternation = makeAlternation(problem, options)
    movesZeros = alternation.movesZeros
    isWarm =
      problem.loss == .frobenius || options.solver == .mu || problem.mask != nil || hasty != nil
    let start: Start<Scalar>
    if let given, index == 0 {
      start = try Start(
        given: given, problem: problem, rank: options.rank, isScaled: hasty == nil)
    } else {
      start = try Start(
        problem, options: options, index: index, fillsZeros: !alternation.movesZeros,
        isScaled: hasty == nil)
    }
    w = start.w
    ht = start.ht
    final = Evaluation(
      objective: start.objective ?? problem.objective(w: w, ht: ht), kktResidual: .nan)
    momentum = Momentum(
      hasty == nil ? alternation : makePatientAlternation(problem, rank: options.rank),
      w: w, ht: ht, objective: final.objective,
      accelerates: hasty == nil && options.solver != .mu, pool: problem.pool)
    if let hasty {
      history = hasty.history
      patientUntil = hasty.iterations + patience
    } else {
      history.append(
        HistoryEntry(iteration: 0, seconds: clock.seconds, objective: final.objective))
    }
  }

  /// Iterates until a rule stops it, then solves W for the final parts in canonical form.
  ///
  /// - Parameters:
  ///   - pause: The iteration to pause at if no rule has stopped it before; nil for none.
  ///   - observe: Called after each iteration.
  mutating func iterate(until pause: Int? = nil, _ observe: ((FitProgress) -> ObserverAnswer)?) {
    stopReason = .iterationLimit
    if !isWarm, options.maxIterations > 0 { warmUp(observe) }
    while iterations < options.maxIterations {
      if let pause, iterations >= pause { return }
      if let patientUntil, iterations >= patientUntil { hasten() }
      momentum.advance()
      var entry = HistoryEntry(
        iteration: iterations + 1, seconds: clock.seconds,
        // An objective that has just become exact may lie above the last quick one, by rounding,
        // and that of a second beginning above the end of the first.
        objective: min(momentum.objective, history.last?.objective ?? .infinity))
      stuck = momentum.isStuck ? stuck + 1 : 0
      let isExhausted = stuck >= 3
      history.append(entry)
      let isSettled = rule.hasSettled(history) || isExhausted
      if isSettled || rule.isLandmark(entry.iteration) {
        let evaluation = problem.evaluate(w: momentum.w, ht: momentum.ht)
        entry.kktResidual = evaluation.kktResidual
        history[history.count - 1] = entry
        if isSettled, rule.isMet(by: evaluation), isMetWhenFinished(rule) {
          stopReason = .converged
        } else if isExhausted {
          stopReason = .precisionLimit
        }
      }
      let answer = observe?(
        FitProgress(restart: index, restarts: options.restarts, entry: entry))
      if answer == .stop, stopReason != .converged {
        stopReason = .stopped
        break
      }
      if stopReason == .converged || stopReason == .precisionLimit {
        guard entry.iteration < options.maxIterations, revive() else { break }
        stopReason = .iterationLimit
        stuck = 0
      } else if entry.iteration % 50 == 0 {
        revive()
      }
      if let limit = options.timeLimit, clock.seconds >= limit {
        stopReason = .timeLimit
        break
      }
    }
    momentum.endSteps()
    if stopReason != .converged { finish() }
    isOver = true
  }

  /// Moves to where least squares leads, if the likelihood is higher there.
  private mutating func warmUp(_ observe: ((FitProgress) -> ObserverAnswer)?) {
    isWarm = true
    // Without the padding of their rows: there are three more pairs of factors now.
    let before = (w: momentum.w.matrix, ht: momentum.ht.matrix)
    let start = NMF.warmUp(w: momentum.w, ht: momentum.ht, problem: problem) {
      let entry = HistoryEntry(
        iteration: 0, seconds: clock.seconds, objective: momentum.objective)
      let answer = observe?(
        FitProgress(restart: index, restarts: options.restarts, entry: entry))
      return answer != .stop && clock.seconds < options.timeLimit ?? .infinity
    }
    let objective = problem.objective(w: start.w, ht: start.ht)
    let isBetter = objective < momentum.objective
    (w, ht) = isBetter ? (start.w, start.ht) : (Factor(before.w), Factor(before.ht))
    momentum = Momentum(
      makeAlternation(problem, options), w: w, ht: ht,
      objective: isBetter ? objective : momentum.objective, accelerates: true, pool: problem.pool)
    if isBetter { revive() }
  }

  /// Goes on with the steps of the solver.
  private mutating func hasten() {
    patientUntil = nil
    momentum = Momentum(
      makeAlternation(problem, options), w: momentum.w, ht: momentum.ht,
      objective: momentum.objective, accelerates: true, pool: problem.pool)
  }

  /// Gives the start up: others are far ahead.
  mutating func drop() {
    stopReason = .dropped
    final = Evaluation(objective: momentum.objective, kktResidual: .nan)
    momentum.endSteps()
    isOver = true
  }

  /// The objective reached so far.
  var objective: Double { isOver ? final.objective : momentum.objective }

  var summary: RestartSummary {
    RestartSummary(
      index: index, objective: objective, iterations: iterations, stopReason: stopReason)
  }

  /// Finishes the factors as they are, and says whether they then still meet the rule.
  ///
  /// W is solved anew for the canonical parts, which can raise the residual of H a little: what is
  /// reported as converged must be so as it is returned.
  private mutating func isMetWhenFinished(_ rule: StoppingRule) -> Bool {
    momentum.pause()
    finish()
    let isMet = rule.isMet(by: final)
    if !isMet { forgetFinished() }
    return isMet
  }

  /// Gives up the room of finished factors: they are made anew in the end.
  private mutating func forgetFinished() { (w, ht) = (momentum.w, momentum.ht) }

  /// Whether dead components were given something to do, at most `rank` times in a run.
  @discardableResult
  private mutating func revive() -> Bool {
    guard movesZeros, revivals < options.rank, momentum.objective > problem.exactObjective,
      reviveDeadComponents(w: momentum.w, ht: momentum.ht, problem: problem)
    else { return false }
    revivals += 1
    momentum.restart()
    return true
  }

  /// Puts the parts in canonical form and solves W for them.
  private mutating func finish() {
    forgetFinished()
    ht = canonicalParts(w: momentum.w, ht: momentum.ht, loss: problem.loss, pool: problem.pool)
    (w, final) = problem.evaluatedMemberships(for: ht)
  }
}

/// The solver that the options ask for.
func makeAlternation<Scalar: MatrixScalar>(
  _ problem: Problem<Scalar>, _ options: FitOptions
) -> any Alternation<Scalar> {
  switch problem.loss {
  case .frobenius where problem.mask != nil:
    MaskedLeastSquaresAlternation(problem, rank: options.rank)
  case .frobenius:
    LeastSquaresAlternation(problem, rank: options.rank, multiplicative: options.solver == .mu)
  case .poisson:
    PoissonAlternation(problem, rank: options.rank, multiplicative: options.solver == .mu)
  }
}
