public import Matrices

/// Which solution to choose where there is room.
public enum Preference: String, CaseIterable, Sendable, Codable {
  /// Parts as close together as the data allow.
  case minimumVolume = "minimum-volume"
  /// Parts as far apart as the data allow: with as many zeros as can be.
  case sparse
  /// Parts that are observations, or memberships that are features.
  case separable
}

/// A solution that was chosen by a principle, not by a start.
public struct ChosenSolution<Scalar: MatrixScalar>: Sendable {
  /// The principle.
  public var preference: Preference
  /// The solution, in canonical form.
  public var model: NMFModel<Scalar>
  /// The objective it was allowed; nil where the principle leaves no choice.
  public var allowedObjective: Double?
  /// The weight of the volume, in units of the loss.
  public var weight: Double?
  /// How many other solutions are as small in volume, so that a rule had to choose.
  ///
  /// The rule: of equals, the one whose parts hold the largest share of the first feature, then of the
  /// second, and so on; for `sparse`, memberships and observations.
  public var ties = 0
  /// For `separable`: the observations or the features that were picked, counted from 0.
  public var picked: [Int] = []
  /// For `separable`: whether `picked` are features.
  public var picksFeatures = false

  /// Whether the fit is as good as was asked for.
  public var isWithinTolerance: Bool {
    allowedObjective.map { model.report.objective <= $0 * (1 + 1e-12) } ?? false
  }
}

/// Chooses a solution by a principle.
///
/// - `minimumVolume`: minimises the loss + λ/2 log det(HHᵀ + δ), parts summing to 1, with the largest λ,
///   to about 4 %, at which the loss stays within the tolerance (Fu, Huang & Sidiropoulos 2018; Leplat,
///   Gillis & Ang 2020). When memberships are sufficiently scattered this solution is the only one.
///   Where two or three parts fit exactly, the closest pair or the smallest triangle is searched
///   directly, and WH stays as it is.
/// - `sparse`: the same with the roles of memberships and parts exchanged. As the volumes of the two
///   are each other's inverse, it puts the parts as far apart as they can be, at the zeros.
/// - `separable`: observations (or features, when they fit better) picked one after another, each the
///   farthest from those before it (successive projection; Gillis & Vavasis 2014).
///
/// The choice depends on WH, not on its factors: the search starts from points of WH, and from the
/// factors as they are only where those do not fit, and compares what it finds at one λ. Solutions of equal volume are chosen among
/// by the rule of `ChosenSolution.ties`.
///
/// - Parameters:
///   - preference: The principle.
///   - x: The data.
///   - model: A converged fit of them.
///   - tolerance: How much the objective may lie above that of the model.
///   - threads: Threads to compute with; nil for one a core.
/// - Throws: `FitError`.
public func preferredSolution<Scalar: MatrixScalar>(
  _ preference: Preference, _ x: DataMatrix<Scalar>, model: NMFModel<Scalar>, tolerance: Double,
  threads: Int? = nil
) throws -> ChosenSolution<Scalar> {
  let objective = model.report.objective
  // An exact fit stays one, whatever noise would allow.
  let isExact = model.report.isExact(objective)
  let least = volumeTolerance * model.report.nullObjective
  let allowed = objective + (isExact ? least : max(tolerance, least))
  let geometry = Geometry(
    w: model.w, h: model.h, negligible: Geometry.negligible(in: model.report))
  let finisher = SolutionFinisher(x, model: model, threads: threads)
  defer { finisher.pool.shutDown() }
  guard geometry.rank >= 2 else {
    return ChosenSolution(preference: preference, model: model, allowedObjective: allowed)
  }
  switch preference {
  case .separable:
    let seen = geometry.transposed
    let observations = geometry.extremeObservations()
    let features = seen.extremeObservations()
    let byRows = finisher.solution(parts: observations.map { geometry.reconstructedRow($0) })
    let byColumns = finisher.solution(memberships: features.map { seen.reconstructedRow($0) })
    // Features have to be better by more than the error of a fit.
    let takesRows =
      byRows.report.objective <= 1.001 * byColumns.report.objective + least
    return ChosenSolution(
      preference: preference, model: takesRows ? byRows : byColumns,
      picked: takesRows ? observations : features, picksFeatures: !takesRows)
  case .minimumVolume, .sparse:
    let isSparse = preference == .sparse
    let seen = isSparse ? geometry.transposed : geometry
    let result: (parts: [[Double]], weight: Double?, ties: Int)
    if isExact, let choices = seen.closestParts(),
      let (choice, ties) = smallest(choices, margin: 1e-4)
    {
      result = (choice.parts, nil, ties)
    } else {
      let counts = CompressedCounts(isSparse ? x.transposed() : x)
      let search: VolumeSearch
      if isExact {
        // Exact fits are the same for both losses, and least squares converges faster.
        let squares = counts.values.reduce(0) { $0 + $1 * $1 } / 2
        search = VolumeSearch(
          x: counts, loss: .frobenius, nullObjective: squares, objective: 0,
          allowed: 1e-10 * squares
        )
      } else {
        search = VolumeSearch(
          x: counts, loss: model.options.loss, nullObjective: model.report.nullObjective,
          objective: objective, allowed: allowed)
      }
      let (found, ties) = try search.run(seen.volumeStarts(), threads: threads)
      result = (found.parts, found.weight, ties)
    }
    return ChosenSolution(
      preference: preference,
      model: isSparse
        ? finisher.solution(memberships: result.parts) : finisher.solution(parts: result.parts),
      allowedObjective: allowed, weight: result.weight, ties: result.ties)
  }
}

/// What the volume may cost when a fit is exact, as a share of the objective without structure.
let volumeTolerance = 1e-7

/// Makes complete models from one factor.
struct SolutionFinisher<Scalar: MatrixScalar> {
  let problem: Problem<Scalar>
  let model: NMFModel<Scalar>
  let pool: ComputePool

  init(_ x: DataMatrix<Scalar>, model: NMFModel<Scalar>, threads: Int?) {
    pool = ComputePool(threads: threads)
    problem = Problem(x, loss: model.options.loss, pool: pool)
    self.model = model
  }

  /// The model with these parts and the memberships that fit them best.
  func solution(parts: [[Double]]) -> NMFModel<Scalar> {
    let ht = Factor<Scalar>(rows: problem.x.columns, rank: model.rank)
    for (k, part) in parts.enumerated() {
      for j in part.indices { ht[j, k] = Scalar(max(0, part[j])) }
    }
    return finished(w: problem.memberships(for: ht), ht: ht)
  }

  /// The model with these memberships and the parts that fit them best.
  func solution(memberships: [[Double]]) -> NMFModel<Scalar> {
    let w = Factor<Scalar>(rows: problem.x.rows, rank: model.rank)
    for (k, column) in memberships.enumerated() {
      for i in column.indices { w[i, k] = Scalar(max(0, column[i])) }
    }
    let transposed = Problem(problem.x.transposed(), loss: problem.loss, pool: pool)
    return finished(w: w, ht: transposed.memberships(for: w))
  }

  private func finished(w: Factor<Scalar>, ht: Factor<Scalar>) -> NMFModel<Scalar> {
    let parts = canonicalParts(w: w, ht: ht, loss: problem.loss, pool: problem.pool)
    let (memberships, evaluation) = problem.evaluatedMemberships(for: parts)
    var report = model.report
    report.objective = evaluation.objective
    report.kktResidual = evaluation.kktResidual
    report.logLikelihood = problem.loss == .poisson ? problem.logLikelihood(evaluation) : nil
    return NMFModel(
      w: memberships.matrix, h: parts.transposedMatrix, options: model.options, report: report)
  }
}
