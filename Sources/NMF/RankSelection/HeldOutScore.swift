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

/// The share of a part that is taken as seen in each row and column, with what is expected there.
private let temper = 0.05

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
    let (w, ht) = tempered(w: w, ht: ht, background: background, problem: problem)
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

  /// Factors drawn a little towards what the rank-one fit expects, where little of a part is visible.
  ///
  /// A row in which next to nothing of a part is visible says nothing of its membership, and a few counts
  /// by chance would make that huge: it is estimated as if `temper` of the whole part had been seen in the
  /// row as well, with the share that the part has in all of X. The same then for columns.
  private func tempered(
    w: Factor<Scalar>, ht: Factor<Scalar>, background: VisibleFit<Scalar>, problem: Problem<Scalar>
  ) -> (w: Factor<Scalar>, ht: Factor<Scalar>) {
    // Of one part, what is expected is the fit itself.
    guard w.rank > 1 else { return (w, ht) }
    let mass = background.w.componentSums()[0] * background.ht.componentSums()[0]
    let rows = tempered(
      w, held: ht, mask: mask, levels: background.w, mass: mass, problem: problem)
    let columns = tempered(
      ht, held: rows, mask: mask.transposed, levels: background.ht, mass: mass, problem: problem)
    return (rows, columns)
  }

  private func tempered(
    _ factor: Factor<Scalar>, held: Factor<Scalar>, mask: EntryMask, levels: Factor<Scalar>,
    mass: Double, problem: Problem<Scalar>
  ) -> Factor<Scalar> {
    let rank = factor.rank
    let columns = mask.transposed.rowRanges
    // What a part weighs in each class, visible or in all: its sum, or for squares its squares.
    var weights = classSums(held, ranges: columns)
    if problem.loss == .frobenius {
      let grams = classGrams(held, ranges: columns, pool: problem.pool)
      let squares = Factor<Double>(rows: columns.count, rank: rank)
      for b in columns.indices {
        for k in 0..<rank { squares[b, k] = grams[b, k * held.stride + k] }
      }
      weights = squares
    }
    let visible = mask.combine(weights)
    let whole = weights.componentSums()
    let sums = held.componentSums()
    // The mass of each part in what is visible, and its share.
    var masses = [Double](repeating: 0, count: rank)
    for (a, rows) in mask.rowRanges.enumerated() {
      let memberships = factor.componentSums(in: rows)
      for k in 0..<rank where whole[k] > 0 {
        masses[k] += memberships[k] * visible[a, k] * sums[k] / whole[k]
      }
    }
    let all = masses.reduce(0, +)
    let levelSum = levels.componentSums()[0]
    let result = Factor<Scalar>(rows: factor.rows, rank: rank)
    guard all > 0, levelSum > 0 else { return factor }
    // What one unit of a row's level leads one to expect of each part.
    let expected = (0..<rank).map {
      sums[$0] > 0 ? masses[$0] / all * mass / levelSum / sums[$0] : 0
    }
    for (a, rows) in mask.rowRanges.enumerated() {
      for k in 0..<rank where whole[k] > 0 {
        let seen = visible[a, k]
        let added = temper * whole[k]
        for i in rows {
          let expectation = Double(levels[i, 0]) * expected[k]
          result[i, k] = Scalar(
            (seen * Double(factor[i, k]) + added * expectation) / (seen + added))
        }
      }
    }
    return result
  }
}
