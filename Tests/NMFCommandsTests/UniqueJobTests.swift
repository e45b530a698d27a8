import Foundation
import NMF
import Testing

@testable import NMFCommands

@Suite struct UniqueJobTests {
  private static let elevenPoints = """
    first,second
    1.0,.5
    1.5,1.0
    2.0,1.2
    2.5,2.0
    1.2,1.5
    .9,1.3
    2.2,2.8
    3.0,1.8
    1.8,2.4
    2.8,3.0
    1.4,.8

    """

  private func answer(_ scratch: Scratch, _ folder: String) throws -> [String: Any] {
    let text = try scratch.text(folder + "/unique.json")
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `eleven points give intervals, a verdict and a page with the drawing`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(Self.elevenPoints, to: "points.csv")
    let output = scratch.file("points.unique")
    let arguments = [
      "unique", data, "-r", "2", "-o", output, "--restarts", "4", "--prefer", "minimum-volume",
      "--entries", "1",
    ]
    #expect(runCommandLine(arguments, console: recorder.console()) == 0)
    #expect(recorder.printed.hasPrefix("Not unique"))
    let files = try FileManager.default.contentsOfDirectory(atPath: output)
    #expect(
      Set(files) == [
        "unique.json", "intervals.csv", "parts.csv", "report.html", "chosen-parts.csv",
        "chosen-parts.npy", "chosen-memberships.csv", "chosen-memberships.npy",
      ])
    let keys = try answer(scratch, "points.unique")
    #expect(keys["verdict"] as? String == "notUnique")
    #expect((keys["families"] as? [Any])?.isEmpty == false)
    let parts = try #require(keys["parts"] as? [[String: Any]])
    let directions = try parts.map { try #require($0["directionDegrees"] as? [Double]) }
      .sorted { $0[0] < $1[0] }
    let wanted: [[Double]] = [
      [0, atan2(0.5, 1) * 180 / .pi], [atan2(1.3, 0.9) * 180 / .pi, 90],
    ]
    for (found, wanted) in zip(directions.joined(), wanted.joined()) {
      #expect(abs(found - wanted) < 1e-6)
    }
    #expect(parts.allSatisfy { ($0["angleDegrees"] as? Double ?? 0) > 1 })
    let page = try scratch.text("points.unique/report.html")
    #expect(page.contains("All solutions") && page.contains("<svg"))
    let table = try scratch.text("points.unique/intervals.csv").split(separator: "\n")
    #expect(table.count == 5)
  }

  @Test func `a model is examined with its own data only`() throws {
    let scratch = try Scratch()
    let data = try scratch.write(plantedCounts(), to: "x.csv")
    let model = scratch.file("x.nnmf")
    #expect(Recorder().run("fit", data, "-r", "2", "-o", model, "--quiet") == 0)
    let output = scratch.file("x.unique")
    #expect(
      Recorder().run("unique", model, data, "-o", output, "--restarts", "2", "--quiet") == 0)
    #expect(try answer(scratch, "x.unique")["rank"] as? Int == 2)

    let other = try scratch.write(
      plantedCounts().replacing("5", with: "6"), to: "other.csv")
    let refused = Recorder()
    #expect(refused.run("unique", model, other, "-o", scratch.file("o.unique")) == 1)
    #expect(refused.messages.contains("other numbers"))
    let shorter = try scratch.write(plantedCounts(rows: 9), to: "shorter.csv")
    let misshapen = Recorder()
    #expect(misshapen.run("unique", model, shorter, "-o", scratch.file("o.unique")) == 1)
    #expect(misshapen.messages.contains("9 × 6") && misshapen.messages.contains("12 × 6"))
    let alone = Recorder()
    #expect(alone.run("unique", model, "-r", "2", "-o", scratch.file("o.unique")) == 1)
    #expect(alone.messages.contains("name its data too"))
    #expect(!scratch.exists("o.unique"))
  }

  @Test func `a model that had not converged is refused, unless it may be fitted on`() throws {
    let scratch = try Scratch()
    // The last row keeps two parts from being exact, so that one iteration is too few.
    let data = try scratch.write(plantedCounts() + "9,1,0,7,3,2\n", to: "x.csv")
    let model = scratch.file("x.nnmf")
    #expect(
      Recorder().run("fit", data, "-r", "2", "-o", model, "--max-iter", "1", "--quiet") == 0)
    let refused = Recorder()
    let output = scratch.file("x.unique")
    #expect(refused.run("unique", model, data, "-o", output) == 1)
    #expect(refused.messages.contains("had not converged") && refused.messages.contains("--refit"))
    #expect(
      Recorder().run(
        "unique", model, data, "-o", output, "--refit", "--restarts", "2", "--quiet") == 0)
    #expect(try answer(scratch, "x.unique")["converged"] as? Bool == true)
  }

  @Test func `one part is unique, and is told so`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(plantedCounts(), to: "x.csv")
    let output = scratch.file("x.unique")
    #expect(recorder.run("unique", data, "-r", "1", "--restarts", "1", "-o", output) == 0)
    #expect(recorder.printed.hasPrefix("Unique: one part has nothing to exchange."))
    #expect(try answer(scratch, "x.unique")["verdict"] as? String == "unique")
  }

  @Test(arguments: [
    ["unique", "x.csv"], ["unique", "m.nnmf", "x.csv", "-r", "2"],
    ["unique", "x.csv", "-r", "2", "--refit"], ["unique", "x.csv", "-r", "2", "--prefer", "best"],
    ["unique", "x.csv", "-r", "2", "--restarts", "0"],
    ["unique", "x.csv", "-r", "2", "--tolerance", "-1"],
    ["unique", "x.csv", "-r", "2", "--entries", "-1"],
  ])
  func `a command that makes no sense ends with status 64`(arguments: [String]) {
    #expect(runCommandLine(arguments, console: Recorder().console()) == 64)
  }
}
