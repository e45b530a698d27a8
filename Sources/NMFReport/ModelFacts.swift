import Foundation
import Matrices
import NMF

/// What a page and a summary say about a model, computed once.
struct ModelFacts {
  let rank: Int
  let loss: Loss
  let options: FitOptions
  let report: FitReport
  /// The precision of the factors.
  let precision: String
  /// Parts, r × p.
  let h: DenseMatrix<Double>
  /// Soft memberships, N × r.
  let memberships: DenseMatrix<Double>
  /// The share of each component in the mass Σ (WH)ᵢⱼ.
  let massShares: [Double]
  /// The share of entries of W that are exactly zero.
  let zerosInW: Double
  /// The share of entries of H that are exactly zero.
  let zerosInH: Double

  init<Scalar: MatrixScalar>(_ model: NMFModel<Scalar>) {
    rank = model.rank
    loss = model.options.loss
    options = model.options
    report = model.report
    precision = Scalar.precisionName
    h = model.h.converted(to: Double.self)
    memberships = model.memberships
    let masses = Self.masses(w: model.w, h: h)
    let total = masses.reduce(0, +)
    massShares = masses.map { total > 0 ? $0 / total : 0 }
    zerosInW = Self.zeroShare(model.w.elements)
    zerosInH = Self.zeroShare(model.h.elements)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func masses<Scalar: MatrixScalar>(
    w: DenseMatrix<Scalar>, h: DenseMatrix<Double>
  ) -> [Double] {
    var columnSums = [Double](repeating: 0, count: h.rows)
    for i in 0..<w.rows {
      for (k, value) in w.row(i).enumerated() { columnSums[k] += Double(value) }
    }
    return columnSums.indices.map { k in columnSums[k] * h.row(k).reduce(0, +) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func zeroShare<Scalar: MatrixScalar>(_ values: [Scalar]) -> Double {
    values.isEmpty ? 0 : Double(values.count { $0 == 0 }) / Double(values.count)
  }

  /// The loss in words.
  var lossName: String {
    switch loss {
    case .poisson: "Poisson likelihood"
    case .frobenius: "least squares"
    }
  }

  /// The solver that ran, also where it was left to the program.
  var solverName: String {
    switch options.solver {
    case .automatic: loss == .poisson ? "scd" : "hals"
    default: options.solver.rawValue
    }
  }

  /// What the share that is explained is a share of.
  var explainedMeaning: String {
    switch loss {
    case .poisson:
      """
      How much of the misfit of a model without structure (independent rows and columns, rank one) \
      the parts remove.
      """
    case .frobenius: "How much of the sum of squares of the data the parts account for."
    }
  }

  /// The restarts in one sentence.
  var startsSentence: String {
    let count = report.restarts.count
    guard count > 1 else {
      return "1 start: another start may give other parts; run --restarts 20 to see"
    }
    let agreed = report.startsAgreed
    let dropped = report.restarts.count { $0.stopReason == .dropped }
    let finished = count - dropped
    let others = dropped > 0 ? "\(dropped) fell behind and were dropped; " : ""
    let verdict =
      agreed == finished
      ? "all\(dropped > 0 ? " \(finished) others" : "") ended at the same parts"
      : "\(agreed) of \(dropped > 0 ? "the \(finished) others" : "\(count)") ended at these parts"
    return "best of \(count); \(others)\(verdict) (each part within 5°, objective within "
      + "0.1\(NumberFormat.space)%)"
  }

  /// What the number of starts says about the parts, for the caution of the page.
  var startsCaution: String {
    let finished = report.restarts.count { $0.stopReason != .dropped }
    guard finished > 1 else {
      return "These parts come from one start, which says nothing about where others would end."
    }
    let agreed = report.startsAgreed
    let dropped = report.restarts.count - finished
    let behind =
      dropped > 0 ? " (\(dropped) more fell behind early, and were not followed.)" : ""
    if agreed == finished { return "All \(finished) starts ended at these parts." + behind }
    return
      (agreed == 1
      ? "None of the \(finished - 1) other starts ended at these parts."
      : "Of \(finished) starts, \(agreed) ended at these parts; the others ended elsewhere.")
      + behind
  }

  /// Why the fit stopped, as the end of "It stopped because …".
  var stopSentence: String {
    let iterations = NumberFormat.count(report.iterations, "iteration")
    let seconds = NumberFormat.seconds(report.seconds)
    switch report.stopReason {
    case .converged: return "converged after \(iterations) in \(seconds)"
    case .iterationLimit: return "not converged: stopped at the limit of \(iterations) (\(seconds))"
    case .timeLimit: return "not converged: stopped at the time limit, \(iterations) in \(seconds)"
    case .stopped, .dropped:
      return "not converged: stopped by request after \(iterations) in \(seconds)"
    case .precisionLimit:
      return "at the limit of the precision after \(iterations) in \(seconds)"
    }
  }

  /// What to do about a fit that did not converge; nil when it did.
  var advice: String? {
    switch report.stopReason {
    case .converged: nil
    case .iterationLimit: "allow more iterations: --max-iter \(max(1, options.maxIterations) * 5)"
    case .timeLimit:
      "allow more time: --time-limit \(Int(((options.timeLimit ?? report.seconds) * 5).rounded(.up)))"
    case .stopped, .dropped: "run it again to the end"
    case .precisionLimit:
      precision == Float.precisionName
        ? "compute in double precision, or accept a larger --tol" : "accept a larger --tol"
    }
  }
}
