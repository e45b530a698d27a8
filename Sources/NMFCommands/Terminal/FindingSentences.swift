internal import Matrices
internal import NMF

/// Finds words for what an inspection found, naming rows and columns as the file does.
struct FindingSentences<Scalar: MatrixScalar> {
  /// The inspected table, for its names.
  let table: LabeledMatrix<Scalar>
  /// Whether `--transpose` was given, so that a row here is a column of the file.
  let isTransposed: Bool

  /// One sentence: what was found, where, and what deals with it.
  func sentence(for finding: Finding) -> String {
    switch finding {
    case .negatives(let count, let first, let worst):
      let more =
        count == 1 ? "" : "; the lowest is \(shortNumber(worst.value)) in \(place(worst))"
      return "\(counted(count, "negative entry", "negative entries")) cannot be factorised; "
        + "the first is \(shortNumber(first.value)) in \(place(first))\(more); "
        + "shift, clip or split the data so that every entry is at least 0."
    case .infinities(let count, let first):
      return "\(counted(count, "infinite entry", "infinite entries")) cannot be factorised; "
        + "the first is \(first.value > 0 ? "" : "minus ")infinity in \(place(first)); "
        + "replace them by numbers or remove those rows (a number too large for "
        + (Scalar.self == Float.self
          ? "--precision single, 3.4e38, counts as infinite; --precision double holds up to 1.8e308)."
          : "double precision, 1.8e308, counts as infinite).")
    case .missing(let count, let row, let column, let rows, let columns):
      let first = Entry(row: row, column: column, value: 0)
      return "\(counted(count, "entry is", "entries are")) missing, "
        + "in \(counted(rows, "row")) and \(counted(columns, "column")); "
        + "the first is \(place(first)); fill them in or remove those rows or columns, "
        + "as missing entries are not supported yet."
    case .zeroRows(let count, let first):
      return "\(counted(count, "row")) all zero (\(rows(first, of: count))): "
        + "memberships there are 0; nothing needs to be done."
    case .zeroColumns(let count, let first):
      return "\(counted(count, "column")) all zero (\(columns(first, of: count))): "
        + "parts are 0 there; nothing needs to be done."
    case .constantColumns(let count, let first):
      return "\(counted(count, "column")) with the same value in every row "
        + "(\(columns(first, of: count))): they say nothing about structure, and can be removed."
    case .duplicateRows(let count, let first):
      let pairs = first.map {
        "\(table.describeRow($0.second)) = \(table.describeRow($0.first))"
      }
      return "\(counted(count, "row repeats an earlier row", "rows repeat an earlier row")) "
        + "(\(list(pairs, of: count))): each counts as an observation of its own."
    case .nonIntegers(let count, let first):
      return "\(counted(count, "entry is", "entries are")) not whole numbers "
        + "(\(shortNumber(first.value)) in \(place(first))): the Poisson loss is then the "
        + "Kullback-Leibler divergence, whose log-likelihood is no probability; "
        + "--loss frobenius is least squares."
    case .transposed(.columnsNamedLikeSamples(let example)):
      return "columns look as if they were observations (\(example)): "
        + (isTransposed ? "leave out --transpose." : "--transpose exchanges rows and columns.")
    case .transposed(.rowsNamedLikeFeatures(let example)):
      return "rows look as if they were features (\(example)): "
        + (isTransposed ? "leave out --transpose." : "--transpose exchanges rows and columns.")
    case .unequalScales(let column, let ratio):
      return "\(table.describeColumn(column)) varies \(shortNumber(ratio.rounded())) times as much "
        + "as the median column: least squares will mostly be about it; "
        + "--loss poisson minds the scale less, or scale the columns first."
    case .hugeValues(let count, let largest):
      return "\(counted(count, "entry is", "entries are")) beyond 1e19, up to "
        + "\(shortNumber(largest.value)) in \(place(largest)): their squares overflow with "
        + "--precision single; divide the data by a constant."
    }
  }

  private func place(_ entry: Entry) -> String {
    "\(table.describeRow(entry.row)), \(table.describeColumn(entry.column))"
      + (isTransposed ? " after --transpose" : "")
  }

  private func rows(_ indices: [Int], of count: Int) -> String {
    list(indices.map(table.describeRow), of: count)
  }

  private func columns(_ indices: [Int], of count: Int) -> String {
    list(indices.map(table.describeColumn), of: count)
  }

  private func list(_ items: [String], of count: Int) -> String {
    items.joined(separator: ", ") + (count > items.count ? ", …" : "")
  }
}
