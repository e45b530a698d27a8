import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// What every solver promises, for every loss, storage and precision.
@Suite struct SolverContract {
  /// A relative rounding error that both precisions stay within.
  static func slack<Scalar: MatrixScalar>(_ type: Scalar.Type) -> Double {
    Scalar.self == Float.self ? 2e-5 : 1e-11
  }

  static func fitted<Scalar: MatrixScalar>(
    _ solver: SolverCase, _ x: DataMatrix<Double>, as type: Scalar.Type, iterations: Int = 60,
    change: (inout FitOptions) -> Void = { _ in }
  ) throws -> NMFModel<Scalar> {
    var options = solver.options(rank: 3)
    options.maxIterations = iterations
    options.threads = 2
    change(&options)
    return try Shortcuts.$fewestEntries.withValue(0) {
      try fit(x.converted(to: Scalar.self), options: options)
    }
  }

  @Test(arguments: SolverCase.allCases, PlantedProblem.allCases)
  func `the objective never rises`(_ solver: SolverCase, _ problem: PlantedProblem) throws {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type) throws {
      let model = try Self.fitted(solver, problem.x, as: type)
      let objectives = model.report.history.map(\.objective)
      #expect(objectives.count > 1)
      for (before, after) in zip(objectives, objectives.dropFirst()) { #expect(after <= before) }
      let first = try #require(objectives.first)
      let last = try #require(objectives.last)
      #expect(last < first)
      // Solving W for the final parts cannot make it worse.
      let rounding = Self.slack(type) * (first + last)
      #expect(model.report.objective <= last + rounding)
    }
    try check(Double.self)
    try check(Float.self)
  }

  @Test(arguments: SolverCase.allCases, PlantedProblem.allCases)
  func `the objective is what its definition says`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type) throws {
      let x = problem.x.converted(to: type)
      // A single iteration: the value of the loop, not that of the final evaluation, is looked at.
      let model = try Self.fitted(solver, problem.x, as: type, iterations: 25)
      let expected = referenceObjective(x, model.w, model.h, solver.loss)
      let size = referenceObjective(
        x, DenseMatrix(rows: x.rows, columns: 3, repeating: 0.1),
        DenseMatrix(rows: 3, columns: x.columns, repeating: 0.1), solver.loss)
      #expect(abs(model.report.objective - expected) <= Self.slack(type) * size)
    }
    try check(Double.self)
    try check(Float.self)
  }

  @Test(arguments: SolverCase.allCases, PlantedProblem.allCases)
  func `factors are non-negative and finite, and in canonical form`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type) throws {
      let model = try Self.fitted(solver, problem.x, as: type)
      #expect(model.w.elements.allSatisfy { $0 >= 0 && $0 < .infinity })
      #expect(model.h.elements.allSatisfy { $0 >= 0 && $0 < .infinity })
      var masses: [Double] = []
      for k in 0..<model.rank {
        let part = model.h.row(k).map(Double.init)
        let size =
          solver.loss == .poisson
          ? part.reduce(0, +) : part.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(size - 1) < 1e-5)
        let column = (0..<model.w.rows).reduce(0.0) { $0 + Double(model.w[$1, k]) }
        masses.append(column * part.reduce(0, +))
      }
      // The order was fixed before W was solved a last time: near ties may have changed places.
      for (left, right) in zip(masses, masses.dropFirst()) { #expect(left >= right * 0.9) }
    }
    try check(Double.self)
    try check(Float.self)
  }

  @Test(arguments: SolverCase.allCases)
  func `sparse and dense storage give the same answer`(_ solver: SolverCase) throws {
    for problem in [PlantedProblem.sparse, .sparseZeroRowsAndColumns] {
      guard case .sparse(let sparse) = problem.x else { continue }
      let one = try Self.fitted(solver, .sparse(sparse), as: Double.self, iterations: 12)
      let other = try Self.fitted(solver, .dense(sparse.dense()), as: Double.self, iterations: 12)
      // The number of HALS sweeps depends on the storage; the definition of the objective must not.
      let same = solver == .leastSquares ? 0.05 : 1e-9
      #expect(
        abs(one.report.objective - other.report.objective) <= same * other.report.objective)
      if solver != .leastSquares {
        for (a, b) in zip(one.h.elements, other.h.elements) { #expect(abs(a - b) < 1e-7) }
      }
    }
  }

  @Test(arguments: SolverCase.allCases)
  func `single and double precision agree`(_ solver: SolverCase) throws {
    for problem in [PlantedProblem.counts, .sparse, .measurements] {
      let double = try Self.fitted(solver, problem.x, as: Double.self, iterations: 15)
      let single = try Self.fitted(solver, problem.x, as: Float.self, iterations: 15)
      #expect(
        abs(double.report.objective - single.report.objective) <= 1e-3 * double.report.objective)
    }
  }

  @Test(arguments: SolverCase.allCases.filter(\.isFast), PlantedProblem.allCases)
  func `what is called converged meets the tolerance as it is returned`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    for tolerance in [1e-3, 1e-5] {
      let model = try Self.fitted(solver, problem.x, as: Double.self, iterations: 5000) {
        $0.tolerance = tolerance
      }
      guard model.report.stopReason == .converged else { continue }
      let isExact = model.report.objective <= 1e-12 * model.report.nullObjective
      #expect(model.report.kktResidual <= tolerance || isExact)
    }
  }

  @Test(arguments: SolverCase.allCases.filter(\.isFast), PlantedProblem.allCases)
  func `a converged fit is stationary, as an independent check sees it`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    let model = try Self.fitted(solver, problem.x, as: Double.self, iterations: 5000) {
      $0.tolerance = 1e-7
    }
    #expect(model.report.stopReason == .converged || model.report.stopReason == .precisionLimit)
    #expect(model.report.kktResidual < 1e-6)
    let violation = referenceViolation(problem.x, model.w, model.h, solver.loss)
    #expect(violation < 2e-4)
  }

  @Test(arguments: SolverCase.allCases, PlantedProblem.allCases)
  func `the same seed gives the same bits at any number of threads`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    func check<Scalar: MatrixScalar>(_ type: Scalar.Type) throws {
      let models = try [1, 2, 3].map { threads in
        try Self.fitted(solver, problem.x, as: type, iterations: 20) { $0.threads = threads }
      }
      #expect(models[0].w == models[1].w)
      #expect(models[0].h == models[1].h)
      #expect(models[0].w == models[2].w)
      #expect(models[0].h == models[2].h)
      let other = try Self.fitted(solver, problem.x, as: type, iterations: 20) { $0.seed = 77 }
      #expect(models[0].h != other.h)
    }
    try check(Double.self)
    try check(Float.self)
  }

  @Test(arguments: SolverCase.allCases, PlantedProblem.allCases)
  func `transform of the training data is W, bit for bit`(
    _ solver: SolverCase, _ problem: PlantedProblem
  ) throws {
    let model = try Self.fitted(solver, problem.x, as: Double.self, iterations: 15)
    #expect(try model.transform(problem.x, threads: 1) == model.w)
  }

  @Test(arguments: SolverCase.allCases)
  func `an exact factorisation stays where it is`(_ solver: SolverCase) throws {
    var random = SplitMix64(seed: 5)
    let w = try DenseMatrix(
      rows: 20, columns: 3, elements: (0..<60).map { _ in 0.2 + random.uniform() })
    let h = try DenseMatrix(
      rows: 3, columns: 15, elements: (0..<45).map { _ in 0.2 + random.uniform() })
    var options = solver.options(rank: 3)
    options.maxIterations = 5
    let model = try fit(.dense(product(w, h)), options: options, start: (w, h))
    #expect(model.report.objective < 1e-20)
    #expect(model.report.kktResidual < 1e-10)
    #expect(model.report.stopReason == .converged)
  }

  @Test(arguments: SolverCase.allCases)
  func `all-zero rows and columns get zero factors`(_ solver: SolverCase) throws {
    for problem in [PlantedProblem.zeroRowsAndColumns, .sparseZeroRowsAndColumns] {
      let model = try Self.fitted(solver, problem.x, as: Double.self)
      for k in 0..<3 {
        #expect(model.w[0, k] == 0)
        #expect(model.w[11, k] == 0)
        #expect(model.h[k, 4] == 0)
        #expect(model.h[k, 32] == 0)
      }
    }
  }

  @Test(arguments: SolverCase.allCases, Initialization.allCases)
  func `every start leads to a comparable optimum`(
    _ solver: SolverCase, _ initialization: Initialization
  ) throws {
    let model = try Self.fitted(solver, PlantedProblem.counts.x, as: Double.self, iterations: 400) {
      $0.initialization = initialization
    }
    let random = try Self.fitted(
      solver, PlantedProblem.counts.x, as: Double.self, iterations: 400)
    #expect(model.report.objective < 1.3 * random.report.objective)
  }
}
