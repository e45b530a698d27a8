internal import Dispatch
internal import Foundation
internal import Synchronization

/// What Ctrl-C and a request to terminate do to a fit.
///
/// The first one, during the fit, asks it to stop after the iteration at hand, so that what there is
/// gets written. Before and after the fit, and the second time, the process ends at once: the
/// unfinished output folder is removed, and what was there before stays.
final class Interruption: Sendable {
  private let signals: Atomic<Int32> = Atomic(0)
  private let lastSignal: Atomic<Int32> = Atomic(0)
  private let isFitting: Atomic<Bool> = Atomic(false)
  private let removeLeftovers: Mutex<(@Sendable () -> Void)?> = Mutex(nil)
  private let console: Console

  init(console: Console) {
    self.console = console
  }

  /// Whether the fit has been asked to stop.
  var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

  /// Whether a first signal would only ask the fit to stop.
  var isFittingNow: Bool { isFitting.load(ordering: .relaxed) }

  /// The exit status of a command that stopped early: 128 + the signal, as shells have it.
  var exitStatus: Int32 { 128 + lastSignal.load(ordering: .relaxed) }

  /// Asks the fit to stop as the given signal would.
  func request(signal: Int32) {
    lastSignal.store(signal, ordering: .relaxed)
    let count = signals.add(1, ordering: .relaxed).newValue
    guard count == 1, isFittingNow else {
      removeLeftovers.withLock { $0?() }
      console.writeMessage("\nnnmf: stopped at once; nothing was written.\n")
      _exit(exitStatus)
    }
    console.writeMessage(
      "\nnnmf: stopping after this iteration; once more to stop at once, without results.\n")
  }

  /// Says what to remove when the process must end at once; nil when there is nothing.
  func onAbort(_ remove: (@Sendable () -> Void)?) {
    removeLeftovers.withLock { $0 = remove }
  }

  /// Runs the fit; during it, a first signal only asks it to stop.
  func whileFitting<Result>(_ body: () throws -> Result) rethrows -> Result {
    isFitting.store(true, ordering: .relaxed)
    defer { isFitting.store(false, ordering: .relaxed) }
    return try body()
  }

  /// Takes over SIGINT and SIGTERM while `body` runs.
  func watchingSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    let queue = DispatchQueue(label: "nnmf.signals", qos: .userInteractive)
    let sources = [SIGINT, SIGTERM].map { number in
      // The default action would end the process before the source hears of the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { self.request(signal: number) }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
    return try body()
  }
}
