internal import Matrices

/// A pattern that hides each entry of X, zeros included, in exactly one of several folds.
///
/// Speckled (Wold) cross-validation: entry (i, j) is hidden in the fold that a hash of (seed, class
/// of i, class of j) names. Rows and columns are dealt to classes by a hash as well, up to 64 of
/// each: entries fall out in scattered blocks of a few rows and columns, every class of columns
/// loses the same share of rows, and a fit with hidden entries costs what a complete one does (see
/// `EntryMask`). Small matrices have classes of one row or column, where it is single entries.
struct Speckle: Sendable {
  /// How many folds there are.
  let folds: Int
  /// The row of X at each place, class after class.
  let rowOrder: [Int]
  /// The column of X at each place.
  let columnOrder: [Int]
  private let rowOffsets: [Int]
  private let columnOffsets: [Int]
  /// The fold that hides class a of rows at class b of columns, at `a * columnClasses + b`.
  private let foldOfBlock: [Int]

  /// The most classes of rows, and of columns.
  private static var mostClasses: Int { 64 }

  /// Deals rows and columns to classes, and blocks to folds.
  ///
  /// - Parameters:
  ///   - shape: N × p, both at least `folds`.
  ///   - folds: The number of folds, at least 2.
  ///   - seed: The seed; another one gives a pattern of its own.
  init(shape: Shape, folds: Int, seed: UInt64) {
    precondition(folds >= 2 && shape.rows >= folds && shape.columns >= folds)
    self.folds = folds
    func deal(_ count: Int, stream: Int) -> (order: [Int], offsets: [Int]) {
      let random = KeyedRandom(seed: seed, purpose: .speckle, stream: stream)
      // Sixteen rows fill a vector of the kernels.
      let classes = min(count, max(2 * folds, min(Self.mostClasses, count / 16)))
      return (random.permutation(of: count), (0...classes).map { $0 * count / classes })
    }
    (rowOrder, rowOffsets) = deal(shape.rows, stream: 0)
    (columnOrder, columnOffsets) = deal(shape.columns, stream: 1)
    let rowClasses = rowOffsets.count - 1
    let columnClasses = columnOffsets.count - 1
    var foldOfBlock = [Int](repeating: 0, count: rowClasses * columnClasses)
    for b in 0..<columnClasses {
      // Each class of columns deals its blocks evenly, in an order of its own.
      let random = KeyedRandom(seed: seed, purpose: .speckle, stream: 2 + b)
      let shift = Int(random.bits(rowClasses) % UInt64(folds))
      for (place, a) in random.permutation(of: rowClasses).enumerated() {
        foldOfBlock[a * columnClasses + b] = (place + shift) % folds
      }
    }
    self.foldOfBlock = foldOfBlock
  }

  /// What one fold hides.
  func mask(_ fold: Int) -> EntryMask {
    EntryMask(
      rowOffsets: rowOffsets, columnOffsets: columnOffsets, isHidden: foldOfBlock.map { $0 == fold }
    )
  }

  /// X with its rows and columns in the order of their classes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func arranged<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>) -> DataMatrix<Scalar> {
    switch x {
    case .dense(let matrix):
      var elements: [Scalar] = []
      elements.reserveCapacity(matrix.elements.count)
      for i in rowOrder {
        let row = i * matrix.columns
        for j in columnOrder { elements.append(matrix.elements[row + j]) }
      }
      return .dense(DenseMatrix(unchecked: elements, rows: matrix.rows, columns: matrix.columns))
    case .sparse(let matrix):
      return .sparse(matrix.arranged(rowOrder: rowOrder, columnOrder: columnOrder))
    }
  }
}

/// An arranged X in two: what a fold leaves to see, and what it hides.
struct Fold<Scalar: MatrixScalar> {
  let mask: EntryMask
  /// X with zeros where it is hidden.
  let visible: DataMatrix<Scalar>
  /// The entries above zero that are hidden.
  let hidden: SparseMatrix<Scalar>
  /// How many entries are hidden, zeros included.
  let hiddenCount: Int

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ arranged: DataMatrix<Scalar>, mask: EntryMask) {
    self.mask = mask
    var count = 0
    for (a, rows) in mask.rowRanges.enumerated() {
      for (b, columns) in mask.transposed.rowRanges.enumerated()
      where mask.isHidden[a * mask.columnClasses + b] { count += rows.count * columns.count }
    }
    hiddenCount = count
    var classOfColumn: [Int] = []
    for (b, columns) in mask.transposed.rowRanges.enumerated() {
      classOfColumn += [Int](repeating: b, count: columns.count)
    }
    var hidden = SparseRows<Scalar>(columns: arranged.columns)
    switch arranged {
    case .dense(let matrix):
      var elements = matrix.elements
      for (a, rows) in mask.rowRanges.enumerated() {
        let isHidden = mask.isHidden[a * mask.columnClasses..<(a + 1) * mask.columnClasses]
        for i in rows {
          for j in 0..<matrix.columns
          where isHidden[a * mask.columnClasses + classOfColumn[j]] {
            let index = i * matrix.columns + j
            hidden.append(j, elements[index])
            elements[index] = 0
          }
          hidden.endRow()
        }
      }
      visible = .dense(
        DenseMatrix(unchecked: elements, rows: matrix.rows, columns: matrix.columns))
    case .sparse(let matrix):
      var seen = SparseRows<Scalar>(columns: arranged.columns)
      for (a, rows) in mask.rowRanges.enumerated() {
        for i in rows {
          for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
            let j = Int(matrix.columnIndices[index])
            if mask.isHidden[a * mask.columnClasses + classOfColumn[j]] {
              hidden.append(j, matrix.values[index])
            } else {
              seen.append(j, matrix.values[index])
            }
          }
          hidden.endRow()
          seen.endRow()
        }
      }
      visible = .sparse(seen.matrix)
    }
    self.hidden = hidden.matrix
  }
}

/// Compressed rows that grow entry by entry, in order.
private struct SparseRows<Scalar: MatrixScalar> {
  let columns: Int
  private var offsets = [0]
  private var indices: [Int32] = []
  private var values: [Scalar] = []

  init(columns: Int) { self.columns = columns }

  mutating func append(_ column: Int, _ value: Scalar) {
    guard value != 0 else { return }
    indices.append(Int32(column))
    values.append(value)
  }

  mutating func endRow() { offsets.append(values.count) }

  var matrix: SparseMatrix<Scalar> {
    SparseMatrix(
      unchecked: values, rows: offsets.count - 1, columns: columns, rowOffsets: offsets,
      columnIndices: indices)
  }
}
