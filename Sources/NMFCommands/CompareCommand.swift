internal import ArgumentParser
internal import NMF
internal import NMFIO

/// `nnmf compare faces/ -r 49`
struct CompareCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "NMF beside PCA, vector quantisation and ICA, on the same data.",
    discussion: """
      Fits each method with the same number of components, draws basis × weights = sum for each, \
      measures all of them the same way, also on entries that were hidden, and says in three \
      sentences what the table means for these data.

      Examples:
        nnmf compare faces/ -r 49 --loss frobenius
        nnmf compare digits.csv -r 49 --image 8x8 --labels digit-labels.csv --show 1 5
        nnmf compare counts.csv -r 10 --archetypes
      """)

  @Argument(help: "The data: a file, or a folder of pictures or of 10x files.", completion: .file())
  var data: String

  @Option(
    name: [
      .customShort("r"), .customShort("k"), .long, .customLong("components"),
      .customLong("n-components"),
    ],
    parsing: .unconditional, help: "How many components each method gets.")
  var rank: Int

  @Option(
    help: ArgumentHelp(
      "What NMF minimises: poisson (also kl) or frobenius (also ls).", valueName: "loss"))
  var loss: Loss = .poisson

  @Option(help: "The seed of all randomness; the same seed gives the same bits.")
  var seed: UInt64 = 1

  @Option(help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  @Option(
    name: [.long, .customLong("max-iterations")],
    help: ArgumentHelp("The most iterations of NMF.", valueName: "n"))
  var maxIter = FitOptions(rank: 1).maxIterations

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Rows to show, counted from 1. (default: three, evenly spaced)", valueName: "row"))
  var show: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Known labels to compare groups with: one a line in the order of the rows, or a table with "
        + "the names of the rows first.", valueName: "file"), completion: .file())
  var labels: String?

  @Flag(help: "Archetypal analysis as well.")
  var archetypes = false

  @Flag(name: .customLong("no-held-out"), help: "Leave out the hidden entries, to save time.")
  var skipsHeldOut = false

  @Option(
    help: ArgumentHelp("Further starts to measure stability with; 0 leaves it out.", valueName: "n")
  )
  var starts = 3

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @OptionGroup(title: "Results") var results: ResultOptions

  func validate() throws {
    if let threads { try requireAtLeastOne(threads, "--threads") }
    try requireAtLeastOne(maxIter, "--max-iter")
    guard starts >= 0 else {
      throw ValidationError("--starts must be at least 0, but is \(starts).")
    }
  }

  func run(in environment: Environment) throws -> Int32 {
    var fit = FitOptions(rank: rank, loss: loss)
    fit.seed = seed
    fit.threads = threads
    fit.maxIterations = maxIter
    var options = ComparisonOptions(fit: fit)
    if archetypes { options.methods.append(.archetypes) }
    options.stabilityStarts = starts
    options.holdsOut = !skipsHeldOut
    try CompareJob(
      path: data, reading: reading.readOptions(threads: threads), options: options,
      shownRows: show, labelsPath: labels,
      outputPath: results.output ?? defaultOutputName(for: data, ending: ".compare"),
      replacesOutput: results.force, verbosity: results.verbosity,
      command: environment.command, console: environment.console
    ).run()
    return 0
  }
}
