internal import Foundation

/// Where a command speaks: results on one side, messages on the other.
struct Console: Sendable {
  /// Prints a line of the result.
  var print: @Sendable (String) -> Void
  /// Prints text to the side channel as it is, without a line end.
  var writeMessage: @Sendable (String) -> Void
  /// Whether the side channel is a terminal, where a line can be rewritten.
  var messagesAreOnTerminal: Bool

  /// Standard output and standard error of this process.
  static var standard: Console {
    Console(
      print: { text in FileHandle.standardOutput.write(Data((text + "\n").utf8)) },
      writeMessage: { text in FileHandle.standardError.write(Data(text.utf8)) },
      messagesAreOnTerminal: isatty(STDERR_FILENO) == 1)
  }

  /// Prints a sentence that does not stop the command.
  func warn(_ sentence: String) {
    writeMessage("nnmf: warning: \(sentence)\n")
  }

  /// Prints a sentence that says what goes on.
  func note(_ sentence: String) {
    writeMessage("nnmf: \(sentence)\n")
  }
}
