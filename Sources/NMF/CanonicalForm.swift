internal import Matrices

/// Puts parts in canonical form: scaled, and ordered by mass with the largest first.
///
/// A part sums to 1 for Poisson, so that a row of W is the expected count of each part; it has unit
/// length for least squares. Mass is Σᵢⱼ wᵢₖ hₖⱼ; equal masses keep their order. A part that is all
/// zero stays so, at the end.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func canonicalParts<Scalar: MatrixScalar>(
  w: Factor<Scalar>, ht: Factor<Scalar>, loss: Loss
) -> Factor<Scalar> {
  let rank = w.rank
  let wSums = w.componentSums()
  let hSums = ht.componentSums()
  let order = (0..<rank).sorted { left, right in
    let a = wSums[left] * hSums[left]
    let b = wSums[right] * hSums[right]
    return a != b ? a > b : left < right
  }
  var sizes = hSums
  if loss == .frobenius {
    for k in 0..<rank {
      var squares = 0.0
      for j in 0..<ht.rows { squares += Double(ht[j, k]) * Double(ht[j, k]) }
      sizes[k] = squares.squareRoot()
    }
  }
  let result = Factor<Scalar>(rows: ht.rows, rank: rank)
  for j in 0..<ht.rows {
    for (place, k) in order.enumerated() where sizes[k] > 0 {
      result[j, place] = Scalar(Double(ht[j, k]) / sizes[k])
    }
  }
  return result
}
