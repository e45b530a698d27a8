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
    let pool = problem.pool
    let pairs = try singularPairs(problem.products, count: rank, seed: seed)
    let left = SectionSizes(of: pairs.left, pool: pool)
    let right = SectionSizes(of: pairs.right, pool: pool)
    var kept: [SignedSection] = []
    var (leftScales, rightScales) = ([Double](), [Double]())
    for k in 0..<rank {
      func size(_ section: SignedSection) -> Double {
        left.norm(k, section) * right.norm(k, section)
      }
      // The first pair of a non-negative matrix has one sign (Perron & Frobenius).
      let section: SignedSection =
        k == 0 ? .both : size(.positive) >= size(.negative) ? .positive : .negative
      // The singular value times both norms is shared evenly by the factors.
      let share = size(section) > 0 ? pairs.values[k].squareRoot() : 0
      let ratio = share > 0 ? (right.norm(k, section) / left.norm(k, section)).squareRoot() : 1
      kept.append(section)
      leftScales.append(share * ratio)
      rightScales.append(share / ratio)
    }
    (w, ht) = (pairs.left, pairs.right)
    keep(kept, of: w, scales: leftScales, pool: pool)
    keep(kept, of: ht, scales: rightScales, pool: pool)
    let mean = problem.sum / (Double(problem.x.rows) * Double(problem.x.columns))
    fillZeros(of: w, mean, KeyedRandom(seed: seed, purpose: .fill, stream: 0), fill, pool: pool)
    fillZeros(of: ht, mean, KeyedRandom(seed: seed, purpose: .fill, stream: 1), fill, pool: pool)
  }

  private func fillZeros(
    of factor: Factor<Scalar>, _ mean: Double, _ random: KeyedRandom, _ fill: ZeroFill,
    pool: ComputePool
  ) {
    guard fill != .none else { return }
    // What rounding leaves of a zero counts as one.
    let threshold = Scalar(1e-9 * mean.squareRoot())
    let piece = 512
    pool.run((factor.rows + piece - 1) / piece) { task, _ in
      for i in task * piece..<min(factor.rows, (task + 1) * piece) {
        for k in 0..<factor.rank where factor[i, k] <= threshold {
          let value = fill == .mean ? mean : mean / 100 * random.uniform(i * factor.rank + k)
          factor[i, k] = Scalar(value)
        }
      }
    }
  }
}
