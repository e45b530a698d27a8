import Foundation
import NMF
import Testing

@testable import NMFCommands

@Suite struct CheckAndDataTests {
  @Test func `check says what a file holds and what is odd about it`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write("id,a,b,c\nx,1,0,-2\ny,1,0,3\nz,1,0,3\n", to: "x.csv")
    #expect(recorder.run("check", data) == 0)
    let text = recorder.printed
    for words in [
      "3 observations (rows) × 3 features (columns)", "whole numbers from -2 to 3", "x, y, z",
      "a, b, c", "1 negative entry", "column 2 (b)", "column 1 (a)",
      "row 3 (z) = row 2 (y)",
    ] {
      #expect(text.contains(words), "no \(words) in:\n\(text)")
    }
    #expect(try scratch.contents() == ["x.csv"])
  }

  @Test func `check answers programs in JSON`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write("1,2.5\n3,4\n", to: "x.csv")
    #expect(recorder.run("check", data, "--json", "--no-header") == 0)
    let object = try JSONSerialization.jsonObject(with: Data(recorder.printed.utf8))
    let keys = try #require(object as? [String: Any])
    #expect(keys["rows"] as? Int == 2)
    #expect(keys["integers"] as? Bool == false)
    #expect((keys["findings"] as? [[String: Any]])?.first?["kind"] as? String == "nonIntegers")
  }

  @Test func `data lists the sets with their attribution`() {
    let recorder = Recorder()
    #expect(recorder.run("data") == 0)
    #expect(recorder.printed.contains("CC BY 4.0"))
    #expect(recorder.printed.contains("digits") && recorder.printed.contains("swimmer"))
  }

  @Test(arguments: ["digits.csv", "digits.npy"])
  func `data writes a set once`(name: String) throws {
    let scratch = try Scratch()
    #expect(Recorder().run("data", "digits", "-o", scratch.file(name)) == 0)
    let again = Recorder()
    #expect(again.run("data", "digits", "-o", scratch.file(name)) == 1)
    #expect(again.messages.contains("--force"))
    #expect(Recorder().run("data", "digits", "-o", scratch.file(name), "--force") == 0)
    let check = Recorder()
    #expect(check.run("check", scratch.file(name)) == 0)
    #expect(check.printed.contains("1,797 observations (rows) × 64 features (columns)"))
    #expect(try scratch.contents() == [name])
  }

  @Test func `the demo fits what ships with the program and can be run twice`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    for _ in 0..<2 { #expect(recorder.run("demo", "-o", scratch.file("demo")) == 0) }
    for name in ["digits", "swimmer"] {
      #expect(scratch.exists("demo/\(name).nnmf/report.html"))
      #expect(scratch.exists("demo/\(name).nnmf/parts.png"))
      #expect(recorder.printed.contains(scratch.file("demo/\(name).nnmf/report.html")))
      #expect(try ModelFolder(path: scratch.file("demo/\(name).nnmf")).manifest.report.converged)
    }
  }
}
