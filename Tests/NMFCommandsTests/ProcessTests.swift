import Foundation
import NMF
import Testing

@testable import NMFCommands

/// What only a process of its own can show: streams, exit status, signals.
@Suite(.enabled(if: Executable.path != nil, "the executable nnmf is not beside the tests"))
struct ProcessTests {
  private static let endless = ["--tol", "0", "--max-iter", "1000000000", "--restarts", "1000000"]

  @Test func `a failure is one line on standard error and status 1`() throws {
    let scratch = try Scratch()
    let result = try Executable.run(["fit", "none.csv", "-r", "2"], in: scratch)
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.messages.hasPrefix("nnmf: error: none.csv"))
    #expect(result.messages.split(separator: "\n").count == 1)
  }

  @Test func `in a pipe a fit prints its summary and no progress`() throws {
    let scratch = try Scratch()
    _ = try scratch.write(plantedCounts(), to: "x.csv")
    let result = try Executable.run(["fit", "x.csv", "-r", "2"], in: scratch)
    #expect(result.status == 0)
    #expect(result.output.contains("x.nnmf"))
    #expect(!result.messages.contains("\r") && !result.messages.contains("\u{1B}"))
    #expect(try scratch.contents() == ["x.csv", "x.nnmf"])
    let manifest = try ModelFolder(path: scratch.file("x.nnmf")).manifest
    #expect(manifest.command == "nnmf fit x.csv -r 2")
  }

  @Test func `a killed fit leaves no results, and the next one removes its traces`() throws {
    let scratch = try Scratch()
    _ = try scratch.write(plantedCounts(), to: "x.csv")
    let process = try Executable.start(["fit", "x.csv", "-r", "2"] + Self.endless, in: scratch)
    try waitUntil { try scratch.contents().count > 1 }
    Thread.sleep(forTimeInterval: 0.2)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(!scratch.exists("x.nnmf"))
    let visible = try scratch.contents().filter { !$0.hasPrefix(".") }
    #expect(visible == ["x.csv"])
    #expect(try Executable.run(["fit", "x.csv", "-r", "2"], in: scratch).status == 0)
    #expect(try scratch.contents() == ["x.csv", "x.nnmf"])
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func `an interrupted fit writes what there is`(signal: Int32, status: Int32) throws {
    let scratch = try Scratch()
    _ = try scratch.write(plantedCounts(), to: "x.csv")
    let process = try Executable.start(["fit", "x.csv", "-r", "2"] + Self.endless, in: scratch)
    try waitUntil { try scratch.contents().count > 1 }
    Thread.sleep(forTimeInterval: 0.5)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == status)
    #expect(try scratch.contents() == ["x.csv", "x.nnmf"])
    let report = try ModelFolder(path: scratch.file("x.nnmf")).manifest.report
    // The start at hand may have been at its end just then; those after it were not begun.
    #expect(report.restarts.count < 1_000_000)
  }

  @Test func `an interruption before the fit leaves nothing`() throws {
    let scratch = try Scratch()
    // Standard input that never ends keeps it reading.
    let process = try Executable.start(
      ["fit", "-", "-r", "2", "-o", "x.nnmf"], in: scratch, input: Pipe())
    try waitUntil { try scratch.contents().count > 0 }
    Thread.sleep(forTimeInterval: 0.2)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try scratch.contents().isEmpty)
  }

  private func waitUntil(_ condition: () throws -> Bool) throws {
    let limit = Date.now.addingTimeInterval(20)
    while try !condition() {
      try #require(Date.now < limit, "waited 20 s in vain")
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}

/// The program as it was built beside the tests.
private enum Executable {
  /// Its path, when the build gives it.
  static let path: String? = {
    var folders = [URL(fileURLWithPath: CommandLine.arguments.first ?? "")]
    folders += Bundle.allBundles.map(\.bundleURL)
    for folder in folders {
      var folder = folder
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("nnmf").path
        if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) {
          return candidate
        }
      }
    }
    return nil
  }()

  struct Result {
    var status: Int32
    var output: String
    var messages: String
  }

  static func start(
    _ arguments: [String], in scratch: Scratch, input: Pipe? = nil
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    if let input { process.standardInput = input }
    try process.run()
    return process
  }

  static func run(_ arguments: [String], in scratch: Scratch) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
    let output = Pipe()
    let messages = Pipe()
    process.standardOutput = output
    process.standardError = messages
    try process.run()
    // What a command prints fits into the buffers of the pipes.
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
      messages: String(
        decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
  }
}
