import Foundation
import Synchronization

@testable import NMFCommands

/// A folder of its own for a test, removed with it.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("nnmf-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a text file and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// What is in the folder, hidden files too.
  func contents() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: path))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}

/// Keeps what a command says.
final class Recorder: Sendable {
  private let printedText = Mutex("")
  private let messageText = Mutex("")

  var printed: String { printedText.withLock { $0 } }
  var messages: String { messageText.withLock { $0 } }

  func console(onTerminal: Bool = false) -> Console {
    Console(
      print: { text in self.printedText.withLock { $0 += text + "\n" } },
      writeMessage: { text in self.messageText.withLock { $0 += text } },
      messagesAreOnTerminal: onTerminal)
  }

  /// Runs the program in this process.
  func run(_ arguments: String...) -> Int32 {
    runCommandLine(arguments, console: console())
  }
}

/// A small table of counts with two clear parts, as CSV without names.
func plantedCounts(rows: Int = 12) -> String {
  (0..<rows).map { row in
    let a = row % 4
    let b = 3 - row % 3
    return [5 * a + b, 3 * a, a + 4 * b, 2 * b, a + b, 7 * a]
      .map(String.init).joined(separator: ",")
  }.joined(separator: "\n") + "\n"
}
