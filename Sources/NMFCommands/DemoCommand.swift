internal import ArgumentParser

/// `nnmf demo`
struct DemoCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the main job on data that ships with the program.",
    discussion: """
      Factorises handwritten digits and pictures of a swimmer, and names the pages to open. \
      Running it again replaces its own results.
      """)

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The folder for data and results.", valueName: "folder")
  )
  var output = "nnmf-demo"

  @Option(help: "Threads to compute with. (default: one a core)")
  var threads: Int?

  func validate() throws {
    if let threads { try requireAtLeastOne(threads, "--threads") }
  }

  func run(in environment: Environment) throws -> Int32 {
    try DemoJob(folder: output, threads: threads, environment: environment).run()
  }
}
