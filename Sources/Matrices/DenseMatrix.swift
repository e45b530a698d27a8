/// A matrix whose entries are all stored, row after row.
///
/// A missing entry is NaN.
public struct DenseMatrix<Scalar: MatrixScalar>: Sendable, Equatable, Codable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The entries in row-major order: entry (i, j) is `elements[i * columns + j]`.
  public private(set) var elements: [Scalar]

  /// Creates a matrix from its entries in row-major order.
  ///
  /// - Parameters:
  ///   - rows: The number of rows, at least 0.
  ///   - columns: The number of columns, at least 0.
  ///   - elements: `rows * columns` entries.
  /// - Throws: `MatrixError.elementCount` when the number of entries does not fit the shape.
  public init(rows: Int, columns: Int, elements: [Scalar]) throws {
    guard rows >= 0, columns >= 0, elements.count == rows * columns else {
      throw MatrixError.elementCount(expected: Shape(rows, columns), found: elements.count)
    }
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Creates a matrix filled with one value.
  public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot have a negative size")
    self.rows = rows
    self.columns = columns
    self.elements = Array(repeating: value, count: rows * columns)
  }

  /// The number of rows and columns.
  public var shape: Shape { Shape(rows, columns) }

  /// The entry in a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> Scalar {
    get {
      precondition(column >= 0 && column < columns, "column \(column) is outside 0..<\(columns)")
      return elements[row * columns + column]
    }
    set {
      precondition(column >= 0 && column < columns, "column \(column) is outside 0..<\(columns)")
      elements[row * columns + column] = newValue
    }
  }

  /// The entries of one row.
  public func row(_ index: Int) -> ArraySlice<Scalar> {
    elements[index * columns..<(index + 1) * columns]
  }

  /// The matrix with rows and columns exchanged.
  ///
  /// - Complexity: O(rows · columns), in tiles that stay in cache.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func transposed() -> DenseMatrix {
    var result = [Scalar](repeating: 0, count: elements.count)
    let tile = 32
    for top in stride(from: 0, to: rows, by: tile) {
      for left in stride(from: 0, to: columns, by: tile) {
        for i in top..<min(top + tile, rows) {
          for j in left..<min(left + tile, columns) {
            result[j * rows + i] = elements[i * columns + j]
          }
        }
      }
    }
    return DenseMatrix(uncheckedRows: columns, columns: rows, elements: result)
  }

  /// The matrix in another precision.
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  public func converted<Other: MatrixScalar>(to type: Other.Type) -> DenseMatrix<Other> {
    if let same = self as? DenseMatrix<Other> { return same }
    return DenseMatrix<Other>(
      uncheckedRows: rows, columns: columns, elements: elements.map { Other($0) })
  }

  /// Creates a matrix from entries whose number is known to be right.
  package init(unchecked elements: [Scalar], rows: Int, columns: Int) {
    self.init(uncheckedRows: rows, columns: columns, elements: elements)
  }

  init(uncheckedRows rows: Int, columns: Int, elements: [Scalar]) {
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }
}
