import Foundation
import Matrices
import NMF
import NMFIO
import Testing

@testable import NMFCommands

@Suite struct FitJobTests {
  /// A fit of planted counts into a folder of its own.
  private func fitted(
    _ scratch: Scratch, _ recorder: Recorder, options: [String] = [],
    text: String = plantedCounts(), name: String = "x.csv"
  ) throws -> Int32 {
    let data = try scratch.write(text, to: name)
    return runCommandLine(
      ["fit", data, "-r", "2", "-o", scratch.file("x.nnmf")] + options,
      console: recorder.console())
  }

  @Test(arguments: ["poisson", "frobenius"], ["single", "double"])
  func `a fit writes memberships, parts, a model and a page`(
    loss: String, precision: String
  ) throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let options = ["--loss", loss, "--precision", precision]
    #expect(try fitted(scratch, recorder, options: options) == 0)
    #expect(try scratch.contents() == ["x.csv", "x.nnmf"])
    let files = try FileManager.default.contentsOfDirectory(atPath: scratch.file("x.nnmf"))
    #expect(
      Set(files) == [
        "memberships.csv", "memberships.npy", "parts.csv", "parts.npy", "model.json",
        "report.html",
      ])
    let folder = try ModelFolder(path: scratch.file("x.nnmf"))
    #expect(folder.manifest.options.loss.rawValue == loss)
    #expect(folder.manifest.data.precision == precision)
    #expect(folder.manifest.rows == 12 && folder.manifest.columns == 6)
    #expect(folder.manifest.report.converged)
    let model = try folder.model(as: Double.self)
    #expect(model.w.shape == Shape(12, 2) && model.h.shape == Shape(2, 6))
    #expect(recorder.printed.split(separator: "\n").count <= 10)
    #expect(recorder.printed.contains(scratch.file("x.nnmf")))
  }

  @Test func `tables carry the names of the data`() throws {
    let scratch = try Scratch()
    let text = "id,kraft,zorn\nanna,1,5\nben,2,3\ncarl,9,0\n"
    #expect(try fitted(scratch, Recorder(), options: ["--quiet"], text: text) == 0)
    let memberships = try scratch.text("x.nnmf/memberships.csv").split(separator: "\n")
    #expect(memberships.first?.hasSuffix("part1,part2") == true)
    #expect(
      memberships.dropFirst().map { $0.prefix(while: { $0 != "," }) } == ["anna", "ben", "carl"])
    let parts = try scratch.text("x.nnmf/parts.csv").split(separator: "\n")
    #expect(parts.first?.hasSuffix("kraft,zorn") == true)
    #expect(parts.dropFirst().map { $0.prefix(while: { $0 != "," }) } == ["part1", "part2"])
  }

  @Test func `pictures come back as pictures`() throws {
    let scratch = try Scratch()
    #expect(try fitted(scratch, Recorder(), options: ["--image", "3x2", "--quiet"]) == 0)
    let png = try Data(contentsOf: URL(fileURLWithPath: scratch.file("x.nnmf/parts.png")))
    #expect(png.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    #expect(try ModelFolder(path: scratch.file("x.nnmf")).manifest.imageSize?.width == 3)
  }

  @Test func `the same command gives the same factors at any number of threads`() throws {
    let one = try Scratch()
    let two = try Scratch()
    let options = ["--quiet", "--init", "random", "--seed", "7"]
    #expect(try fitted(one, Recorder(), options: options + ["--threads", "1"]) == 0)
    #expect(try fitted(two, Recorder(), options: options + ["--threads", "2"]) == 0)
    for name in ["x.nnmf/memberships.npy", "x.nnmf/parts.npy", "x.nnmf/parts.csv"] {
      #expect(try FileContents(one.file(name)) == FileContents(two.file(name)))
    }
  }

  @Test func `transform of the training data is the fitted memberships`() throws {
    let scratch = try Scratch()
    #expect(try fitted(scratch, Recorder(), options: ["--quiet"]) == 0)
    let output = scratch.file("again.csv")
    let recorder = Recorder()
    #expect(
      recorder.run("transform", scratch.file("x.nnmf"), scratch.file("x.csv"), "-o", output) == 0)
    #expect(
      try FileContents(output) == FileContents(scratch.file("x.nnmf/memberships.csv")))
    let printed = Recorder()
    #expect(printed.run("transform", scratch.file("x.nnmf"), scratch.file("x.csv")) == 0)
    #expect(printed.printed == (try scratch.text("again.csv")))
  }

  @Test func `info prints what the fit printed`() throws {
    let scratch = try Scratch()
    let fit = Recorder()
    let info = Recorder()
    #expect(try fitted(scratch, fit) == 0)
    #expect(info.run("info", scratch.file("x.nnmf")) == 0)
    #expect(info.printed == fit.printed)
  }

  @Test func `a start can be given and a trace be kept`() throws {
    let scratch = try Scratch()
    let w = try scratch.write(String(repeating: "1,2\n2,1\n", count: 6), to: "w.csv")
    let h = try scratch.write("1,2,1,2,1,2\n2,1,2,1,1,1\n", to: "h.csv")
    let options = [
      "--start-w", w, "--start-h", h, "--trace", scratch.file("trace.csv"), "--quiet",
    ]
    #expect(try fitted(scratch, Recorder(), options: options) == 0)
    let lines = try scratch.text("trace.csv").split(separator: "\n")
    let manifest = try ModelFolder(path: scratch.file("x.nnmf")).manifest
    #expect(lines.first == "iteration,seconds,objective,kktResidual")
    #expect(lines.count == manifest.report.history.count + 1)
    #expect(manifest.startFiles == StartFiles(w: w, h: h))
  }

  @Test func `--json prints the model without its history`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    #expect(try fitted(scratch, recorder, options: ["--json"]) == 0)
    let object = try JSONSerialization.jsonObject(with: Data(recorder.printed.utf8))
    let keys = try #require(object as? [String: Any])
    #expect(keys["converged"] as? Bool == true)
    #expect(keys["history"] == nil)
  }

  @Test func `an iteration limit is not called converged`() throws {
    let scratch = try Scratch()
    #expect(
      try fitted(scratch, Recorder(), options: ["--solver", "mu", "--max-iter", "1", "--quiet"])
        == 0)
    let report = try ModelFolder(path: scratch.file("x.nnmf")).manifest.report
    #expect(!report.converged)
    #expect(report.stopReason == .iterationLimit)
  }

  @Test func `zero rows and a rank above the smaller side are warnings`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write("1,2\n0,0\n3,1\n4,4\n", to: "x.csv")
    #expect(recorder.run("fit", data, "-r", "3", "-o", scratch.file("x.nnmf")) == 0)
    #expect(recorder.messages.contains("warning: \(data): 1 row all zero (row 2)"))
    #expect(recorder.messages.contains("warning: \(data): -r 3 is more than 2"))
    #expect(!recorder.messages.contains("\u{1B}"))
  }

  @Test func `a stopped fit writes what there is and says so`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let console = recorder.console()
    let data = try scratch.write(plantedCounts(rows: 40), to: "x.csv")
    let interruption = Interruption(console: console)
    var options = FitOptions(rank: 3)
    options.tolerance = 0
    options.maxIterations = 1_000_000
    options.restarts = 1_000_000
    let request = FitRequest(
      path: data, options: options, outputPath: scratch.file("x.nnmf"), command: "nnmf fit")
    // The timer stands for the person at the keyboard, who waits for the fit to begin.
    let timer = Thread {
      while !interruption.isFittingNow { Thread.sleep(forTimeInterval: 0.001) }
      Thread.sleep(forTimeInterval: 0.1)
      interruption.request(signal: SIGINT)
    }
    timer.start()
    let outcome = try FitJob(request: request, console: console, interruption: interruption).run()
    #expect(outcome.exitStatus == 130)
    let manifest = try ModelFolder(path: scratch.file("x.nnmf")).manifest
    // The start at hand may have been at its end just then; those after it were not begun.
    #expect(manifest.report.restarts.count < options.restarts)
    #expect(recorder.messages.contains("nnmf: stopped "))
  }

  /// The bytes of a file, for comparison.
  private struct FileContents: Equatable {
    var bytes: Data

    init(_ path: String) throws {
      bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    }
  }
}
