import Foundation
import Testing

@testable import NMFCommands

@Suite struct CompareJobTests {
  private func run(_ arguments: [String], _ recorder: Recorder) -> Int32 {
    runCommandLine(arguments, console: recorder.console())
  }

  /// Counts of three groups of rows, each with its own columns.
  private func counts(rows: Int = 30, columns: Int = 24) -> String {
    var state: UInt64 = 9
    func noise() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % 4
    }
    return (0..<rows).map { i in
      (0..<columns).map { j in "\((i % 3 == j % 3 ? 15 : 0) + noise())" }.joined(separator: ",")
    }.joined(separator: "\n") + "\n"
  }

  private func methods(_ text: String) throws -> [[String: Any]] {
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(json["methods"] as? [[String: Any]])
  }

  @Test func `a comparison writes a table, a figure, a page and every basis`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    let labels = try scratch.write(
      (0..<30).map { "group\($0 % 3)" }.joined(separator: "\n"), to: "labels.txt")
    let output = scratch.file("x.compare")
    #expect(
      run(
        [
          "compare", data, "-r", "3", "--labels", labels, "--archetypes", "--image", "6x4",
          "--show", "2", "-o", output,
        ], recorder) == 0)
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: output))
    #expect(files.isSuperset(of: ["compare.json", "compare.png", "report.html"]))
    #expect(files.contains("nmf-basis.csv") && files.contains("archetypes-encoding.npy"))
    let found = try methods(scratch.text("x.compare/compare.json"))
    #expect(
      found.compactMap { $0["name"] as? String } == ["nmf", "pca", "vq", "ica", "archetypes"])
    for method in found {
      #expect(method["status"] as? String == "ok")
      let explained = try #require(method["varianceExplained"] as? Double)
      #expect(explained > 0.5 && explained <= 1)
      for key in [
        "poissonDevianceExplained", "heldOutVarianceExplained", "negativeBasisFraction",
        "negativeEncodingFraction", "basisSparseness", "localisation", "partsPerObservation",
        "stability", "normalizedMutualInformation", "seconds",
      ] { #expect(method[key] is Double, "\(key)") }
    }
    // The groups are the labels.
    #expect(found[2]["adjustedRandIndex"] as? Double == 1)
    #expect(found[0]["adjustedRandIndex"] as? Double == 1)
    #expect(found[0]["negativeBasisFraction"] as? Double == 0)
    #expect(found[1]["negativeBasisFraction"] as? Double ?? 0 > 0)
    #expect(found[2]["partsPerObservation"] as? Double == 1)
    let page = try scratch.text("x.compare/report.html")
    #expect(page.contains("Measured the same way"))
    #expect(recorder.printed.contains("With 3 components"))
  }

  @Test func `a method that cannot be done is marked, and the others still run`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    // Twelve rows, but only three distinct ones: too few for five prototypes and for PCA.
    let data = try scratch.write(
      (0..<12).map { "\($0 % 3),1,\($0 % 3 * 2),4" }.joined(separator: "\n") + "\n", to: "x.csv")
    let output = scratch.file("out")
    #expect(run(["compare", data, "-r", "4", "--json", "-o", output], recorder) == 0)
    let found = try methods(recorder.printed)
    #expect(found[0]["status"] as? String == "ok")
    for index in 1...3 {
      #expect(found[index]["status"] as? String == "failed")
      #expect((found[index]["error"] as? String)?.hasSuffix(".") == true)
    }
    #expect(try scratch.text("out/report.html").contains("could not be fitted"))
  }

  @Test func `labels and rows that do not fit are refused in a sentence`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(counts(), to: "x.csv")
    let labels = try scratch.write("a\nb\nc\n", to: "labels.txt")
    #expect(run(["compare", data, "-r", "3", "--labels", labels], recorder) == 1)
    #expect(recorder.messages.contains("has 3 lines, but the data have 30 rows"))
    #expect(run(["compare", data, "-r", "3", "--show", "31"], recorder) == 1)
    #expect(recorder.messages.contains("--show 31"))
    #expect(try scratch.contents() == ["x.csv", "labels.txt"])
  }
}
