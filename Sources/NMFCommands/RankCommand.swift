internal import ArgumentParser
internal import NMF
internal import NMFIO

/// `nnmf rank counts.csv -r 2..20`
struct RankCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "How many parts: an answer, the evidence, and how sure it is.",
    discussion: """
      Hides entries of X, zeros included, fits the others, and scores the prediction of the hidden \
      ones, for each rank; also against chance, over restarts and resampled rows, and by relevance \
      determination. Without -r the ranks are chosen from the data.

      Every fit is stored as it comes, in OUTPUT.journal: after a stop, or for a wider range, the same \
      command with --resume does only what is missing. `nnmf fit DATA -r auto` takes the answer.

      Examples:
        nnmf rank counts.csv
        nnmf rank counts.csv -r 2..20 --loss poisson
        nnmf rank counts.csv -r 2..40 --resume
      """)

  @Argument(help: "The data: a file, or a folder of pictures or of 10x files.", completion: .file())
  var data: String

  @Option(
    name: [.customShort("r"), .customShort("k"), .customLong("ranks"), .customLong("rank")],
    parsing: .unconditional,
    help: ArgumentHelp("The ranks to look at. (default: chosen from the data)", valueName: "2..20"))
  var ranks: RankRange?

  @OptionGroup(title: "Evidence") var scan: RankScanningOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @OptionGroup(title: "Results") var results: ResultOptions

  @Flag(help: "Go on with what an earlier run of the same scan has stored.")
  var resume = false

  func validate() throws {
    try scan.check()
    if let ranks, ranks.lower > ranks.upper {
      throw ValidationError(
        "-r \(ranks.lower)..\(ranks.upper) is upside down; write the smaller rank first.")
    }
  }

  func run(in environment: Environment) throws -> Int32 {
    var options = scan.scanOptions
    // A range that no matrix can have is told apart from one that this matrix cannot have.
    if let ranks {
      guard ranks.lower >= 1 else {
        throw CommandFailure(
          "the ranks must be at least 1, but -r is \(ranks.lower)..\(ranks.upper).")
      }
      options.ranks = ranks.lower...ranks.upper
    }
    return try RankJob(
      path: data, reading: reading.readOptions(threads: scan.threads), options: options,
      outputPath: results.output ?? defaultOutputName(for: data, ending: ".rank"),
      replacesOutput: results.force,
      resumes: resume, verbosity: results.verbosity,
      command: environment.command, console: environment.console
    ).run().exitStatus
  }
}
