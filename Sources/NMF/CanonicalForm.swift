internal import Matrices

/// Puts parts in canonical form: scaled, and ordered by mass with the largest first.
///
/// A part sums to 1 for Poisson, so that a row of W is the expected count of each part; it has unit
/// length for least squares. Mass is Σᵢⱼ wᵢₖ hₖⱼ; equal masses keep their order. A part that is all
/// zero stays so, at the end.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func canonicalParts<Scalar: MatrixScalar>(
  w: Factor<Scalar>, ht: Factor<Scalar>, loss: Loss, pool: ComputePool
) -> Factor<Scalar> {
  let rank = w.rank
  let wSums = w.componentSums()
  let hSums = ht.componentSums()
  let order = (0..<rank).sorted { left, right in
    let a = wSums[left] * hSums[left]
    let b = wSums[right] * hSums[right]
    return a != b ? a > b : left < right
  }
  let sizes =
    loss == .frobenius ? ht.componentSums(ofSquares: true).map { $0.squareRoot() } : hSums
  return ht.arranged(by: order, dividedBy: order.map { sizes[$0] }, pool: pool)
}
