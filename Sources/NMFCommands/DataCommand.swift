internal import ArgumentParser
internal import NMFIO

/// `nnmf data digits -o digits.csv`
struct DataCommand: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Write a data set that ships with the program to a file, or list them.",
    discussion: """
      Examples:
        nnmf data
        nnmf data digits -o digits.csv
        nnmf data swimmer -o swimmer.npy
      """)

  @Argument(help: "The name of the data set; without it, all are listed.")
  var name: ShippedData?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write to this .csv or .npy file. (default: NAME.csv)", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(name: .shortAndLong, help: "Replace the file that is there.")
  var force = false

  func run(in environment: Environment) throws -> Int32 {
    guard let name else {
      environment.console.print(shippedDataList())
      return 0
    }
    let path = output ?? name.rawValue + ".csv"
    try writeShippedData(name, to: path, replacing: force)
    environment.console.note("wrote \(path)")
    return 0
  }
}
