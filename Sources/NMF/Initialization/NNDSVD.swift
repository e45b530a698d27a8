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
