internal import ArgumentParser

/// `nnmf check counts.csv`
struct CheckCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what a file holds and what is odd about it, with the flag that deals with it.",
    discussion: """
      Exit status 0 whatever is found; 1 when the file cannot be read.

      Examples:
        nnmf check counts.csv
        nnmf check genes-by-samples.tsv --transpose
      """)

  @Argument(help: "The data: a file, or a folder of pictures or of 10x files.", completion: .file())
  var data: String

  @OptionGroup(title: "Reading") var reading: ReadingOptions

  @Option(help: "Threads to read with. (default: one a core)")
  var threads: Int?

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    if let threads { try requireAtLeastOne(threads, "--threads") }
  }

  func run(in environment: Environment) throws -> Int32 {
    let check = try DataCheck(path: data, reading: reading.readOptions(threads: threads))
    environment.console.print(json ? check.json : check.text)
    return 0
  }
}
