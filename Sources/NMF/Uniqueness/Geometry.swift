internal import Foundation
internal import Matrices

/// Factors as the geometry needs them: in double, parts that sum to 1, tiny entries as zeros.
///
/// W is scaled the other way, so that WH is the fit. Components without mass are left out.
struct Geometry: Sendable {
  /// Memberships by component: r lists of N.
  let w: [[Double]]
  /// Parts: r lists of p, each with sum 1.
  let h: [[Double]]
  /// The component of the model that each of these is.
  let components: [Int]
  let rows: Int
  let columns: Int

  /// The number of components that are alive.
  var rank: Int { h.count }

  /// - Parameter negligible: Entries below this share of their component's largest are taken as zero.
  init<Scalar: MatrixScalar>(
    w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, negligible: Double = Geometry.negligible
  ) {
    precondition(w.columns == h.rows, "W and H must have one number of components")
    rows = w.rows
    columns = h.columns
    var memberships: [[Double]] = []
    var parts: [[Double]] = []
    var components: [Int] = []
    for k in 0..<h.rows {
      let part = Geometry.cleaned(h.row(k).map { Double($0) }, negligible)
      let membership = Geometry.cleaned((0..<w.rows).map { Double(w[$0, k]) }, negligible)
      let sum = part.reduce(0, +)
      guard sum > 0, membership.contains(where: { $0 > 0 }) else { continue }
      parts.append(part.map { $0 / sum })
      memberships.append(membership.map { $0 * sum })
      components.append(k)
    }
    self.w = memberships
    self.h = parts
    self.components = components
  }

  private init(w: [[Double]], h: [[Double]], components: [Int]) {
    self.w = w
    self.h = h
    self.components = components
    rows = w.first?.count ?? 0
    columns = h.first?.count ?? 0
  }

  /// The factors of the transpose of WH, with memberships for parts.
  var transposed: Geometry {
    let sums = w.map { $0.reduce(0, +) }
    return Geometry(
      w: zip(h, sums).map { part, sum in part.map { $0 * sum } },
      h: zip(w, sums).map { column, sum in column.map { $0 / sum } }, components: components)
  }

  /// The share of a component's largest entry below which an entry counts as zero.
  static let negligible = 1e-7

  /// The share below which an entry of a fit counts as zero.
  ///
  /// A fit that is exact but for rounding errs by about the root of what is left of the objective,
  /// and its zeros may be as large as that; a fit to noise has zeros that are exactly zero.
  static func negligible(in report: FitReport) -> Double {
    guard report.objective <= exactLevel(report.nullObjective), report.nullObjective > 0 else {
      return negligible
    }
    return max(negligible, 10 * (report.objective / report.nullObjective).squareRoot())
  }

  /// A part that can turn by less than this is called pinned, in degrees.
  ///
  /// A fit that has converged still errs by about the root of its tolerance.
  static let pinnedDegrees = 0.1

  private static func cleaned(_ values: [Double], _ negligible: Double) -> [Double] {
    let floor = (values.max() ?? 0) * negligible
    return values.map { $0 > floor ? $0 : 0 }
  }

  /// Σₗ zₗ hₗ, whose sum is Σ z.
  func mix(_ z: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    for (k, weight) in z.enumerated() where weight != 0 {
      for j in 0..<columns { result[j] += weight * h[k][j] }
    }
    return result
  }

  /// The largest t for which wₗ − t wₖ stays non-negative.
  func give(_ k: Int, _ l: Int) -> Double {
    var smallest = Double.infinity
    for i in 0..<rows where w[k][i] > 0 {
      smallest = min(smallest, w[l][i] / w[k][i])
      if smallest == 0 { return 0 }
    }
    return smallest
  }
}

/// The angle between two vectors in degrees; 90 when one of them is zero.
public func degreesBetween(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "the vectors must have one length")
  let lengthA = a.reduce(0) { $0 + $1 * $1 }.squareRoot()
  let lengthB = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
  guard lengthA > 0, lengthB > 0 else { return 90 }
  // From the chord and its complement: exact for small angles, where the cosine is not.
  var apart = 0.0
  var together = 0.0
  for index in a.indices {
    let (x, y) = (a[index] / lengthA, b[index] / lengthB)
    apart += (x - y) * (x - y)
    together += (x + y) * (x + y)
  }
  return 2 * atan2(apart.squareRoot(), together.squareRoot()) * 180 / .pi
}
