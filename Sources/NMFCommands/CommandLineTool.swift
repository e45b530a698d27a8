internal import ArgumentParser
internal import Foundation

/// The command `nnmf` and its subcommands.
struct CommandLineTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnmf",
    abstract: "Non-negative matrix factorization: X ≈ WH, with memberships W and parts H.",
    discussion: """
      Rows of X are observations, columns are features. Start with `nnmf demo`, or with \
      `nnmf fit DATA -r 10`, and open the report in the folder that it names.

      Exit status: 0 done; 1 bad data or failed, with one sentence on standard error; 64 misuse; \
      130 stopped by Ctrl-C, with what there was so far.
      """,
    version: "nnmf \(programVersion)",
    subcommands: [
      FitCommand.self, RankCommand.self, UniqueCommand.self, CompareCommand.self,
      CheckCommand.self, DemoCommand.self, DataCommand.self, TransformCommand.self,
      InfoCommand.self, VersionCommand.self,
    ])
}

/// A subcommand that does a job, apart from those that only print about the program.
protocol JobCommand: ParsableCommand {
  /// Does the job.
  ///
  /// - Returns: The exit status.
  func run(in environment: Environment) throws -> Int32
}

/// What a job needs from outside.
struct Environment: Sendable {
  /// Where to speak.
  var console: Console
  /// The command as typed, quoted for a shell.
  var command: String
}

/// Runs the program.
///
/// - Parameter arguments: The words after the name of the program.
/// - Returns: The exit status: 0 done, 1 bad data or failed, 64 misuse, 130 or 143 stopped early.
public func runCommandLine(_ arguments: [String]) -> Int32 {
  returnFreedBlocks()
  return runCommandLine(arguments, console: .standard)
}

func runCommandLine(_ arguments: [String], console: Console) -> Int32 {
  let command: any ParsableCommand
  do {
    command = try CommandLineTool.parseAsRoot(arguments)
  } catch {
    return report(error, to: console)
  }
  do {
    let environment = Environment(console: console, command: shellCommand(["nnmf"] + arguments))
    if let job = command as? any JobCommand { return try job.run(in: environment) }
    var other = command
    try other.run()
    return 0
  } catch let error as CleanExit {
    return report(error, to: console)
  } catch let error as ValidationError {
    let name = type(of: command).configuration.commandName ?? ""
    console.writeMessage(
      "Error: \(error.message)\n  See 'nnmf \(name) --help' for more information.\n")
    return ExitCode.validationFailure.rawValue
  } catch {
    // Help for a command without a subcommand also arrives as an error.
    if CommandLineTool.exitCode(for: error) == .success { return report(error, to: console) }
    console.writeMessage("nnmf: error: \(sentence(for: error))\n")
    return 1
  }
}

/// Prints what the parser has to say: help on one side, misuse on the other.
private func report(_ error: any Error, to console: Console) -> Int32 {
  let status = CommandLineTool.exitCode(for: error)
  let message = CommandLineTool.fullMessage(for: error)
  if status == .success { console.print(message) } else { console.writeMessage(message + "\n") }
  return status.rawValue
}
