internal import Matrices

extension EntryMask {
  /// For each class of rows the sum of `terms` over the classes of columns, visible or hidden.
  ///
  /// - Parameter terms: A row for each class of columns.
  /// - Returns: A row for each class of rows.
  func combine(_ terms: Factor<Double>, hidden: Bool = false) -> Factor<Double> {
    precondition(terms.rows == columnClasses)
    let result = Factor<Double>(rows: rowClasses, rank: terms.rank)
    let counts = isHidden.map { $0 == hidden ? 1.0 : 0 }
    // Safe: the product of rowClasses × columnClasses with columnClasses rows of terms.
    unsafe Double._kernels.multiplyAdd(
      rowClasses, columnClasses, terms.width, counts, columnClasses, 1, terms.base, terms.stride,
      result.base, result.stride)
    return result
  }
}
