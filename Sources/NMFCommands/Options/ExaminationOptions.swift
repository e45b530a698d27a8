public import ArgumentParser
public import NMF

/// What `nnmf unique` examines.
struct ExaminationOptions: ParsableArguments {
  @Option(
    name: [
      .customShort("r"), .customShort("k"), .long, .customLong("components"),
      .customLong("n-components"),
    ],
    parsing: .unconditional,
    help: "How many parts. (default: those of the model)")
  var rank: Int?

  @Option(
    help: ArgumentHelp(
      "What to minimise: poisson (also kl) or frobenius (also ls). (default: poisson, or the model's)",
      valueName: "loss"))
  var loss: Loss?

  @Option(
    name: [.long, .customLong("nrun"), .customLong("n-init")],
    help: "How many starts to compare.")
  var restarts = UniquenessOptions(rank: 1).fit.restarts

  @Option(
    help: ArgumentHelp(
      """
      How much worse another solution may fit and still be as good, as a share of the objective. \
      (default: what 95 % confidence allows, a deviance higher by 3.84)
      """, valueName: "share"))
  var tolerance: Double?

  @Option(
    help: ArgumentHelp(
      "Intervals within the tolerance, everything else refitted, for this many entries of each part.",
      valueName: "n"))
  var entries = 0

  @Flag(
    help:
      "The exact interval of every entry, by two linear programmes each (more than three parts).")
  var allEntries = false

  @Option(
    help: ArgumentHelp(
      "Choose a solution by a principle, not by the start: minimum-volume, sparse or separable.",
      valueName: "principle"))
  var prefer: Preference?

  @Flag(help: "Fit a model that had not converged to its end first.")
  var refit = false

  @Option(help: "The seed of all randomness; the same seed gives the same answer.")
  var seed: UInt64 = 1

  @Option(help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  @Option(
    name: [.long, .customLong("maxit"), .customLong("max-iterations")],
    help: ArgumentHelp("The most iterations a start may take.", valueName: "n"))
  var maxIter = UniquenessOptions(rank: 1).fit.maxIterations

  @Option(help: ArgumentHelp("The most seconds all starts may take.", valueName: "seconds"))
  var timeLimit: Double?

  /// What the examination needs to know; the rank is 0 where it is left to the model.
  var uniquenessOptions: UniquenessOptions {
    var options = UniquenessOptions(rank: rank ?? 0, loss: loss ?? .poisson)
    options.fit.restarts = restarts
    options.fit.seed = seed
    options.fit.threads = threads
    options.fit.maxIterations = maxIter
    options.fit.timeLimit = timeLimit
    options.tolerance = tolerance
    options.entries = entries
    options.allEntries = allEntries
    options.preference = prefer
    return options
  }

  /// Refuses what makes no sense whatever the data.
  func check(hasModel: Bool) throws {
    if hasModel {
      if rank != nil || loss != nil {
        throw ValidationError("-r and --loss are those of the model; leave them out.")
      }
    } else if rank == nil {
      throw ValidationError(
        "say how many parts with -r; or name the results folder of a fit and then its data: "
          + "nnmf unique MODEL DATA.")
    }
    if refit, !hasModel {
      throw ValidationError("--refit is for a model; name its folder before the data.")
    }
    try requireAtLeastOne(restarts, "--restarts")
    try requireAtLeastOne(maxIter, "--max-iter")
    guard entries >= 0 else {
      throw ValidationError("--entries must be at least 0, but is \(entries).")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be more than 0, but is \(tolerance).")
    }
    if let threads { try requireAtLeastOne(threads, "--threads") }
    if let timeLimit, !(timeLimit > 0) {
      throw ValidationError("--time-limit must be more than 0 seconds, but is \(timeLimit).")
    }
  }
}

extension Preference: ExpressibleByArgument {}
