import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct WritingTests {
  @Test func `a table of text reads back with its names`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.csv"
    var random = SplitMix(state: 3)
    let numbers = (0..<300).map { _ in Double(bitPattern: random.next()) }.map {
      $0.isFinite ? $0 : 7
    }
    let x = try DenseMatrix(rows: 3, columns: 100, elements: numbers)
    let columns = (0..<100).map { "c, \"\($0)\"" }
    try writeCSV(x, rowNames: ["a", "b\nc", " d"], columnNames: columns, corner: "row", to: path)
    let file = try readMatrix(path)
    #expect(file.table.matrix == .dense(x))
    #expect(file.table.rowNames == ["a", "b\nc", " d"])
    #expect(file.table.columnNames == columns)
    let small = try DenseMatrix<Float>(rows: 1, columns: 5, elements: [0, 1, 0.1, -2, 1e20])
    try writeCSV(small, rowNames: nil, columnNames: nil, corner: "", to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "0,1,0.1,-2,1e+20\n")
  }

  /// Pieces of rows that are formed at the same time, the last one short, and rows longer than a piece.
  @Test(arguments: [(150_001, 2), (90, 20_000)])
  func `rows stay in order, however many there are`(_ rows: Int, _ columns: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.csv"
    let x = try DenseMatrix<Float>(
      rows: rows, columns: columns, elements: (0..<rows * columns).map { Float($0) / 4 })
    let names = (0..<rows).map { "row \($0)" }
    try writeCSV(x, rowNames: names, columnNames: nil, corner: "", to: path)
    let file = try readMatrix(path, as: Float.self)
    #expect(file.table.matrix == .dense(x))
    #expect(file.table.rowNames == names)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `a full disk is one sentence`() throws {
    let x = DenseMatrix<Double>(rows: 300, columns: 300, repeating: 0.5)
    for write in [
      { try writeNPY(x, to: "/dev/full") },
      { try writeCSV(x, rowNames: nil, columnNames: nil, corner: "", to: "/dev/full") },
    ] {
      let error = #expect(throws: MatrixFileError.self) { try write() }
      #expect(
        error?.description
          == "/dev/full: cannot be written: no space left on device; free some room, or use another place."
      )
    }
  }

  @Test func `results appear whole or not at all`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/result"
    func listing() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }
    do {
      let output = try OutputFolder(target)
      try output.write("model.json", text: "{}")
      #expect(!FileManager.default.fileExists(atPath: target))
    }
    #expect(try listing().isEmpty)
    let output = try OutputFolder(target + "/")
    try output.write("model.json", text: "first")
    try output.commit()
    #expect(try listing() == ["result"])
    #expect(throws: MatrixFileError.self) { try OutputFolder(target) }
    let second = try OutputFolder(target, force: true)
    try second.write("model.json", text: "second")
    #expect(try String(contentsOfFile: target + "/model.json", encoding: .utf8) == "first")
    try second.commit()
    #expect(try String(contentsOfFile: target + "/model.json", encoding: .utf8) == "second")
    #expect(try listing() == ["result"])
  }

  @Test func `what a killed process left is removed, and what a living one holds is not`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/result"
    func listing() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
    let first = try OutputFolder(target)
    try first.write("model.json", text: "first")
    let hidden = try #require(try listing().first)
    #expect(hidden.hasPrefix(".result."))
    // What nobody holds: an unfinished folder, and one of another machine, which is not ours to judge.
    let prefix = hidden.prefix { $0 != "-" }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/\(prefix)-abandoned", withIntermediateDirectories: false)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/.result.other-abandoned", withIntermediateDirectories: false)
    let second = try OutputFolder(target)
    #expect(try listing().count == 3)
    #expect(try listing().contains(hidden) && listing().contains(".result.other-abandoned"))
    second.discard()
    try first.commit()
    #expect(try listing() == [".result.other-abandoned", "result"])
  }

  @Test func `old results that were only moved aside come back`() throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/result"
    let probe = try OutputFolder(target)
    let aside = String(probe.path(for: "").dropLast()) + ".old"
    probe.discard()
    try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
    try Data("old".utf8).write(to: URL(fileURLWithPath: aside + "/model.json"))
    #expect(throws: MatrixFileError.self) { try OutputFolder(target) }
    #expect(try String(contentsOfFile: target + "/model.json", encoding: .utf8) == "old")
  }

  @Test func `a file is replaced whole or not at all`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("old", "x.txt")
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try replaceFile(path) { hidden in
        try Data("half".utf8).write(to: URL(fileURLWithPath: hidden))
        throw Stop()
      }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    try replaceFile(path, text: "new")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.txt"])
  }

  @Test func `what is no result is never replaced`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("precious", "notes.txt")
    #expect(throws: MatrixFileError.self) { try OutputFolder(folder.path, force: true) }
    #expect(throws: MatrixFileError.self) {
      try OutputFolder(folder.path + "/notes.txt", force: true)
    }
    #expect(throws: MatrixFileError.self) { try OutputFolder(folder.path + "/no/result") }
    #expect(throws: MatrixFileError.self) { try OutputFolder("/") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
  }
}
