import Foundation
import Testing

@testable import NMFCommands

/// Bad input gives one sentence with the place and the way out, status 1, and no output folder.
@Suite struct BadInputTests {
  /// A table that cannot be factorised, and what the sentence must say.
  struct BadTable: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var words: [String]
    var options: [String] = ["-r", "2"]

    static let all: [BadTable] = [
      BadTable(testDescription: "empty", text: "", words: ["bad.csv", "empty"]),
      BadTable(testDescription: "only a header", text: "a,b,c\n", words: ["bad.csv"]),
      BadTable(
        testDescription: "ragged", text: "a,b,c\n1,2,3\n4,5\n", words: ["bad.csv", "line 3"]),
      BadTable(
        testDescription: "text in a cell", text: "a,b,c\n1,2,3\n4,many,6\n7,8,9\n",
        words: ["bad.csv", "line 3", "column 2 (b)", "many"]),
      BadTable(
        testDescription: "negative", text: "a,b,c\n1,2,3\n4,-5,-6\n7,8,9\n",
        words: [
          "bad.csv", "2 negative entries", "-5 in row 2, column 2 (b)", "-6 in row 2, column 3 (c)",
          "at least 0",
        ]),
      BadTable(
        testDescription: "infinite", text: "a,b,c\n1,2,3\n4,5,inf\n7,8,9\n",
        words: ["bad.csv", "infinite", "row 2, column 3 (c)"]),
      BadTable(
        testDescription: "missing", text: "id,b,c\nx,2,\ny,NA,6\nz,8,9\n",
        words: [
          "bad.csv", "2 entries are missing", "2 rows", "2 columns", "row 1 (x), column 2 (c)",
          "not supported yet",
        ]),
      BadTable(
        testDescription: "rank 0", text: "a,b\n1,2\n3,4\n", words: ["at least 1", "-r is 0"],
        options: ["-r", "0"]),
      BadTable(
        testDescription: "negative rank", text: "a,b\n1,2\n3,4\n",
        words: ["at least 1", "-r is -1"],
        options: ["-r", "-1"]),
      BadTable(
        testDescription: "rank too large", text: "a,b\n1,2\n3,4\n5,6\n",
        words: ["at most 3", "-r is 4"], options: ["-r", "4"]),
      BadTable(
        testDescription: "all zero", text: "a,b\n0,0\n0,0\n", words: ["bad.csv"]),
    ]
  }

  @Test(arguments: BadTable.all)
  func `a bad table is refused in one sentence`(table: BadTable) throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(table.text, to: "bad.csv")
    let arguments = ["fit", data, "-o", scratch.file("bad.nnmf"), "--quiet"] + table.options
    #expect(runCommandLine(arguments, console: recorder.console()) == 1)
    try expectOneSentence(recorder, naming: table.words)
    #expect(try scratch.contents() == ["bad.csv"])
  }

  @Test func `a file that is not there is refused`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = scratch.file("none.csv")
    #expect(recorder.run("fit", data, "-r", "2", "-o", scratch.file("out.nnmf")) == 1)
    try expectOneSentence(recorder, naming: [data])
    #expect(try scratch.contents().isEmpty)
  }

  @Test func `a folder without pictures is refused`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    #expect(recorder.run("check", scratch.path) == 1)
    try expectOneSentence(recorder, naming: [scratch.path])
  }

  @Test func `results that are there stay, unless --force is given`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(plantedCounts(), to: "x.csv")
    let output = scratch.file("x.nnmf")
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
    _ = try scratch.write("precious", to: "x.nnmf/mine.txt")
    #expect(recorder.run("fit", data, "-r", "2", "-o", output) == 1)
    try expectOneSentence(recorder, naming: [output, "--force"])
    #expect(try scratch.text("x.nnmf/mine.txt") == "precious")
    #expect(try scratch.contents() == ["x.csv", "x.nnmf"])
  }

  @Test func `a place where nothing can be written is refused before the data are read`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    let data = try scratch.write(plantedCounts(), to: "x.csv")
    let output = data + "/x.nnmf"
    #expect(recorder.run("fit", data, "-r", "2", "-o", output) == 1)
    try expectOneSentence(recorder, naming: [output])
    #expect(recorder.run("fit", data, "-r", "2", "--trace", scratch.path) == 1)
    #expect(try scratch.contents() == ["x.csv"])
  }

  @Test func `new observations must have the features of the model`() throws {
    let scratch = try Scratch()
    let data = try scratch.write("a,b,c\n1,2,3\n4,0,6\n7,8,9\n2,1,1\n", to: "x.csv")
    let model = scratch.file("x.nnmf")
    #expect(Recorder().run("fit", data, "-r", "2", "-o", model, "--quiet") == 0)

    let fewer = Recorder()
    let two = try scratch.write("a,b\n1,2\n3,4\n", to: "two.csv")
    #expect(fewer.run("transform", model, two) == 1)
    try expectOneSentence(fewer, naming: [two, "2 columns", "3 features"])

    let other = Recorder()
    let renamed = try scratch.write("a,c,b\n1,2,3\n3,4,5\n", to: "renamed.csv")
    #expect(other.run("transform", model, renamed) == 1)
    try expectOneSentence(other, naming: [renamed, "column 2", "c", "b"])
  }

  @Test func `a damaged model is refused`() throws {
    let scratch = try Scratch()
    let recorder = Recorder()
    _ = try scratch.write("{\"loss\": \"poi", to: "model.json")
    #expect(recorder.run("info", scratch.path) == 1)
    try expectOneSentence(recorder, naming: [scratch.path, "model.json"])
  }

  /// One line that begins with the name of the program, ends in a full stop, and names the place.
  private func expectOneSentence(_ recorder: Recorder, naming words: [String]) throws {
    #expect(recorder.printed.isEmpty)
    let lines = recorder.messages.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines.last == "", "\(recorder.messages)")
    let line = try #require(lines.first)
    #expect(line.hasPrefix("nnmf: error: "))
    #expect(line.hasSuffix("."))
    for word in words { #expect(line.contains(word), "no \(word) in: \(line)") }
  }
}
