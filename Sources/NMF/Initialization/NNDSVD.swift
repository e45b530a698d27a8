internal import Matrices

extension Start {
  /// What replaces the zeros of NNDSVD.
  enum ZeroFill {
    case none
    case mean
    case random
  }

  /// Non-negative double singular value decomposition (Boutsidis & Gallopoulos 2008).
  ///
  /// Of each singular pair the dominant of its positive and negative sections is kept. Deterministic
  /// for a seed: the signs of the pairs do not matter, since both sections are weighed.
  init(nndsvd problem: Problem<Scalar>, rank: Int, seed: UInt64, fill: ZeroFill) throws {
    let x = problem.x
    let pairs = try singularPairs(problem.products, count: rank, seed: seed)
    w = Factor(rows: x.rows, rank: rank)
    ht = Factor(rows: x.columns, rank: rank)
    for k in 0..<rank {
      let left = section(pairs.left, k, of: x.rows)
      let right = section(pairs.right, k, of: x.columns)
      let isFirst = k == 0
      // The first pair of a non-negative matrix has one sign (Perron & Frobenius).
      let positive = isFirst || left.positive * right.positive >= left.negative * right.negative
      let sign = isFirst ? 0.0 : positive ? 1 : -1
      let leftNorm = isFirst ? left.norm : positive ? left.positive : left.negative
      let rightNorm = isFirst ? right.norm : positive ? right.positive : right.negative
      guard leftNorm > 0, rightNorm > 0 else { continue }
      let size = (pairs.values[k] * leftNorm * rightNorm).squareRoot()
      func kept(_ value: Double) -> Double { sign == 0 ? abs(value) : max(0, sign * value) }
      for i in 0..<x.rows {
        w[i, k] = Scalar(size * kept(pairs.left[k * x.rows + i]) / leftNorm)
      }
      for j in 0..<x.columns {
        ht[j, k] = Scalar(size * kept(pairs.right[k * x.columns + j]) / rightNorm)
      }
    }
    let mean = problem.sum / (Double(x.rows) * Double(x.columns))
    fillZeros(of: w, mean, KeyedRandom(seed: seed, purpose: .fill, stream: 0), fill)
    fillZeros(of: ht, mean, KeyedRandom(seed: seed, purpose: .fill, stream: 1), fill)
  }

  private func fillZeros(
    of factor: Factor<Scalar>, _ mean: Double, _ random: KeyedRandom, _ fill: ZeroFill
  ) {
    guard fill != .none else { return }
    // What rounding leaves of a zero counts as one.
    let threshold = 1e-9 * mean.squareRoot()
    for i in 0..<factor.rows {
      for k in 0..<factor.rank where Double(factor[i, k]) <= threshold {
        let value = fill == .mean ? mean : mean / 100 * random.uniform(i * factor.rank + k)
        factor[i, k] = Scalar(value)
      }
    }
  }
}

/// The norms of the positive and of the negative section of vector k.
private func section(
  _ vectors: [Double], _ k: Int, of count: Int
) -> (positive: Double, negative: Double, norm: Double) {
  var positive = 0.0
  var negative = 0.0
  for value in vectors[k * count..<(k + 1) * count] {
    if value > 0 { positive += value * value } else { negative += value * value }
  }
  return (positive.squareRoot(), negative.squareRoot(), (positive + negative).squareRoot())
}

/// The leading singular values, falling, and their vectors one after another.
struct SingularPairs {
  var values: [Double]
  /// `count` vectors of length N.
  var left: [Double]
  /// `count` vectors of length p.
  var right: [Double]
}

/// Leading singular pairs of X by a randomised range finder (Halko, Martinsson & Tropp 2011).
///
/// Ten extra directions and three power steps: enough for a start, at the price of a few passes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func singularPairs<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, count: Int, seed: UInt64
) throws -> SingularPairs {
  let x = products.x
  let width = min(count + 10, min(x.rows, x.columns))
  let random = KeyedRandom(seed: seed, purpose: .rangeFinder)
  var right = Factor<Scalar>(rows: x.columns, rank: width)
  for j in 0..<x.columns {
    for k in 0..<width { right[j, k] = Scalar(random.uniform(j * width + k) - 0.5) }
  }
  var left = try orthonormalized(products.multiply(right))
  for _ in 0..<3 {
    right = try orthonormalized(products.multiplyTransposed(left))
    left = try orthonormalized(products.multiply(right))
  }
  // X ≈ Q (XᵀQ)ᵀ; the small factor's SVD comes from the eigenvectors of its Gram matrix.
  let small = products.multiplyTransposed(left)
  let padded = gram(small, pool: products.pool)
  var square = [Double](repeating: 0, count: width * width)
  for k in 0..<width {
    for l in 0..<width { square[k * width + l] = padded[k * small.stride + l] }
  }
  let eigen = try symmetricEigen(square, order: width)
  var result = SingularPairs(values: [], left: [], right: [])
  result.left.reserveCapacity(count * x.rows)
  result.right.reserveCapacity(count * x.columns)
  for index in 0..<count {
    guard index < width else {
      result.values.append(0)
      result.left += [Double](repeating: 0, count: x.rows)
      result.right += [Double](repeating: 0, count: x.columns)
      continue
    }
    let column = width - 1 - index
    let value = max(0, eigen.values[column]).squareRoot()
    let vector = Array(eigen.vectors[column * width..<(column + 1) * width])
    result.values.append(value)
    result.left += combine(left, vector, 1)
    result.right += combine(small, vector, value > 0 ? 1 / value : 0)
  }
  return result
}

/// A factor's components mixed with weights, times a scale.
private func combine<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, _ weights: [Double], _ scale: Double
) -> [Double] {
  (0..<factor.rows).map { i in
    var sum = 0.0
    for k in weights.indices { sum += Double(factor[i, k]) * weights[k] }
    return sum * scale
  }
}

/// The factor's columns made orthonormal by QR.
private func orthonormalized<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>
) throws -> Factor<Scalar> {
  var columns = [Double](repeating: 0, count: factor.rows * factor.rank)
  for i in 0..<factor.rows {
    for k in 0..<factor.rank { columns[k * factor.rows + i] = Double(factor[i, k]) }
  }
  let q = try orthonormalColumns(columns, rows: factor.rows, columns: factor.rank)
  let result = Factor<Scalar>(rows: factor.rows, rank: factor.rank)
  for i in 0..<factor.rows {
    for k in 0..<factor.rank { result[i, k] = Scalar(q[k * factor.rows + i]) }
  }
  return result
}
