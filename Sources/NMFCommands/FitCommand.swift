internal import ArgumentParser
internal import NMF

/// `nnmf fit counts.csv -r 10 --loss poisson -o counts.nnmf`
struct FitCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Factorise a matrix: memberships, parts, a model and a page to look at.",
    discussion: """
      Reads CSV, TSV, text, .npy, .npz, Matrix Market, 10x folders and folders of pictures. Rows are \
      observations, columns are features; --transpose is for files that have them the other way.

      Ctrl-C stops after the iteration at hand and writes what there is, marked as not converged \
      (exit status 130); a second one stops at once and writes nothing.

      Examples:
        nnmf fit counts.csv -r 10
        nnmf fit counts.csv -r auto
        nnmf fit faces/ -r 49 --loss frobenius --restarts 5
        nnmf fit filtered_gene_bc_matrices/ -r 9 -o cells.nnmf
      """)

  @Argument(help: "The data: a file, or a folder of pictures or of 10x files.", completion: .file())
  var data: String

  @OptionGroup(title: "Model") var fitting: FittingOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions
  @OptionGroup(title: "Results") var results: ResultOptions

  func validate() throws {
    try fitting.check()
  }

  func run(in environment: Environment) throws -> Int32 {
    try FitJob(
      request: FitRequest(
        path: data,
        reading: reading.readOptions(threads: fitting.threads),
        options: fitting.fitOptions,
        findsRank: fitting.rank == .automatic,
        precision: fitting.precision,
        startFiles: fitting.startFiles,
        tracePath: fitting.trace,
        outputPath: results.output ?? defaultOutputName(for: data),
        replacesOutput: results.force,
        verbosity: results.verbosity,
        command: environment.command),
      console: environment.console
    ).run().exitStatus
  }
}
