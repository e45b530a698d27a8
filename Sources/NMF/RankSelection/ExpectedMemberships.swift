internal import Matrices

/// The share of a part that is taken as seen in each row and column, with what is expected there.
private let pretended = 0.05

extension Fold {
  /// Factors drawn a little towards what the rank-one fit expects, most where little of a part is visible.
  ///
  /// A row in which next to nothing of a part is visible says nothing of its membership, and a few counts
  /// by chance would make that huge. So w is replaced by (s w + λ t e) / (s + λ t), where s of the part's
  /// whole weight t is visible in the row, λ is `pretended`, and e is the membership that the row's level
  /// and the part's share of all visible mass lead one to expect. A part weighs the sum of its entries, or
  /// of their squares for least squares. The same is then done for columns.
  func drawnToExpected(
    w: Factor<Scalar>, ht: Factor<Scalar>, background: VisibleFit<Scalar>, loss: Loss
  ) -> (w: Factor<Scalar>, ht: Factor<Scalar>) {
    // What is expected of a single part is the fit itself.
    guard w.rank > 1 else { return (w, ht) }
    let mass = background.w.componentSums()[0] * background.ht.componentSums()[0]
    let rows = drawnToExpected(w, held: ht, mask, levels: background.w, mass: mass, loss: loss)
    let columns = drawnToExpected(
      ht, held: rows, mask.transposed, levels: background.ht, mass: mass, loss: loss)
    return (rows, columns)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func drawnToExpected(
    _ factor: Factor<Scalar>, held: Factor<Scalar>, _ mask: EntryMask, levels: Factor<Scalar>,
    mass: Double, loss: Loss
  ) -> Factor<Scalar> {
    let rank = factor.rank
    let weighed = loss == .poisson ? held : Factor(rows: held.rows, rank: rank)
    if loss == .frobenius {
      for j in 0..<held.rows {
        for k in 0..<rank { weighed[j, k] = held[j, k] * held[j, k] }
      }
    }
    let weights = classSums(weighed, ranges: mask.transposed.rowRanges)
    let visible = mask.combine(weights)
    let whole = weights.componentSums()
    let sums = held.componentSums()
    var masses = [Double](repeating: 0, count: rank)
    for (a, rows) in mask.rowRanges.enumerated() {
      let memberships = factor.componentSums(in: rows)
      for k in 0..<rank where whole[k] > 0 {
        masses[k] += memberships[k] * sums[k] * visible[a, k] / whole[k]
      }
    }
    let visibleMass = masses.reduce(0, +)
    let levelSum = levels.componentSums()[0]
    guard visibleMass > 0, levelSum > 0 else { return factor }
    // What one unit of a row's level leads one to expect of each part.
    let expected = (0..<rank).map {
      sums[$0] > 0 ? masses[$0] / visibleMass * mass / levelSum / sums[$0] : 0
    }
    let result = Factor<Scalar>(rows: factor.rows, rank: rank)
    for (a, rows) in mask.rowRanges.enumerated() {
      for k in 0..<rank where whole[k] > 0 {
        let (seen, added) = (visible[a, k], pretended * whole[k])
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
