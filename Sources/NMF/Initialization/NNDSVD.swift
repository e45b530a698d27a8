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
      let left = section(pairs.left, k)
      let right = section(pairs.right, k)
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
        w[i, k] = Scalar(size * kept(Double(pairs.left[i, k])) / leftNorm)
      }
      for j in 0..<x.columns {
        ht[j, k] = Scalar(size * kept(Double(pairs.right[j, k])) / rightNorm)
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
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func section<Scalar: MatrixScalar>(
  _ vectors: Factor<Scalar>, _ k: Int
) -> (positive: Double, negative: Double, norm: Double) {
  var positive = 0.0
  var negative = 0.0
  for i in 0..<vectors.rows {
    let value = Double(vectors[i, k])
    if value > 0 { positive += value * value } else { negative += value * value }
  }
  return (positive.squareRoot(), negative.squareRoot(), (positive + negative).squareRoot())
}

/// The leading singular values, falling, and their vectors.
struct SingularPairs<Scalar: MatrixScalar> {
  var values: [Double]
  /// N × count.
  var left: Factor<Scalar>
  /// p × count.
  var right: Factor<Scalar>
}

/// Leading singular pairs of X by a randomised range finder (Halko, Martinsson & Tropp 2011).
///
/// Six extra directions and one power step, four products in all: enough for a start, at the price
/// of about two iterations. Pairs beyond the smaller side of X are zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func singularPairs<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, count: Int, seed: UInt64
) throws -> SingularPairs<Scalar> {
  let x = products.x
  let pool = products.pool
  let width = min(count + 6, min(x.rows, x.columns))
  let random = KeyedRandom(seed: seed, purpose: .rangeFinder)
  var right = Factor<Scalar>(rows: x.columns, rank: width)
  for j in 0..<x.columns {
    for k in 0..<width { right[j, k] = Scalar(random.uniform(j * width + k) - 0.5) }
  }
  var left = try orthonormalized(products.multiply(right), pool: pool)
  right = try orthonormalized(products.multiplyTransposed(left), pool: pool)
  left = try orthonormalized(products.multiply(right), pool: pool)
  // X ≈ Q (XᵀQ)ᵀ; the small factor's SVD comes from the eigenvectors of its Gram matrix.
  let small = products.multiplyTransposed(left)
  let eigen = try symmetricEigen(square(gram(small, pool: pool), small), order: width)
  var values = [Double](repeating: 0, count: count)
  var turn = [Double](repeating: 0, count: width * count)
  var scaledTurn = turn
  for index in 0..<min(count, width) {
    let column = width - 1 - index
    values[index] = max(0, eigen.values[column]).squareRoot()
    for k in 0..<width where values[index] > 0 {
      let entry = eigen.vectors[column * width + k]
      turn[k * count + index] = entry
      scaledTurn[k * count + index] = entry / values[index]
    }
  }
  return SingularPairs(
    values: values, left: mixed(left, by: turn, count, pool: pool),
    right: mixed(small, by: scaledTurn, count, pool: pool))
}

/// A Gram matrix without padding.
private func square<Scalar: MatrixScalar>(
  _ gram: [Double], _ factor: Factor<Scalar>
) -> [Double] {
  (0..<factor.rank).flatMap { k in
    gram[k * factor.stride..<k * factor.stride + factor.rank]
  }
}

/// The factor's columns made orthonormal.
///
/// The eigenvectors of the Gram matrix turn and scale them. Its smallest eigenvalues are lost in
/// rounding: those are raised, and a second and third time find them well scaled.
private func orthonormalized<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, pool: ComputePool
) throws -> Factor<Scalar> {
  let floor = Scalar.self == Float.self ? 1e-6 : 1e-13
  var factor = factor
  let width = factor.rank
  for _ in 0..<3 {
    let eigen = try symmetricEigen(square(gram(factor, pool: pool), factor), order: width)
    let largest = eigen.values.last ?? 0
    guard largest > 0 else { break }
    var turn = [Double](repeating: 0, count: width * width)
    for column in 0..<width {
      let scale = 1 / max(eigen.values[column], floor * largest).squareRoot()
      for k in 0..<width { turn[k * width + column] = eigen.vectors[column * width + k] * scale }
    }
    factor = mixed(factor, by: turn, width, pool: pool)
    if (eigen.values.first ?? 0) > largest / 2 { break }
  }
  return factor
}
