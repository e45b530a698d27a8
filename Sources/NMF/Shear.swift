public import Matrices

/// How far two components can be exchanged, pair by pair, without changing WH.
///
/// For k ≠ l the move hₖ ← hₖ + t hₗ, wₗ ← wₗ − t wₖ leaves WH as it is, for every t. Both factors
/// stay non-negative exactly for t in
///
///     [ −min over {j: hₗⱼ > 0} of hₖⱼ / hₗⱼ ,  min over {i: wᵢₖ > 0} of wᵢₗ / wᵢₖ ]
///
/// (the support conditions of Huang, Sidiropoulos & Swami 2014, made quantitative; for two
/// components the products of these intervals are all the factorisations there are: Lawton &
/// Sylvestre 1971). When every interval is the point 0, no pair can be exchanged; that does not
/// prove that the factorisation is unique, because three or more components may move together.
public struct Shear: Sendable, Equatable {
  /// Row k, column l: the smallest t, at most 0.
  ///
  /// Below 0 when part k can give features to part l.
  public let lower: DenseMatrix<Double>
  /// Row k, column l: the largest t, at least 0.
  ///
  /// Above 0 when part l can be blended into part k.
  public let upper: DenseMatrix<Double>
  /// Row k, column l: the width of the interval times ‖hₗ‖₁ / ‖hₖ‖₁, which is free of scale.
  public let width: DenseMatrix<Double>
  /// Row l, column k: the largest share of the mass of part l that one exchange moves to part k.
  ///
  /// The mass of a component is Σᵢⱼ wᵢₗ hₗⱼ. Shares of different columns are not additive: each
  /// exchange is possible alone.
  public let transferable: DenseMatrix<Double>

  /// The number of components r.
  public var rank: Int { width.rows }

  /// Whether some pair can be exchanged by more than `threshold` of a part's mass.
  public func isMovable(beyond threshold: Double = 1e-3) -> Bool {
    transferable.elements.contains { $0 > threshold }
  }

  /// Computes the intervals of all pairs.
  ///
  /// - Parameters:
  ///   - w: Memberships, N × r, non-negative.
  ///   - h: Parts, r × p, non-negative.
  ///   - negligible: Entries below this share of their component's largest count as zero.
  /// - Complexity: O((N + p) r²) at most; a pair ends at its first zero ratio.
  public init<Scalar: MatrixScalar>(
    w: DenseMatrix<Scalar>, h: DenseMatrix<Scalar>, negligible: Double = 1e-8
  ) {
    precondition(w.columns == h.rows, "W and H must have one number of components")
    let memberships = Shear.components(of: w.transposed(), negligible: negligible)
    let parts = Shear.components(of: h, negligible: negligible)
    let membershipSums = memberships.map { $0.reduce(0, +) }
    let partSums = parts.map { $0.reduce(0, +) }
    let rank = h.rows
    var lower = DenseMatrix<Double>(rows: rank, columns: rank)
    var upper = lower
    var width = lower
    var transferable = lower
    // A component without mass has nothing to give and no support to be bounded by.
    let alive = (0..<rank).filter { membershipSums[$0] > 0 && partSums[$0] > 0 }
    for k in alive {
      for l in alive where k != l {
        let beta = Shear.smallestRatio(parts[k], over: parts[l])
        let alpha = Shear.smallestRatio(memberships[l], over: memberships[k])
        lower[k, l] = beta > 0 ? -beta : 0
        upper[k, l] = alpha
        width[k, l] = (alpha + beta) * partSums[l] / partSums[k]
        transferable[l, k] = max(
          transferable[l, k], min(1, alpha * membershipSums[k] / membershipSums[l]))
        transferable[k, l] = max(
          transferable[k, l], min(1, beta * partSums[l] / partSums[k]))
      }
    }
    self.lower = lower
    self.upper = upper
    self.width = width
    self.transferable = transferable
  }

  /// The rows of a matrix, with negligible entries set to zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func components<Scalar: MatrixScalar>(
    of matrix: DenseMatrix<Scalar>, negligible: Double
  ) -> [[Double]] {
    (0..<matrix.rows).map { k in
      let row = matrix.row(k).map { Double($0) }
      let floor = (row.max() ?? 0) * negligible
      return row.map { $0 > floor ? $0 : 0 }
    }
  }

  /// The smallest a / b where b is above zero; 0 as soon as one ratio is.
  private static func smallestRatio(_ a: [Double], over b: [Double]) -> Double {
    var smallest = Double.infinity
    for index in b.indices where b[index] > 0 {
      smallest = min(smallest, a[index] / b[index])
      if smallest == 0 { return 0 }
    }
    return smallest
  }
}

extension NMFModel {
  /// How far pairs of components can be exchanged without changing the fit.
  public func shear(negligible: Double = 1e-8) -> Shear {
    Shear(w: w, h: h, negligible: negligible)
  }
}
