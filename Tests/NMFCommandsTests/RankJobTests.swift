import Foundation
import NMF
import Testing

@testable import NMFCommands

@Suite struct RankJobTests {
  /// Counts of two groups of rows with two groups of columns, some noise on top.
  private func counts(_ rows: Int = 30, _ columns: Int = 24) -> String {
    var state: UInt64 = 5
    func noise() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % 5
    }
    let lines = (0..<rows).map { i in
      (0..<columns).map { j in "\((i % 2 == j % 2 ? 20 : 1) + noise())" }.joined(separator: ",")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func run(_ arguments: [String], _ recorder: Recorder) -> Int32 {
    runCommandLine(arguments, console: recorder.console())
  }

  @Test func `a scan writes an answer, a table and a page, and fit takes the answer`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    let output = scratch.file("x.rank")
    #expect(
      run(
        ["rank", data, "-r", "2..4", "--restarts", "3", "--bootstraps", "1", "-o", output], recorder
      )
        == 0)
    #expect(try scratch.contents() == ["x.csv", "x.rank"])
    let files = try FileManager.default.contentsOfDirectory(atPath: output)
    #expect(
      Set(files) == ["rank.json", "rank.csv", "report.html", "trials.jsonl", "consensus.png"])
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(scratch.text("x.rank/rank.json").utf8))
        as? [String: Any])
    #expect(json["rank"] as? Int == 2)
    #expect((json["plausible"] as? [Int])?.contains(2) == true)
    let evidence = try #require(json["evidence"] as? [String: Any])
    #expect((evidence["heldOut"] as? [[String: Any]])?.count == 4)
    #expect((evidence["stability"] as? [[String: Any]])?.count == 4)
    #expect(try scratch.text("x.rank/rank.csv").split(separator: "\n").count == 5)
    #expect(recorder.printed.contains("Take 2 parts"))
    // A wider range does only what is missing, and gives what a scan of all of it gives.
    #expect(
      run(
        [
          "rank", data, "-r", "2..5", "--restarts", "3", "--bootstraps", "1", "-o", output,
          "--resume", "--quiet",
        ], recorder) == 0)
    #expect(
      run(
        [
          "rank", data, "-r", "2..5", "--restarts", "3", "--bootstraps", "1", "-o",
          scratch.file("y.rank"), "--quiet",
        ], recorder) == 0)
    #expect(try scratch.text("x.rank/rank.csv") == scratch.text("y.rank/rank.csv"))
    #expect(try scratch.contents() == ["x.csv", "x.rank", "y.rank"])
  }

  @Test func `fit finds the rank by itself`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    #expect(run(["fit", data, "-r", "auto", "-o", scratch.file("x.nnmf")], recorder) == 0)
    #expect(recorder.messages.contains("-r auto takes 2"))
    #expect(try ModelFolder(path: scratch.file("x.nnmf")).manifest.options.rank == 2)
  }

  @Test(arguments: [
    (["-r", "5..2"], "upside down", Int32(64)),
    (["-r", "0..3"], "at least 1", 1),
    (["-r", "2..99"], "must lie in 1…30", 1),
    (["--folds", "40"], "too small to hide its entries in 40 folds", 1),
    (["--folds", "1"], "--folds must be at least 2", 64),
    (["-r", "two"], "-r", 64),
  ])
  func `bad ranges and folds get a sentence and leave nothing`(
    _ options: [String], _ words: String, _ status: Int32
  ) throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    #expect(run(["rank", data, "-o", scratch.file("x.rank")] + options, recorder) == status)
    #expect(recorder.messages.contains(words))
    #expect(try scratch.contents() == ["x.csv"])
  }

  @Test func `what belongs to other data is not used again`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    let other = try scratch.write(counts(31), to: "y.csv")
    let arguments = [
      "-r", "2", "--restarts", "0", "--bootstraps", "0", "-o", scratch.file("x.rank"),
    ]
    #expect(run(["rank", data] + arguments, recorder) == 0)
    #expect(run(["rank", other, "--resume"] + arguments, recorder) == 1)
    #expect(recorder.messages.contains("other data or other options"))
  }

  @Test func `what another version found is not used again`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    let arguments = [
      "rank", data, "-r", "2", "--restarts", "0", "--bootstraps", "0", "-o",
      scratch.file("x.rank"),
    ]
    #expect(run(arguments, recorder) == 0)
    let trials = try scratch.text("x.rank/trials.jsonl")
    for other in [#""version":"0.0.0""#, #""release":"\#(programVersion)""#] {
      let changed = trials.replacingOccurrences(of: #""version":"\#(programVersion)""#, with: other)
      #expect(changed != trials)
      _ = try scratch.write(changed, to: "x.rank/trials.jsonl")
      #expect(run(arguments + ["--resume"], recorder) == 1)
      #expect(recorder.messages.contains("another version of nnmf"))
    }
  }

  @Test(arguments: [
    ("2..20", 2, 20), ("2...20", 2, 20), ("2:20", 2, 20), ("2-20", 2, 20), ("7", 7, 7),
  ])
  func `ranges are read in several spellings`(_ text: String, _ lower: Int, _ upper: Int) {
    let range = RankRange(argument: text)
    #expect(range?.lower == lower && range?.upper == upper)
  }
}
