internal import Matrices

/// Which entries of X are hidden from a fit, by classes of rows and classes of columns.
///
/// The rows of a class are neighbours and hide the same columns. So what a half-step has to know of
/// the factor that is held, its sums or its Gram matrix over the visible rows, is formed once a class
/// and the fit costs what a complete one does. Where an entry is hidden, X must hold a zero.
struct EntryMask: Sendable, Equatable {
  /// Where each class of rows begins, and N at the end.
  let rowOffsets: [Int]
  /// Where each class of columns begins, and p at the end.
  let columnOffsets: [Int]
  /// Whether class a of rows hides class b of columns, at `a * columnClasses + b`.
  let isHidden: [Bool]

  var rowClasses: Int { rowOffsets.count - 1 }
  var columnClasses: Int { columnOffsets.count - 1 }

  init(rowOffsets: [Int], columnOffsets: [Int], isHidden: [Bool]) {
    precondition(isHidden.count == (rowOffsets.count - 1) * (columnOffsets.count - 1))
    self.rowOffsets = rowOffsets
    self.columnOffsets = columnOffsets
    self.isHidden = isHidden
  }

  /// The mask of Xᵀ.
  var transposed: EntryMask {
    var flipped = isHidden
    for a in 0..<rowClasses {
      for b in 0..<columnClasses { flipped[b * rowClasses + a] = isHidden[a * columnClasses + b] }
    }
    return EntryMask(rowOffsets: columnOffsets, columnOffsets: rowOffsets, isHidden: flipped)
  }

  /// The rows of each class of rows.
  var rowRanges: [Range<Int>] {
    (0..<rowClasses).map { rowOffsets[$0]..<rowOffsets[$0 + 1] }
  }
}

/// Neighbouring rows of a factor, and what their half-step needs to know of the factor that is held.
struct RowClass<Value> {
  let rows: Range<Int>
  let held: Value
}

/// For each class of moving rows, the sums of the held factor's components over what is visible.
func visibleSums<Scalar: MatrixScalar>(
  of held: Factor<Scalar>, moving rows: Int, mask: EntryMask?, pool: ComputePool
) -> [RowClass<[Double]>] {
  guard let mask else {
    return [RowClass(rows: 0..<rows, held: held.componentSums(pool: pool))]
  }
  let sums = mask.combine(classSums(held, ranges: mask.transposed.rowRanges))
  return mask.rowRanges.enumerated().map { RowClass(rows: $1, held: sums.array(ofRow: $0)) }
}

/// The sums of the components over each class of rows of a factor, a row for each.
func classSums<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, ranges: [Range<Int>]
) -> Factor<Double> {
  let result = Factor<Double>(rows: ranges.count, rank: factor.rank)
  for (index, range) in ranges.enumerated() {
    for (k, sum) in factor.componentSums(in: range).enumerated() { result[index, k] = sum }
  }
  return result
}
