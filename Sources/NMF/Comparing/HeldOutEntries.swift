internal import Matrices

/// A tenth of the entries, hidden from every method in the same way, and how well each foretells them.
///
/// Hidden entries are filled in for the methods that need them, so of a sparse X no more are hidden
/// than four times those that are stored.
///
/// NMF is fitted to the visible entries alone. The other methods have no fit with gaps of their own:
/// the hidden entries are filled with what the last fit says of them and the method is fitted again,
/// which never raises the squared error over the visible entries (for PCA: Kiers 1997; for k-means:
/// Chi, Chi & Baraniuk 2016).
struct HeldOutEntries {
  private let fold: Fold<Double>
  /// The columns that each class of rows hides, in order.
  private let hiddenColumns: [[Int]]
  private let classOfRow: [Int]
  /// The means of the visible entries of each column.
  private let columnMeans: [Double]
  /// The visible sum of each row over what the column means foretell.
  private let rowLevels: [Double]
  private let floor: Double
  /// The smallest and the largest visible entry.
  private let range: ClosedRange<Double>
  var count: Int { fold.hiddenCount }

  /// Nil when the matrix is too small to hide a tenth of it.
  init?(_ x: DataMatrix<Double>, seed: UInt64, floor: Double) {
    guard x.rows >= 10, x.columns >= 10 else { return nil }
    var folds = 10
    if case .sparse(let matrix) = x {
      let most = max(4_000_000, 4 * matrix.storedCount)
      folds = min(max(folds, x.rows * x.columns / most), x.rows, x.columns)
    }
    let speckle = Speckle(shape: x.shape, folds: folds, seed: seed)
    let mask = speckle.mask(0)
    fold = Fold(speckle.arranged(x), mask: mask)
    self.floor = floor
    hiddenColumns = (0..<mask.rowClasses).map { a in
      (0..<mask.columnClasses).flatMap { b in
        mask.isHidden[a * mask.columnClasses + b]
          ? Array(mask.columnOffsets[b]..<mask.columnOffsets[b + 1]) : []
      }
    }
    var classes: [Int] = []
    for (a, rows) in mask.rowRanges.enumerated() {
      classes += [Int](repeating: a, count: rows.count)
    }
    classOfRow = classes
    let values = fold.visible.storedValues
    range = min(0, values.min() ?? 0)...max(0, values.max() ?? 0)
    let totals = Totals(fold.visible)
    var visible = [Double](repeating: Double(x.rows), count: x.columns)
    for i in 0..<x.rows {
      for j in hiddenColumns[classes[i]] { visible[j] -= 1 }
    }
    let means = zip(totals.columnSums, visible).map { $1 > 0 ? $0 / $1 : 0 }
    columnMeans = means
    let whole = means.reduce(0, +)
    let hidden = hiddenColumns.map { $0.reduce(0) { $0 + means[$1] } }
    rowLevels = (0..<x.rows).map { i in
      let expected = whole - hidden[classes[i]]
      return expected > 0 ? totals.rowSums[i] / expected : 1
    }
  }

  /// The shares of variance and of Poisson deviance of the hidden entries that NMF foretells.
  ///
  /// - Parameter type: The precision of the fit.
  func nmf<Scalar: MatrixScalar>(
    _ options: FitOptions, as type: Scalar.Type, pool: ComputePool
  ) throws -> Score {
    let problem = Problem(
      fold.visible.converted(to: type), loss: options.loss, mask: fold.mask, pool: pool)
    let fit = try problem.fitVisible(options: options, index: 0)
    return score(
      basis: fit.ht.transposedMatrix.converted(to: Double.self),
      encoding: fit.w.matrix.converted(to: Double.self),
      centre: [Double](repeating: 0, count: fold.visible.columns))
  }

  /// The same for a method that needs every entry: fills and fits in turn, until what is filled in
  /// changes by less than a thousandth of the size of X.
  func filling<D: Decomposition>(
    rounds: Int, pool: ComputePool, _ fit: (DataMatrix<Double>, _ last: D?) throws -> D
  ) throws -> Score where D.Scalar == Double {
    let (rows, columns) = (fold.visible.rows, fold.visible.columns)
    var x = FilledEntries(fold.visible, hiddenColumns: hiddenColumns, classOfRow: classOfRow)
    _ = x.fill(
      RowDescription(
        basis: DenseMatrix(unchecked: columnMeans, rows: 1, columns: columns),
        encoding: DenseMatrix(unchecked: rowLevels, rows: rows, columns: 1),
        centre: [Double](repeating: 0, count: columns)), pool: pool)
    var last: D?
    for _ in 0..<rounds {
      let next = try fit(x.matrix, last)
      last = next
      let (change, size) = x.fill(
        RowDescription(basis: next.basis, encoding: next.encoding, centre: next.centre), pool: pool)
      if change <= 1e-6 * size { break }
    }
    guard let last else { return Score(variance: 0, deviance: 0) }
    return score(basis: last.basis, encoding: last.encoding, centre: last.centre)
  }

  struct Score {
    var variance: Double
    var deviance: Double
  }

  private func score(
    basis: DenseMatrix<Double>, encoding: DenseMatrix<Double>, centre: [Double]
  ) -> Score {
    let rows = RowDescription(basis: basis, encoding: encoding, centre: centre)
    var (squares, nullSquares, divergence, nullDivergence) = (0.0, 0.0, 0.0, 0.0)
    var x = [Double](repeating: 0, count: fold.visible.columns)
    for i in 0..<fold.visible.rows {
      // What lies outside the data cannot be meant: with few visible entries for many components a
      // description may run away where nothing holds it.
      let hidden = hiddenColumns[classOfRow[i]]
      let described = rows.row(i, columns: hidden)
      let stored = fold.hidden.rowOffsets[i]..<fold.hidden.rowOffsets[i + 1]
      for index in stored { x[Int(fold.hidden.columnIndices[index])] = fold.hidden.values[index] }
      for (place, j) in hidden.enumerated() {
        let v = min(max(described[place], range.lowerBound), range.upperBound)
        squares += (x[j] - v) * (x[j] - v)
        nullSquares += (x[j] - columnMeans[j]) * (x[j] - columnMeans[j])
        divergence += term(x[j], max(floor, v))
        nullDivergence += term(x[j], max(floor, rowLevels[i] * columnMeans[j]))
      }
      for index in stored { x[Int(fold.hidden.columnIndices[index])] = 0 }
    }
    return Score(
      variance: nullSquares > 0 ? 1 - squares / nullSquares : 0,
      deviance: nullDivergence > 0 ? 1 - divergence / nullDivergence : 0)
  }

  private func term(_ x: Double, _ v: Double) -> Double { (x > 0 ? x * log(x / v) : 0) - x + v }
}
