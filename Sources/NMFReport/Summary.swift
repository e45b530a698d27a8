public import Matrices
public import NMF

/// A fit in at most ten lines of plain text, for a terminal of 80 to 100 columns.
///
/// - Parameters:
///   - model: The fit.
///   - context: What the model does not know about its data, and where the results are.
/// - Returns: Lines separated by line feeds, without one at the end.
public func summary<Scalar: MatrixScalar>(
  _ model: NMFModel<Scalar>, _ context: ReportContext
) -> String {
  let facts = ModelFacts(model)
  let report = facts.report
  let comparison =
    facts.loss == .poisson
    ? "of what independent rows and columns leave" : "of the sum of squares"
  var lines = [
    dataLine(context),
    """
    \(NumberFormat.count(facts.rank, "part")) by \(facts.lossName), solver \(facts.solverName), \
    seed \(facts.options.seed)
    """,
    facts.stopSentence.prefix(1).uppercased() + facts.stopSentence.dropFirst()
      + (facts.advice.map { ";\n  to go on, \($0)" } ?? ""),
    row(
      "Explained",
      "\(NumberFormat.percent(report.explained)) \(comparison) (100 % is an exact fit)"),
    row("Objective", NumberFormat.number(report.objective, digits: 6)),
    row(
      "KKT residual",
      """
      \(NumberFormat.number(report.kktResidual, digits: 2)) (0 at an optimum; below \
      \(NumberFormat.number(facts.options.tolerance, digits: 2)) is converged)
      """),
    row(
      "Exact zeros",
      """
      memberships \(NumberFormat.percent(facts.zerosInW)), \
      parts \(NumberFormat.percent(facts.zerosInH))
      """),
    row("Starts", facts.startsSentence),
  ]
  // The advice takes a line of its own, so results and page share one then.
  switch (context.resultsFolder, context.reportPath) {
  case (let folder?, let page?) where facts.advice == nil:
    lines += [row("Results", folder), row("Open", page)]
  case (_, let page?): lines.append(row("Open", page))
  case (let folder?, nil): lines.append(row("Results", folder))
  case (nil, nil): break
  }
  return lines.joined(separator: "\n").replacing(NumberFormat.space, with: " ")
}

private func row(_ name: String, _ value: String) -> String {
  name + String(repeating: " ", count: max(1, 14 - name.count)) + value
}

private func dataLine(_ context: ReportContext) -> String {
  let observations = NumberFormat.count(context.shape.rows, "observation")
  let features = NumberFormat.count(context.shape.columns, "feature")
  let zeros = context.zeroShare.map { ", \(NumberFormat.percent($0)) zeros" } ?? ""
  return "\(shortened(context.title, to: 40)): \(observations) × \(features)\(zeros)"
}
