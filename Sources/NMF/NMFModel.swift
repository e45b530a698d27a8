public import Matrices

/// A factorisation X ≈ WH, and how it was reached.
///
/// In canonical form: each part sums to 1 (Poisson) or has unit length (least squares), and
/// components are ordered by their mass Σᵢⱼ wᵢₖ hₖⱼ, the largest first.
public struct NMFModel<Scalar: MatrixScalar>: Sendable, Codable {
  /// The memberships W, N × r, non-negative.
  public let w: DenseMatrix<Scalar>
  /// The parts H, r × p, non-negative.
  public let h: DenseMatrix<Scalar>
  /// What was asked for.
  public let options: FitOptions
  /// How the fit went.
  public let report: FitReport

  package init(
    w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, options: FitOptions, report: FitReport
  ) {
    precondition(w.columns == h.rows, "W and H must have one number of components")
    self.w = w
    self.h = h
    self.options = options
    self.report = report
  }

  /// The number of components r.
  public var rank: Int { h.rows }

  /// Soft memberships: N × r, each row sums to 1, or is zero for an observation that is all zero.
  ///
  /// Entry (i, k) is the share of observation i that component k accounts for: wᵢₖ Σⱼ hₖⱼ over
  /// its sum across k, so that the scale of the parts does not matter.
  public var memberships: DenseMatrix<Double> { shares(w, h) }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func shares<Scalar: MatrixScalar>(
  _ w: DenseMatrix<Scalar>, _ h: DenseMatrix<Scalar>
) -> DenseMatrix<Double> {
  let rank = h.rows
  let partSums = (0..<rank).map { k in h.row(k).reduce(0.0) { $0 + Double($1) } }
  var result = w.elements.map { Double($0) }
  for first in stride(from: 0, to: result.count, by: rank) {
    var total = 0.0
    for k in 0..<rank {
      result[first + k] *= partSums[k]
      total += result[first + k]
    }
    guard total > 0 else { continue }
    for k in 0..<rank { result[first + k] /= total }
  }
  return DenseMatrix(unchecked: result, rows: w.rows, columns: rank)
}
