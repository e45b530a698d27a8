import Matrices
import NMF
import Testing
import _NMFTestSupport

/// Several starts: the best is kept, those far behind are not followed.
@Suite struct RestartTests {
  static func options(_ restarts: Int, threads: Int = 2, loss: Loss = .frobenius) -> FitOptions {
    var options = FitOptions(rank: 3, loss: loss)
    options.initialization = .random
    options.restarts = restarts
    options.threads = threads
    options.maxIterations = 200
    return options
  }

  @Test(arguments: [Loss.frobenius, .poisson])
  func `the best of the starts followed is what is returned`(_ loss: Loss) throws {
    let model = try fit(PlantedProblem.counts.x, options: Self.options(9, loss: loss))
    let starts = model.report.restarts
    #expect(starts.map(\.index) == Array(0..<9))
    let followed = starts.filter { $0.stopReason != .dropped }
    #expect(followed.count >= 3)
    #expect(followed.map(\.objective).min() == model.report.objective)
    for start in starts where start.stopReason == .dropped { #expect(start.iterations == 30) }
  }

  @Test func `two starts are both followed`() throws {
    let model = try fit(PlantedProblem.counts.x, options: Self.options(2))
    #expect(model.report.restarts.allSatisfy { $0.stopReason != .dropped })
  }

  @Test(arguments: [Loss.frobenius, .poisson])
  func `the number of threads changes nothing`(_ loss: Loss) throws {
    let models = try [1, 2, 3].map {
      try fit(PlantedProblem.sparse.x, options: Self.options(18, threads: $0, loss: loss))
    }
    for model in models.dropFirst() {
      #expect(model.w == models[0].w)
      #expect(model.h == models[0].h)
      #expect(model.report.restarts == models[0].report.restarts)
    }
  }

  @Test(arguments: [1, 2]) func `a request to stop ends all starts`(_ threads: Int) throws {
    var options = Self.options(40, threads: threads)
    options.tolerance = 0
    let model = try fit(PlantedProblem.counts.x, options: options) {
      $0.restart == 0 && $0.entry.iteration == 10 ? .stop : .proceed
    }
    #expect(model.report.restarts.count <= 16)
    #expect(model.report.restarts.contains { $0.stopReason == .stopped })
  }
}
