import Matrices
import NMF

extension Report {
  /// How the fit came to rest, or that it did not.
  func convergenceSection() -> String {
    let charts = [objectiveChart, residualChart].compactMap(figure)
    let drawn =
      charts.isEmpty
      ? #"<p class="note">Too few iterations were recorded to draw a curve.</p>"#
      : #"<div class="charts">"# + charts.joined() + "</div>"
    return """
      <section id="convergence">
      <h2>Convergence</h2>
      <p>\(stopExplanation(curves: charts.count))</p>
      \(drawn)
      </section>
      """
  }

  private var objectiveChart: ConvergenceChart {
    let history = facts.report.history
    let best = min(facts.report.objective, history.map(\.objective).min() ?? .infinity)
    let scale = facts.report.nullObjective > 0 ? facts.report.nullObjective : 1
    return ConvergenceChart(
      title: "Objective above the best reached",
      subtitle: facts.report.nullObjective > 0
        ? "as a share of the objective without structure" : "in its own units",
      points: history.map {
        .init(iteration: $0.iteration, value: ($0.objective - best) / scale)
      })
  }

  private var residualChart: ConvergenceChart {
    let tolerance = facts.options.tolerance
    return ConvergenceChart(
      title: "KKT residual",
      subtitle: "how far from an optimum; 0 at an optimum",
      points: facts.report.history.compactMap { entry in
        entry.kktResidual.map { .init(iteration: entry.iteration, value: $0) }
      },
      threshold: (tolerance, "converged below \(NumberFormat.number(tolerance, digits: 2))"))
  }

  private func figure(_ chart: ConvergenceChart) -> String? {
    chart.svg().map { svg in
      """
      <figure class="panel"><figcaption><b>\(escaped(chart.title))</b><br/>\
      \(escaped(chart.subtitle))</figcaption>\(svg)</figure>
      """
    }
  }

  private func stopExplanation(curves: Int) -> String {
    let tolerance = NumberFormat.number(facts.options.tolerance, digits: 2)
    let limits =
      switch curves {
      case 0: ""
      case 1: "The curve should fall steeply and end low; the scale is logarithmic."
      default: "Both curves should fall steeply and end low; the scales are logarithmic."
      }
    switch facts.report.stopReason {
    case .converged:
      return """
        The fit stopped because it converged: the KKT residual is below \(tolerance), and the \
        objective no longer changes. More iterations would not change the picture. \(limits)
        """
    case .iterationLimit:
      return """
        The fit stopped at the limit of \(NumberFormat.count(facts.report.iterations, "iteration")), \
        before it converged. \(limits) A curve that is still falling at its right end says that more \
        iterations would improve the fit.
        """
    case .timeLimit:
      return """
        The fit stopped at its time limit, before it converged. \(limits) A curve that is still \
        falling at its right end says that more time would improve the fit.
        """
    case .stopped, .dropped:
      return "The fit was stopped by request, before it converged. \(limits)"
    case .precisionLimit:
      return """
        The fit stopped because the objective can no longer fall in this precision, although the \
        KKT residual is still above \(tolerance). \(limits)
        """
    }
  }
}
