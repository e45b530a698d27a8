internal import ArgumentParser
internal import NMF
internal import NMFIO

/// `nnmf unique counts.csv -r 10`, or `nnmf unique counts.nnmf counts.csv`
struct UniqueCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "unique",
    abstract: "How far each part could move, which other solutions fit as well, and which to take.",
    discussion: """
      Fits from many starts and sorts the results into families, finds how far each part can turn \
      without any change to the fit, and checks what proves the parts unique or not. Exact for two \
      and three parts; for more, a lower bound of the room. --prefer chooses a solution by a \
      principle instead of by the start.

      Examples:
        nnmf unique counts.csv -r 10
        nnmf unique counts.nnmf counts.csv
        nnmf unique counts.csv -r 4 --entries 5 --prefer minimum-volume
      """)

  @Argument(
    help: "The data, or the results folder of a fit, followed by its data.", completion: .file())
  var modelOrData: String

  @Argument(help: "The data of the model.", completion: .file())
  var data: String?

  @OptionGroup(title: "Examination") var examination: ExaminationOptions
  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @OptionGroup(title: "Results") var results: ResultOptions

  func run(in environment: Environment) throws -> Int32 {
    // Not while parsing: the value of a misspelt option would be taken for the data of a model.
    try examination.check(hasModel: data != nil)
    let path = data ?? modelOrData
    return try UniqueJob(
      modelPath: data == nil ? nil : modelOrData, path: path,
      reading: reading.readOptions(threads: examination.threads),
      options: examination.uniquenessOptions, refits: examination.refit,
      outputPath: results.output ?? defaultOutputName(for: path, ending: ".unique"),
      replacesOutput: results.force, verbosity: results.verbosity,
      command: environment.command, console: environment.console
    ).run()
  }
}
