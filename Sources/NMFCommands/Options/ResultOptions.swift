internal import ArgumentParser

/// Where results go, and how much is said.
struct ResultOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The folder for the results. (default: the name of the data plus .nnmf, .rank, .compare or .unique)",
      valueName: "folder"))
  var output: String?

  @Flag(name: .shortAndLong, help: "Replace the results that are there.")
  var force = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  @Flag(help: "Print the answer as JSON instead of text.")
  var json = false

  /// How much is said.
  var verbosity: Verbosity { Verbosity(isQuiet: quiet, printsJSON: json) }
}

/// How much a job says, and in which form.
struct Verbosity: Sendable {
  /// Nothing but errors, and JSON if asked for.
  var isQuiet = false
  /// JSON instead of text.
  var printsJSON = false
}
