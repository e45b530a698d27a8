import Matrices
import NMF

extension Report {
  /// Every number with what it means and what a good one looks like.
  func numbersSection() -> String {
    let rows = (qualityRows + convergenceRows + factorRows).map { name, value, meaning in
      "<tr><td>\(name)</td><td>\(value)</td><td>\(meaning)</td></tr>"
    }
    return """
      <section id="numbers">
      <h2>Numbers</h2>
      <p>Each with what it says, and what a good one looks like.</p>
      <table class="numbers"><thead><tr><th>What</th><th>Value</th><th>What it says</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table>
      </section>
      """
  }

  private typealias Row = (name: String, value: String, meaning: String)

  private var qualityRows: [Row] {
    let report = facts.report
    var rows: [Row] = [
      (
        "Explained", NumberFormat.percent(report.explained),
        """
        \(facts.explainedMeaning) 100 % is an exact fit. More parts always explain more, so this \
        alone does not choose their number.
        """
      ),
      (
        "Objective", NumberFormat.number(report.objective, digits: 6),
        facts.loss == .poisson
          ? """
          What was minimised: Σ x log(x/v) − x + v over all entries, v being the fit. Lower is \
          better, 0 is an exact fit; comparable only between fits of the same data.
          """
          : """
          What was minimised: half the sum of squared differences between data and fit. Lower is \
          better, 0 is an exact fit; comparable only between fits of the same data.
          """
      ),
    ]
    switch facts.loss {
    case .poisson:
      rows.append(
        (
          "Deviance", NumberFormat.number(report.deviance, digits: 6),
          "Twice the objective, as statistics programs report it for counts. Lower is better."
        ))
    case .frobenius:
      rows.append(
        (
          "Sum of squares", NumberFormat.number(report.deviance, digits: 6),
          "What is left of the sum of squares of the data. Lower is better."
        ))
      if report.nullObjective > 0 {
        let error = (max(0, report.objective) / report.nullObjective).squareRoot()
        rows.append(
          (
            "Relative error", NumberFormat.percent(error),
            "The length of the difference over the length of the data. 0 % is an exact fit."
          ))
      }
    }
    if let likelihood = report.logLikelihood {
      rows.append(
        (
          "Log-likelihood", NumberFormat.number(likelihood, digits: 6),
          """
          Of the data under Poisson noise, in nats. Higher is better; its own size says nothing, \
          differences between fits of the same data do.
          """
        ))
    }
    return rows
  }

  private var convergenceRows: [Row] {
    let report = facts.report
    let tolerance = NumberFormat.number(facts.options.tolerance, digits: 2)
    return [
      (
        "KKT residual", NumberFormat.number(report.kktResidual, digits: 2),
        """
        How far the parts and memberships are from an optimum: 0 at an optimum; below \(tolerance) \
        is converged. It does not depend on the scale of the data.
        """
      ),
      (
        "Iterations", NumberFormat.count(report.iterations),
        """
        Of the start that was kept; at most \(NumberFormat.count(facts.options.maxIterations)) were \
        allowed. Solver \(facts.solverName), started from \(facts.options.initialization.rawValue).
        """
      ),
      (
        "Time", NumberFormat.seconds(report.seconds),
        "For all starts together, in \(escaped(precision)) precision."
      ),
      ("Starts", NumberFormat.count(max(1, report.restarts.count)), startsMeaning),
    ]
  }

  private var startsMeaning: String {
    let report = facts.report
    guard report.restarts.count > 1 else { return sentence(facts.startsSentence) }
    let converged = report.restarts.count { $0.stopReason == .converged }
    guard !report.restarts.contains(where: { $0.stopReason == .dropped }) else {
      return sentence(facts.startsSentence)
    }
    return """
      \(sentence(facts.startsSentence)) \(converged == report.restarts.count ? "All" : "\(converged)") \
      of them converged. When most starts end near the best, a better fit is unlikely.
      """
  }

  private func sentence(_ text: String) -> String {
    escaped(text.prefix(1).uppercased() + text.dropFirst()) + "."
  }

  private var factorRows: [Row] {
    var rows: [Row] = [
      (
        "Zeros in parts", NumberFormat.percent(facts.zerosInH),
        "Entries of H that are exactly zero. Zeros make a part local: it leaves other features alone."
      ),
      (
        "Zeros in memberships", NumberFormat.percent(facts.zerosInW),
        "Entries of W that are exactly zero. Zeros mean that an observation needs only some parts."
      ),
    ]
    if let zeros = context.zeroShare {
      rows.append(
        (
          "Zeros in the data", NumberFormat.percent(zeros),
          context.isSparse
            ? "Only the \(NumberFormat.count(context.nonzeroCount ?? 0)) other entries are stored."
            : "All entries are stored."
        ))
    }
    return rows
  }
}
