internal import ArgumentParser

/// `nnmf version`
struct VersionCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run(in environment: Environment) throws -> Int32 {
    environment.console.print("nnmf \(programVersion)")
    return 0
  }
}
