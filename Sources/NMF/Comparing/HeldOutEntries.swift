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
  func nmf(_ options: FitOptions, pool: ComputePool) throws -> Score {
    let problem = Problem(fold.visible, loss: options.loss, mask: fold.mask, pool: pool)
    let fit = try problem.fitVisible(options: options, index: 0)
    return score(
      basis: fit.ht.matrix.transposed(), encoding: fit.w.matrix,
      centre: [Double](repeating: 0, count: fold.visible.columns))
  }

  /// The same for a method that needs every entry: fills and fits in turn, until what is filled in
  /// changes by less than a thousandth of the size of X.
  func filling<D: Decomposition>(
    rounds: Int, _ fit: (DataMatrix<Double>, _ last: D?) throws -> D
  ) throws -> Score where D.Scalar == Double {
    var last: D?
    var x = filled { [columnMeans, rowLevels] i in columnMeans.map { rowLevels[i] * $0 } }
    for _ in 0..<rounds {
      let next = try fit(x, last)
      let rows = RowDescription(basis: next.basis, encoding: next.encoding, centre: next.centre)
      let before = x.storedValues
      x = filled { rows.row($0) }
      last = next
      var (change, size) = (0.0, 0.0)
      for (new, old) in zip(x.storedValues, before) {
        change += (new - old) * (new - old)
        size += old * old
      }
      if change <= 1e-6 * size { break }
    }
    guard let last else { return Score(variance: 0, deviance: 0) }
    return score(basis: last.basis, encoding: last.encoding, centre: last.centre)
  }

  struct Score {
    var variance: Double
    var deviance: Double
  }

  /// X with the hidden entries taken from descriptions of its rows.
  private func filled(_ describe: (Int) -> [Double]) -> DataMatrix<Double> {
    switch fold.visible {
    case .dense(let matrix):
      var result = matrix
      for i in 0..<matrix.rows {
        let row = describe(i)
        for j in hiddenColumns[classOfRow[i]] { result[i, j] = row[j] }
      }
      return .dense(result)
    case .sparse(let matrix):
      var offsets = [0]
      var columns: [Int32] = []
      var values: [Double] = []
      for i in 0..<matrix.rows {
        let row = describe(i)
        let hidden = hiddenColumns[classOfRow[i]]
        var next = 0
        func fill(below limit: Int) {
          while next < hidden.count, hidden[next] < limit {
            columns.append(Int32(hidden[next]))
            values.append(row[hidden[next]])
            next += 1
          }
        }
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          fill(below: Int(matrix.columnIndices[index]))
          columns.append(matrix.columnIndices[index])
          values.append(matrix.values[index])
        }
        fill(below: matrix.columns)
        offsets.append(values.count)
      }
      return .sparse(
        SparseMatrix(
          unchecked: values, rows: matrix.rows, columns: matrix.columns, rowOffsets: offsets,
          columnIndices: columns))
    }
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
      let v = rows.row(i).map { min(max($0, range.lowerBound), range.upperBound) }
      let stored = fold.hidden.rowOffsets[i]..<fold.hidden.rowOffsets[i + 1]
      for index in stored { x[Int(fold.hidden.columnIndices[index])] = fold.hidden.values[index] }
      for j in hiddenColumns[classOfRow[i]] {
        squares += (x[j] - v[j]) * (x[j] - v[j])
        nullSquares += (x[j] - columnMeans[j]) * (x[j] - columnMeans[j])
        divergence += term(x[j], max(floor, v[j]))
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
