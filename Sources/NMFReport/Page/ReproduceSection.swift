import Matrices
import NMF

extension Report {
  /// All that is needed to get the same numbers again.
  func reproduceSection() -> String {
    var items: [(String, String)] = [("Data", context.dataPath)]
    items += context.formatSentences.map { ("Read as", $0) }
    let pictures = context.imageSize.map { ", pictures of \($0)" } ?? ""
    items += [
      ("Shape", "\(context.shape)\(pictures)"),
      ("Parts", NumberFormat.count(facts.rank)),
      ("Loss", facts.lossName),
      ("Solver", "\(facts.solverName), started from \(facts.options.initialization.rawValue)"),
      ("Seed", "\(facts.options.seed)"),
      ("Tolerance", NumberFormat.number(facts.options.tolerance, digits: 2)),
      ("Precision", precision),
      ("Version", context.version),
      ("Date", context.date),
    ]
    let list = items.filter { !$0.1.isEmpty }.map {
      "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>"
    }
    let command =
      context.command.isEmpty
      ? "" : #"<pre class="copy"><code>\#(escaped(context.command))</code></pre>"#
    return """
      <section id="reproduce">
      <h2>Reproduce</h2>
      <p>\(promise)</p>
      \(command)
      <dl>\(list.joined())</dl>
      </section>
      """
  }

  /// What can be promised: a fit that the clock or a person ended cannot be repeated exactly.
  private var promise: String {
    switch facts.report.stopReason {
    case .timeLimit, .stopped, .dropped:
      """
      The same command, data and seed take the same steps; but this fit was ended by the clock or \
      by hand, which may come after more or fewer of them the next time.
      """
    case .converged, .iterationLimit, .precisionLimit:
      """
      The same command, data and seed give the same numbers, bit for bit, with any number of threads.
      """
    }
  }
}
