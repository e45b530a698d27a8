import Matrices
import Testing

@testable import NMF
@testable import NMFReport

@Suite struct SummaryTests {
  @Test func `a converged fit in ten lines`() throws {
    var context = Examples.context()
    context.resultsFolder = "small.nnmf"
    context.reportPath = "small.nnmf/report.html"
    #expect(
      summary(try Examples.small(), context) == """
        small.csv: 3 observations × 4 features, 25 % zeros
        2 parts by Poisson likelihood, solver scd, seed 7
        Converged after 312 iterations in 4.1 s
        Explained     75 % of what independent rows and columns leave (100 % is an exact fit)
        Objective     25
        KKT residual  8.2e-6 (0 at an optimum; below 1e-5 is converged)
        Exact zeros   memberships 16.7 %, parts 25 %
        Starts        1 start: another start may give other parts; run --restarts 20 to see
        Results       small.nnmf
        Open          small.nnmf/report.html
        """)
  }

  @Test(arguments: [StopReason.iterationLimit, .timeLimit, .stopped, .precisionLimit])
  func `a fit that did not converge says what to do and stays within ten lines`(
    _ reason: StopReason
  ) throws {
    var context = Examples.context()
    context.resultsFolder = "small.nnmf"
    context.reportPath = "small.nnmf/report.html"
    let model = try Examples.small(Examples.report(reason, restarts: [25, 26]), limit: 6)
    let lines = summary(model, context).split(separator: "\n")
    #expect(lines.count <= 10)
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines.contains { $0.contains("to go on") })
  }
}
