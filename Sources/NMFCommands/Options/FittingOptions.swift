internal import ArgumentParser
internal import NMF

/// What to fit, and when to stop.
struct FittingOptions: ParsableArguments {
  @Option(
    name: [
      .customShort("r"), .customShort("k"), .long, .customLong("components"),
      .customLong("n-components"),
    ],
    parsing: .unconditional,  // so that -r -1 is answered by a sentence about the rank
    help: ArgumentHelp(
      "How many parts to find, or auto: the answer of nnmf rank.", valueName: "rank"))
  var rank: RankChoice

  @Option(
    help: ArgumentHelp(
      "What to minimise: poisson (also kl, kullback-leibler) or frobenius (also ls, least-squares).",
      valueName: "loss"))
  var loss: Loss = .poisson

  @Option(help: "Where the first start lies; further ones are random.")
  var `init`: Initialization = .nndsvd

  @Option(help: "How the factors are moved; auto takes the fastest for the loss.")
  var solver: SolverName = .automatic

  @Option(
    parsing: .unconditional, help: "The seed of all randomness; the same seed gives the same bits.")
  var seed: UInt64 = 1

  @Option(
    name: [.long, .customLong("nrun"), .customLong("n-init")],
    parsing: .unconditional,
    help: "How many starts to fit; the best is kept.")
  var restarts = 1

  @Option(parsing: .unconditional, help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  @Option(
    name: [.long, .customLong("maxit"), .customLong("max-iterations")],
    parsing: .unconditional,
    help: ArgumentHelp("The most iterations a start may take.", valueName: "n"))
  var maxIter = FitOptions(rank: 1).maxIterations

  @Option(
    name: [.long, .customLong("tolerance")],
    parsing: .unconditional,
    help: ArgumentHelp("The largest KKT residual that counts as converged.", valueName: "number"))
  var tol = FitOptions(rank: 1).tolerance

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most seconds all starts may take.", valueName: "seconds"))
  var timeLimit: Double?

  @Option(help: "The precision of the factors: single or double.")
  var precision: Precision = .double

  @Option(
    help: ArgumentHelp("Start from these memberships, N × r; needs --start-h.", valueName: "file"),
    completion: .file())
  var startW: String?

  @Option(
    help: ArgumentHelp("Start from these parts, r × p; needs --start-w.", valueName: "file"),
    completion: .file())
  var startH: String?

  @Option(
    help: ArgumentHelp(
      "Write iteration, seconds, objective and KKT residual to this CSV file.", valueName: "file"),
    completion: .file())
  var trace: String?

  /// What the fit needs to know; an automatic rank is still 0 here.
  var fitOptions: FitOptions {
    var options = FitOptions(rank: rank.number ?? 0, loss: loss)
    options.solver = solver
    options.initialization = `init`
    options.seed = seed
    options.restarts = restarts
    options.threads = threads
    options.maxIterations = maxIter
    options.tolerance = tol
    options.timeLimit = timeLimit
    return options
  }

  /// The files of a given start, when there are any.
  var startFiles: StartFiles? {
    guard let startW, let startH else { return nil }
    return StartFiles(w: startW, h: startH)
  }

  /// Refuses what makes no sense whatever the data; the rank is judged with the data.
  func check() throws {
    try requireAtLeastOne(restarts, "--restarts")
    try requireAtLeastOne(maxIter, "--max-iter")
    if let threads { try requireAtLeastOne(threads, "--threads") }
    guard tol >= 0, tol.isFinite else {
      throw ValidationError("--tol must be a number of at least 0, but is \(tol).")
    }
    if let timeLimit, !(timeLimit > 0) {
      throw ValidationError("--time-limit must be more than 0 seconds, but is \(timeLimit).")
    }
    guard (startW == nil) == (startH == nil) else {
      throw ValidationError("--start-w and --start-h must be given together.")
    }
    if startW != nil, restarts > 1 {
      throw ValidationError("--restarts makes no sense with a given start; leave one of them out.")
    }
    try requireSolver(solver, for: loss)
  }
}

/// Refuses a solver that does not minimise the loss.
func requireSolver(_ solver: SolverName, for loss: Loss) throws {
  if (solver == .hals && loss == .poisson) || (solver == .scd && loss == .frobenius) {
    throw ValidationError(
      "--solver \(solver.argument) does not minimise --loss \(loss.rawValue); "
        + "leave out --solver, or use --solver mu.")
  }
}

/// Refuses a count below 1.
func requireAtLeastOne(_ value: Int, _ option: String) throws {
  guard value >= 1 else {
    throw ValidationError("\(option) must be at least 1, but is \(value).")
  }
}
