internal import Foundation
internal import NMF

/// One line on the terminal that says how far a fit is, rewritten a few times a second.
///
/// Silent when messages do not go to a terminal or `isQuiet`.
struct ProgressLine {
  private let console: Console
  private let isShown: Bool
  private var lastShown = -Double.infinity
  private var hasText = false

  /// Seconds between two versions of the line.
  private static let interval = 0.1

  init(console: Console, isQuiet: Bool) {
    self.console = console
    isShown = console.messagesAreOnTerminal && !isQuiet
  }

  /// Shows how far a fit is.
  mutating func show(_ progress: FitProgress) { show(Self.parts(of: progress)) }

  private static func parts(of progress: FitProgress) -> [String] {
    let entry = progress.entry
    var parts = ["iteration \(entry.iteration)", "objective \(shortNumber(entry.objective))"]
    if let residual = entry.kktResidual { parts.append("KKT residual \(shortNumber(residual))") }
    parts.append(duration(entry.seconds))
    if progress.restarts > 1 {
      parts.insert("start \(progress.restart + 1) of \(progress.restarts)", at: 0)
    }
    return parts
  }

  /// Shows some words side by side, unless the line was written just now.
  ///
  /// - Parameter parts: Only made when they are shown: a small fit has thousands of iterations a second, and
  ///   words take longer than some of them.
  mutating func show(_ parts: @autoclosure () -> [String]) {
    guard isShown else { return }
    let now = ProcessInfo.processInfo.systemUptime
    guard now - lastShown >= Self.interval else { return }
    lastShown = now
    hasText = true
    console.writeMessage("\r\u{1B}[K" + parts().joined(separator: "  "))
  }

  /// Clears the line, so that what follows begins at the left.
  mutating func finish() {
    guard hasText else { return }
    console.writeMessage("\r\u{1B}[K")
    hasText = false
  }
}
