import Testing

@testable import NMFReport

@Suite struct ConvergenceChartTests {
  @Test func `values that have no logarithm are left out and many points are thinned`() {
    let points = (0..<5000).map { ConvergenceChart.Point(iteration: $0, value: 4998 - Double($0)) }
    let chart = ConvergenceChart(title: "t", points: points)
    #expect(chart.points.count == ConvergenceChart.mostPoints)
    #expect(chart.points.first == points[0])
    #expect(chart.points.last == points[4997])
  }

  @Test func `there is no chart of fewer than two points`() {
    #expect(ConvergenceChart(title: "t", points: []).svg() == nil)
    #expect(ConvergenceChart(title: "t", points: [.init(iteration: 0, value: 1)]).svg() == nil)
    #expect(
      ConvergenceChart(
        title: "t", points: [.init(iteration: 0, value: 1), .init(iteration: 1, value: 0)]
      ).svg() == nil)
  }

  @Test(arguments: [(0, [0]), (1, [0, 1]), (312, [0, 100, 200, 300]), (30, [0, 10, 20, 30])])
  func `ticks are round`(_ last: Int, _ ticks: [Int]) {
    #expect(ConvergenceChart.ticks(upTo: last) == ticks)
  }

  @Test func `equal values and extreme values can be drawn`() {
    for value in [1e-300, 1, 1e300] {
      let chart = ConvergenceChart(
        title: "t",
        points: [.init(iteration: 0, value: value), .init(iteration: 5, value: value)],
        threshold: (1e-5, "goal"))
      #expect(chart.svg()?.contains("nan") == false)
      #expect(chart.svg()?.contains("inf") == false)
    }
  }
}
