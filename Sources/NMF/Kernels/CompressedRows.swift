internal import Matrices

/// How the gradient of a factor has changed with the other factor, in leading directions of X.
struct GradientChange<Scalar: MatrixScalar> {
  /// Q, n × k.
  let directions: Factor<Scalar>
  /// T, k × r: the products have changed by Q T. In rows a factor's stride apart, as what follows.
  let turn: [Scalar]
  /// By how much the other factor's Gram matrix has changed.
  let gram: [Scalar]
}

/// Improves the rows of a factor near a place where its gradient is known exactly.
///
/// All that is computed is as small as the change from there, and so is its rounding. With D = F − F₀, a row
/// minimises ½ d G dᵀ − a d over d ≥ −f₀, where a is the downhill gradient at F₀, plus Q T less F₀ times the
/// change of G where the other factor has changed.
///
/// - Parameters:
///   - factor: F, n × r; improved in place.
///   - origin: F₀, n × r.
///   - downhill: The negative gradient there, n × r.
///   - gradientChange: How the gradient at F₀ has changed since; nil if it has not.
///   - gram: The Gram matrix of the other factor, r rows `factor.stride` apart.
///   - step: What to do with each row.
///   - change: Set to D.
///   - start: What the rows are written with before; nil for a factor that is there.
/// - Returns: ⟨downhill, D⟩ and ⟨Q T, D⟩.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func improveRows<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, from origin: Factor<Scalar>, downhill: Factor<Scalar>,
  gradientChange: GradientChange<Scalar>? = nil, gram: [Scalar], step: RowStep,
  change: Factor<Scalar>, start: Extrapolation<Scalar>? = nil, pool: ComputePool
) -> (downhill: Double, crossing: Double) {
  let (rows, stride, rank) = (factor.rows, factor.stride, factor.rank)
  precondition(origin.rows == rows && downhill.rows == rows && change.rows == rows)
  let piece = rowsOfSweeps(rows, pool: pool)
  let pieces = (rows + piece - 1) / piece
  // Of sixteen rows, which divide every piece: how many threads there are must not show in the sums.
  let summed = 16
  let sums = Factor<Double>(rows: (rows + summed - 1) / summed, rank: 2)
  // Q T, a and −f₀.
  let scratch = Factor<Scalar>(rows: pool.threads * 3 * piece, rank: rank)
  let negated = gradientChange?.gram.map { -$0 } ?? []
  let kernels = Scalar._kernels
  pool.run(pieces) { task, thread in
    let first = task * piece
    let count = min(piece, rows - first)
    let (size, offset) = (count * stride, first * stride)
    start?.write(first..<first + count, to: factor)
    // Safe: tasks own disjoint rows and sums, threads their scratch.
    let followed = unsafe scratch.base + thread * 3 * piece * stride
    let (a, least) = unsafe (followed + piece * stride, followed + 2 * piece * stride)
    let (now, before) = unsafe (factor.base + offset, origin.base + offset)
    let (known, moved) = unsafe (downhill.base + offset, change.base + offset)
    unsafe followed.zero(size)
    if let q = gradientChange?.directions, let turn = gradientChange?.turn {
      unsafe kernels.multiplyAdd(
        count, q.rank, rank, q.base + first * q.stride, q.stride, 1, turn, stride, followed, stride)
    }
    for index in 0..<size {
      unsafe a[index] = known[index] + followed[index]
      unsafe moved[index] = now[index] - before[index]
      unsafe least[index] = -before[index]
    }
    if !negated.isEmpty {
      unsafe kernels.multiplyAdd(
        count, rank, factor.width, before, stride, 1, negated, stride, a, stride)
    }
    unsafe improve(
      moved, rows: count, against: a, least: least, gram: gram, rank: rank, stride: stride,
      step: step)
    for index in 0..<size { unsafe now[index] = before[index] + moved[index] }
    for top in Swift.stride(from: 0, to: count, by: summed) {
      let (start, length) = (top * stride, min(summed, count - top) * stride)
      let sum = (first + top) / summed
      sums[sum, 0] = unsafe kernels.dot(length, known + start, moved + start)
      sums[sum, 1] = unsafe kernels.dot(length, followed + start, moved + start)
    }
  }
  return (0..<sums.rows).reduce((0, 0)) { ($0.0 + sums[$1, 0], $0.1 + sums[$1, 1]) }
}

/// Sets rows of `change` to those of `factor` less those of `origin`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func subtract<Scalar: MatrixScalar>(
  _ origin: Factor<Scalar>, from factor: Factor<Scalar>, in rows: Range<Int>,
  into change: Factor<Scalar>
) {
  precondition(origin.rows == factor.rows && change.rows == factor.rows)
  precondition(rows.lowerBound >= 0 && rows.upperBound <= factor.rows)
  // Safe: all of them have these rows.
  for index in rows.lowerBound * factor.stride..<rows.upperBound * factor.stride {
    unsafe change.base[index] = factor.base[index] - origin.base[index]
  }
}
