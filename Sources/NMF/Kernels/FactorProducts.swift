internal import Matrices

/// AB for tall factors, A m × k and B k × n, dealt out by rows of A.
///
/// Small products are not shared out: to wake a thread takes longer than half a million additions.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func multiply<Scalar: MatrixScalar>(
  _ a: Factor<Scalar>, _ b: Factor<Scalar>, pool: ComputePool
) -> Factor<Scalar> {
  precondition(a.rank == b.rows, "the inner sizes of a product must agree")
  let result = Factor<Scalar>(rows: a.rows, rank: b.rank)
  let piece = 48 * max(1, (1 << 19) / max(1, 48 * a.rank * b.stride))
  pool.run((a.rows + piece - 1) / piece) { task, _ in
    let first = task * piece
    // Safe: tasks own disjoint rows of the result.
    unsafe Scalar._kernels.multiplyAdd(
      min(piece, a.rows - first), a.rank, b.width, a.base + first * a.stride, a.stride, 1, b.base,
      b.stride, result.base + first * b.stride, b.stride)
  }
  return result
}

/// AᵀB for factors with the same rows, in double, row after row without padding.
func crossProduct<Scalar: MatrixScalar>(
  _ a: Factor<Scalar>, _ b: Factor<Scalar>, pool: ComputePool
) -> [Double] {
  let product = crossProducts([a], b, pool: pool)[0]
  return (0..<a.rank).flatMap { product[$0 * b.stride..<$0 * b.stride + b.rank] }
}

/// AᵀB for each of some factors A with the rows of B, all in one pass over B, in rows `b.stride` apart.
///
/// Panels of 256 rows keep single-precision sums short; they are added in order, in pieces of about four.
///
/// - Parameter prepare: Called for some rows of B before they are read: writes them.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func crossProducts<Scalar: MatrixScalar>(
  _ factors: [Factor<Scalar>], _ b: Factor<Scalar>, pool: ComputePool,
  preparedBy prepare: (Range<Int>) -> Void = { _ in }
) -> [[Double]] {
  precondition(factors.allSatisfy { $0.rows == b.rows }, "all factors must have the same rows")
  let panel = 256
  let panels = (b.rows + panel - 1) / panel
  let pieces = max(1, min(4, panels), min(64, panels / 4))
  let stride = b.stride
  // Where the product of each factor begins, and where the last one ends.
  let offsets = factors.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rank * stride) }
  let size = offsets[factors.count]
  let partial = Factor<Double>(rows: pieces, rank: size)
  let scratch = Factor<Scalar>(rows: pool.threads, rank: size)
  pool.run(pieces) { piece, thread in
    // Safe: a thread has its own scratch, a piece its own partial sum.
    let sum = unsafe scratch.base + thread * scratch.stride
    let total = unsafe partial.base + piece * partial.stride
    // Dealt out evenly, as in `gram(_:isExact:from:pool:)`.
    for index in piece * panels / pieces..<(piece + 1) * panels / pieces {
      let rows = index * panel..<min(b.rows, (index + 1) * panel)
      prepare(rows)
      unsafe sum.zero(size)
      for (a, offset) in zip(factors, offsets) {
        unsafe Scalar._kernels.multiplyAdd(
          a.rank, rows.count, b.width, a.base + rows.lowerBound * a.stride, 1, a.stride,
          b.base + rows.lowerBound * stride, stride, sum + offset, stride)
      }
      unsafe Scalar._kernels.addWidened(size, sum, total)
    }
  }
  return zip(factors, offsets).map { a, offset in
    unsafe [Double](unsafeUninitializedCapacity: a.rank * stride) { result, count in
      count = a.rank * stride
      guard let result = result.baseAddress else { return }
      // Safe: every piece has a number for each of them.
      unsafe result.initialize(from: partial.base + offset, count: count)
      for piece in 1..<pieces {
        let term = unsafe partial.base + piece * partial.stride + offset
        for index in 0..<count { unsafe result[index] += term[index] }
      }
    }
  }
}

/// The means of the columns, in double.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func columnMeans<Scalar: MatrixScalar>(_ x: DenseMatrix<Scalar>) -> [Double] {
  var sums = [Double](repeating: 0, count: x.columns)
  unsafe x.elements.withUnsafeBufferPointer { entries in
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      guard let entries = entries.baseAddress, let sums = sums.baseAddress else { return }
      for i in 0..<x.rows {
        // Safe: the matrix has rows · columns entries.
        let row = unsafe entries + i * x.columns
        for j in 0..<x.columns { unsafe sums[j] += Double(row[j]) }
      }
    }
  }
  let count = Double(x.rows)
  return sums.map { $0 / count }
}

/// X less the means of its columns, in double: N × p, or p × N when `transposed`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func centred<Scalar: MatrixScalar>(
  _ x: DenseMatrix<Scalar>, means: [Double], transposed: Bool, pool: ComputePool
) -> Factor<Double> {
  let result = Factor<Double>(
    rows: transposed ? x.columns : x.rows, rank: transposed ? x.rows : x.columns)
  let piece = 64
  let sides = transposed ? x.columns : x.rows
  unsafe x.elements.withUnsafeBufferPointer { entries in
    unsafe means.withUnsafeBufferPointer { means in
      guard let entries = entries.baseAddress, let means = means.baseAddress else { return }
      pool.run((sides + piece - 1) / piece) { task, _ in
        let range = task * piece..<min(sides, (task + 1) * piece)
        // Safe: tasks own disjoint rows of the result.
        if transposed {
          for top in Swift.stride(from: 0, to: x.rows, by: 16) {
            for j in range {
              for i in top..<min(top + 16, x.rows) {
                unsafe result.base[j * result.stride + i] =
                  Double(entries[i * x.columns + j]) - means[j]
              }
            }
          }
        } else {
          for i in range {
            for j in 0..<x.columns {
              unsafe result.base[i * result.stride + j] =
                Double(entries[i * x.columns + j]) - means[j]
            }
          }
        }
      }
    }
  }
  return result
}

/// Subtracts from each row of `factor` the scale of that row times `direction`.
///
/// - Parameters:
///   - factor: Changed in place.
///   - scales: One a row; nil for 1 everywhere.
///   - direction: One number a component.
func subtractOuter<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, scales: [Double]?, direction: [Double]
) {
  for i in 0..<factor.rows {
    let scale = scales?[i] ?? 1
    for k in 0..<factor.rank {
      // Safe: i and k are inside the factor.
      unsafe factor.base[i * factor.stride + k] -= Scalar(scale * direction[k])
    }
  }
}

/// A factor from row-major numbers.
func makeFactor<Scalar: MatrixScalar>(
  _ elements: [Double], rows: Int, rank: Int, as type: Scalar.Type
) -> Factor<Scalar> {
  let factor = Factor<Scalar>(rows: rows, rank: rank)
  for i in 0..<rows {
    // Safe: i and k are inside the factor, and `elements` has one number a place.
    for k in 0..<rank { unsafe factor.base[i * factor.stride + k] = Scalar(elements[i * rank + k]) }
  }
  return factor
}

/// Adds a scaled factor to another of its shape.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func addScaled<Scalar: MatrixScalar>(
  _ target: Factor<Scalar>, _ source: Factor<Scalar>, _ scale: Scalar
) {
  precondition(target.rows == source.rows && target.stride == source.stride)
  // Safe: both have rows · stride numbers.
  for index in 0..<target.rows * target.stride {
    unsafe target.base[index] += scale * source.base[index]
  }
}
