internal import ArgumentParser

/// `nnmf info counts.nnmf`
struct InfoCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Print the summary of a result again.",
    discussion: "Example: nnmf info counts.nnmf")

  @Argument(help: "The results folder of a fit.", completion: .directory)
  var model: String

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run(in environment: Environment) throws -> Int32 {
    let folder = try ModelFolder(path: model)
    environment.console.print(
      json ? folder.manifest.json(.brief).trimmingLineEnd : try folder.summary())
    return 0
  }
}
