import ArgumentParser
import Matrices
import NMF
import NMFIO
import Testing

@testable import NMFCommands

@Suite struct OptionTests {
  private func fitCommand(_ arguments: String...) throws -> FitCommand {
    try #require(try CommandLineTool.parseAsRoot(["fit"] + arguments) as? FitCommand)
  }

  @Test(arguments: ["-r", "-k", "--rank", "--components", "--n-components"])
  func `the rank has the names that other programs give it`(name: String) throws {
    #expect(try fitCommand("x.csv", name, "7").fitting.fitOptions.rank == 7)
  }

  @Test(arguments: [
    ("poisson", Loss.poisson), ("kl", .poisson), ("KL", .poisson),
    ("kullback-leibler", .poisson), ("kullback_leibler", .poisson), ("frobenius", .frobenius),
    ("fro", .frobenius), ("ls", .frobenius), ("least-squares", .frobenius),
    ("euclidean", .frobenius),
  ])
  func `a loss has the names of the field`(name: String, loss: Loss) throws {
    #expect(try fitCommand("x.csv", "-r", "2", "--loss", name).fitting.fitOptions.loss == loss)
  }

  @Test func `options stand before or after the file`() throws {
    let before = try fitCommand("-r", "3", "--seed", "5", "x.csv")
    let after = try fitCommand("x.csv", "--seed", "5", "-r", "3")
    #expect(before.fitting.fitOptions == after.fitting.fitOptions)
    #expect(before.data == after.data)
  }

  @Test func `what is not asked for is the default of the library`() throws {
    #expect(try fitCommand("x.csv", "-r", "3").fitting.fitOptions == FitOptions(rank: 3))
  }

  @Test func `every option reaches the fit`() throws {
    let command = try fitCommand(
      "x.csv", "-r", "3", "--loss", "ls", "--init", "random", "--solver", "mu", "--seed", "9",
      "--nrun", "4", "--threads", "2", "--maxit", "50", "--tol", "1e-3", "--time-limit", "1.5",
      "--precision", "single")
    var expected = FitOptions(rank: 3, loss: .frobenius)
    expected.initialization = .random
    expected.solver = .mu
    expected.seed = 9
    expected.restarts = 4
    expected.threads = 2
    expected.maxIterations = 50
    expected.tolerance = 1e-3
    expected.timeLimit = 1.5
    #expect(command.fitting.fitOptions == expected)
    #expect(command.fitting.precision == .single)
  }

  @Test func `how to read is detected unless it is said`() throws {
    let plain = try fitCommand("x.csv", "-r", "3").reading.readOptions(threads: nil)
    #expect(plain.header == nil && plain.rowNames == nil && plain.format == nil)
    let said = try fitCommand(
      "x", "-r", "3", "--no-header", "--row-names", "--format", "10x", "--image", "19x8"
    ).reading.readOptions(threads: 2)
    #expect(said.header == false)
    #expect(said.rowNames == true)
    #expect(said.format == .tenx)
    #expect(said.imageSize == ImageSize(width: 19, height: 8))
  }

  @Test(arguments: [
    ["fit", "x.csv"], ["fit", "-r", "3"], ["fit", "x.csv", "-r", "three"],
    ["fit", "x.csv", "-r", "3", "--restarts", "0"], ["fit", "x.csv", "-r", "3", "--tol", "-1"],
    ["fit", "x.csv", "-r", "3", "--start-w", "w.csv"],
    ["fit", "x.csv", "-r", "3", "--solver", "hals"],
    ["fit", "x.csv", "-r", "3", "--time-limit", "0"],
    ["fit", "x.csv", "-r", "3", "--image", "19"], ["fit", "x.csv", "-r", "3", "--loss", "huber"],
    ["check"], ["transform", "m.nnmf"], ["data", "faces"], ["nonsense"], ["unique", "x.csv"],
    ["unique", "m.nnmf", "x.csv", "-r", "3"],
  ])
  func `a command that makes no sense ends with status 64`(arguments: [String]) {
    let recorder = Recorder()
    #expect(runCommandLine(arguments, console: recorder.console()) == 64)
    #expect(recorder.printed.isEmpty)
    #expect(recorder.messages.hasPrefix("Error: "))
  }

  @Test func `a misspelt option is named, though its value could be another argument`() {
    let recorder = Recorder()
    let arguments = ["unique", "x.csv", "-r", "3", "--tol", "1e-6"]
    #expect(runCommandLine(arguments, console: recorder.console()) == 64)
    #expect(recorder.messages.hasPrefix("Error: Unknown option '--tol'"))
  }

  @Test(arguments: [
    ["help"], ["--help"], ["help", "fit"], ["fit", "--help"], ["--version"], ["version"], [],
  ])
  func `help and version are results`(arguments: [String]) {
    let recorder = Recorder()
    #expect(runCommandLine(arguments, console: recorder.console()) == 0)
    #expect(!recorder.printed.isEmpty)
    #expect(recorder.messages.isEmpty)
  }
}
