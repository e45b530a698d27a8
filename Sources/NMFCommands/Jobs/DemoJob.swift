internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO

/// The main job on the data that ships with the program, each as `nnmf fit` would do it.
struct DemoJob {
  var folder: String
  var threads: Int?
  var environment: Environment

  /// Does the job.
  ///
  /// - Returns: The exit status: that of the first fit that was stopped, or 0.
  func run() throws -> Int32 {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure("\(folder) cannot be created; -o names another folder.")
    }
    var pages: [String] = []
    for example in [Example.digits, Example.swimmer] {
      let outcome = try run(example)
      guard outcome.exitStatus == 0 else { return outcome.exitStatus }
      pages.append(outcome.folder + "/" + FitResults<Double>.pageName)
    }
    environment.console.print("Now open these pages:\n  " + pages.joined(separator: "\n  "))
    return 0
  }

  private struct Example {
    var data: ShippedData
    var rank: Int
    var loss: Loss

    static let digits = Example(data: .digits, rank: 16, loss: .poisson)
    static let swimmer = Example(data: .swimmer, rank: 17, loss: .frobenius)
  }

  private func run(_ example: Example) throws -> FitOutcome {
    let file = "\(folder)/\(example.data.rawValue).csv"
    let output = "\(folder)/\(example.data.rawValue).nnmf"
    let about = example.data.about
    try writeShippedData(example.data, to: file, replacing: true)
    var options = FitOptions(rank: example.rank, loss: example.loss)
    options.threads = threads
    var reading = ReadOptions()
    reading.imageSize = about.image
    var words = [
      "nnmf", "fit", file, "-r", "\(example.rank)", "--loss", example.loss.rawValue, "--image",
      "\(about.image.width)x\(about.image.height)", "-o", output,
    ]
    if let threads { words += ["--threads", "\(threads)"] }
    let command = shellCommand(words)
    environment.console.print(about.story + "\n$ " + command)
    let outcome = try FitJob(
      request: FitRequest(
        path: file, reading: reading, options: options, outputPath: output, replacesOutput: true,
        command: command),
      console: environment.console
    ).run()
    environment.console.print("")
    return outcome
  }
}
