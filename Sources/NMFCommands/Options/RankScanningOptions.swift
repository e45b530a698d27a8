internal import ArgumentParser
internal import NMF

/// How much evidence a rank scan gathers.
struct RankScanningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What to minimise, and to predict with: poisson (also kl) or frobenius (also ls).",
      valueName: "loss"))
  var loss: Loss = .poisson

  @Option(help: "How the factors are moved; auto takes the fastest for the loss.")
  var solver: SolverName = .automatic

  @Option(help: "In how many folds the entries are hidden, each in one of them.")
  var folds = RankScanOptions().folds

  @Option(help: "How often the folds are dealt anew; more make the answer surer.")
  var repeats = RankScanOptions().repeats

  @Option(
    name: [.long, .customLong("nrun")],
    help: "Random starts per rank for stability; 0 leaves it out.")
  var restarts = RankScanOptions().restarts

  @Option(help: "Fits per rank to resampled rows; 0 leaves them out.")
  var bootstraps = RankScanOptions().bootstraps

  @Option(help: "The seed of all randomness; the same seed gives the same answer.")
  var seed: UInt64 = 1

  @Option(help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The most seconds to take; the answer is what there is then.", valueName: "seconds"))
  var timeLimit: Double?

  /// What the scan needs to know.
  var scanOptions: RankScanOptions {
    var options = RankScanOptions(loss: loss)
    options.fit.solver = solver
    options.folds = folds
    options.repeats = repeats
    options.restarts = restarts
    options.bootstraps = bootstraps
    options.fit.seed = seed
    options.fit.threads = threads
    options.fit.timeLimit = timeLimit
    return options
  }

  /// Refuses what makes no sense whatever the data.
  func check() throws {
    try requireSolver(solver, for: loss)
    guard folds >= 2 else { throw ValidationError("--folds must be at least 2, but is \(folds).") }
    try requireAtLeastOne(repeats, "--repeats")
    guard restarts >= 0, bootstraps >= 0 else {
      throw ValidationError("--restarts and --bootstraps must be at least 0.")
    }
    if let threads { try requireAtLeastOne(threads, "--threads") }
    if let timeLimit, !(timeLimit > 0) {
      throw ValidationError("--time-limit must be more than 0 seconds, but is \(timeLimit).")
    }
  }
}
