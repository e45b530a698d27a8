internal import Matrices

/// How well factors predict the entries that they were not shown.
struct HeldOutScore: Sendable {
  /// The deviance of the hidden entries, 2 Σ x log(x / v) − x + v, or their Σ (x − v)².
  var deviance: Double
  /// How many entries it is about.
  var count: Int
  /// Hidden entries above zero left out because all that is visible of their row or column is zero.
  var unpredictable: Int

  /// The deviance per hidden entry.
  var perEntry: Double { count > 0 ? deviance / Double(count) : 0 }
}

/// The share of the rank-one prediction that is mixed into each Poisson prediction.
///
/// Factors have exact zeros, and a count where zero is predicted has an infinite deviance: the
/// prediction scored is v = (1 − λ)(WH) + λ(the rank-one fit to the same visible entries).
private let shrinkage = 0.01

extension Fold {
  /// Scores factors of an arranged X on the entries that this fold hides.
  ///
  /// - Parameters:
  ///   - w: N × r.
  ///   - ht: Hᵀ, p × r.
  ///   - background: The rank-one fit to the same visible entries.
  ///   - loss: The loss that was fitted.
  /// - Complexity: O((hidden entries above zero + N + p) r) for Poisson, and r² a class for least
  ///   squares: zeros are counted through sums over classes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func score(
    w: Factor<Scalar>, ht: Factor<Scalar>, background: VisibleFit<Scalar>, problem: Problem<Scalar>
  ) -> HeldOutScore {
    let (w, ht) = drawnToExpected(w: w, ht: ht, background: background, loss: problem.loss)
    var sum = 0.0
    var unpredictable = 0
    let rank = w.rank
    for i in 0..<hidden.rows {
      for index in hidden.rowOffsets[i]..<hidden.rowOffsets[i + 1] {
        let j = Int(hidden.columnIndices[index])
        guard problem.rowSums[i] > 0, problem.columnSums[j] > 0 else {
          unpredictable += 1
          continue
        }
        let x = Double(hidden.values[index])
        var v = 0.0
        for k in 0..<rank { v += Double(w[i, k]) * Double(ht[j, k]) }
        switch problem.loss {
        case .poisson:
          let plain = Double(background.w[i, 0]) * Double(background.ht[j, 0])
          let mixed = (1 - shrinkage) * v + shrinkage * plain
          sum += x * log(x / max(mixed, 1e-12 * x)) - x
        case .frobenius:
          sum += x * x - 2 * x * v
        }
      }
    }
    switch problem.loss {
    case .poisson:
      let mass =
        (1 - shrinkage) * hiddenMass(w, ht, problem.pool)
        + shrinkage * hiddenMass(background.w, background.ht, problem.pool)
      return HeldOutScore(
        deviance: 2 * (sum + mass), count: hiddenCount, unpredictable: unpredictable)
    case .frobenius:
      let own = classGrams(w, ranges: mask.rowRanges, pool: problem.pool)
      let other = mask.combine(
        classGrams(ht, ranges: mask.transposed.rowRanges, pool: problem.pool), hidden: true)
      sum += inner(own, other, pool: problem.pool)
      return HeldOutScore(deviance: sum, count: hiddenCount, unpredictable: unpredictable)
    }
  }

  /// Σ v over the hidden entries.
  private func hiddenMass(
    _ w: Factor<Scalar>, _ ht: Factor<Scalar>, _ pool: ComputePool
  ) -> Double {
    let parts = mask.combine(classSums(ht, ranges: mask.transposed.rowRanges), hidden: true)
    return inner(classSums(w, ranges: mask.rowRanges), parts, pool: pool)
  }
}
