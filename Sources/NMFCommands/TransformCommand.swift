internal import ArgumentParser

/// `nnmf transform counts.nnmf new.csv -o new-memberships.csv`
struct TransformCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Memberships of new observations, with the parts of a model held fixed.",
    discussion: """
      Of the data the model was fitted to, it gives the fitted memberships.

      Examples:
        nnmf transform counts.nnmf new.csv
        nnmf transform counts.nnmf new.csv -o memberships.npy
      """)

  @Argument(help: "The results folder of a fit.", completion: .directory)
  var model: String

  @Argument(help: "The new observations, with the same features.", completion: .file())
  var data: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this .csv or .npy file. (default: CSV to the terminal)", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @Option(help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Replace the file that is there.")
  var force = false

  func validate() throws {
    if let threads { try requireAtLeastOne(threads, "--threads") }
  }

  func run(in environment: Environment) throws -> Int32 {
    try TransformJob(
      modelPath: model, dataPath: data, reading: reading.readOptions(threads: threads),
      threads: threads, outputPath: output, replacesOutput: force, console: environment.console
    ).run()
    return 0
  }
}
