/// What is wrong with a matrix.
public enum MatrixError: Error, Equatable {
  /// The number of entries does not fit the shape.
  case elementCount(expected: Shape, found: Int)
  /// Two matrices that must fit together do not.
  case shapeMismatch(operand: String, expected: Shape, found: Shape)
  /// Offsets or indices of a compressed matrix are inconsistent, first seen in `row`.
  case invalidSparseStructure(row: Int?)
  /// LAPACK could not finish a decomposition.
  case decompositionFailed(name: String, info: Int)
}

extension MatrixError: CustomStringConvertible {
  /// One sentence for a person.
  public var description: String {
    switch self {
    case .elementCount(let expected, let found):
      "A \(expected) matrix has \(expected.rows * expected.columns) entries, but \(found) were given."
    case .shapeMismatch(let operand, let expected, let found):
      "\(operand) must be \(expected), but is \(found)."
    case .invalidSparseStructure(let row):
      "The compressed matrix is inconsistent"
        + (row.map { " in row \($0 + 1)" } ?? "")
        + ": offsets must rise, and columns must rise within a row and lie inside the matrix."
    case .decompositionFailed(let name, let info):
      "LAPACK's \(name) did not succeed (info = \(info))."
    }
  }
}
