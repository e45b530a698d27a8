import Matrices
import NMF

extension Report {
  /// What was done in one sentence, a warning when it is not finished, and four numbers.
  func headerSection() -> String {
    let observations = NumberFormat.count(context.shape.rows, "observation")
    let features = NumberFormat.count(context.shape.columns, "feature")
    var html = """
      <header>
      <h1>\(escaped(context.title))</h1>
      <p class="lead">\(NumberFormat.count(facts.rank, "part")) of \(observations) × \(features), \
      \(facts.lossName); \(facts.stopSentence).</p>
      """
    if let advice = facts.advice {
      html += """

        <div class="warning" role="alert"><p><strong>\(warningTitle)</strong> \(warningText) \
        What to do: \(escaped(advice)).</p></div>
        """
    }
    if !context.notes.isEmpty {
      html += #"<ul class="notes">"#
      html += context.notes.map { "<li>\(escaped($0))</li>" }.joined()
      html += "</ul>"
    }
    html += keyFigures()
    return html + """

      </header>
      <nav aria-label="Sections"><a href="#parts">Parts</a><a href="#memberships">Memberships</a>\
      <a href="#convergence">Convergence</a><a href="#numbers">Numbers</a>\
      <a href="#caution">Caution</a><a href="#reproduce">Reproduce</a></nav>
      """
  }

  private var warningTitle: String {
    facts.report.stopReason == .precisionLimit ? "At the limit of the precision." : "Not converged."
  }

  private var warningText: String {
    switch facts.report.stopReason {
    case .precisionLimit:
      """
      The objective can no longer fall in \(escaped(precision)) precision, though the parts \
      are not quite stationary (KKT residual \(NumberFormat.number(facts.report.kktResidual, digits: 2)), \
      wanted below \(NumberFormat.number(facts.options.tolerance, digits: 2))).
      """
    default:
      """
      The fit was still improving when it stopped, so parts and memberships may yet change (KKT \
      residual \(NumberFormat.number(facts.report.kktResidual, digits: 2)), wanted below \
      \(NumberFormat.number(facts.options.tolerance, digits: 2))).
      """
    }
  }

  private func keyFigures() -> String {
    let report = facts.report
    let mixed = Double(members.mixed) / Double(max(1, context.shape.rows))
    let figures: [(String, String, String)] = [
      ("", NumberFormat.percent(report.explained), "explained; 100 % would be an exact fit"),
      (
        report.converged ? "good" : "bad", NumberFormat.number(report.kktResidual, digits: 2),
        report.converged
          ? "KKT residual: converged"
          : "KKT residual: above \(NumberFormat.number(facts.options.tolerance, digits: 2))"
      ),
      ("", NumberFormat.percent(facts.zerosInH), "of the entries of the parts are exactly zero"),
      ("", NumberFormat.percent(mixed), "of the observations are mixed: no part has half of them"),
    ]
    let cells = figures.map { #"<div class="\#($0.0)"><b>\#($0.1)</b><span>\#($0.2)</span></div>"# }
    return "\n" + #"<div class="keys">"# + cells.joined() + "</div>"
  }
}
