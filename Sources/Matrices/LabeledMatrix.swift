/// The size of a picture in pixels, printed as `width×height`.
public struct ImageSize: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Pixels across.
  public var width: Int
  /// Pixels down.
  public var height: Int

  /// Creates a size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// The number of pixels.
  public var count: Int { width * height }

  /// The size as text.
  public var description: String { "\(width)×\(height)" }
}

/// A data matrix with what its file says about it: the names of rows and columns, and pictures.
public struct LabeledMatrix<Scalar: MatrixScalar>: Sendable {
  /// N observations × p features.
  public var matrix: DataMatrix<Scalar>
  /// N names, or nil when the file has none.
  public var rowNames: [String]?
  /// p names, or nil when the file has none.
  public var columnNames: [String]?
  /// The size of the pictures when each row is a picture; `count` is then p.
  ///
  /// Pixels are in row-major order: pixel (x, y) is column `y * width + x`.
  public var imageSize: ImageSize?

  /// Creates a labeled matrix.
  public init(
    _ matrix: DataMatrix<Scalar>, rowNames: [String]? = nil, columnNames: [String]? = nil,
    imageSize: ImageSize? = nil
  ) {
    precondition(rowNames.map { $0.count == matrix.rows } ?? true, "one name a row is needed")
    precondition(columnNames.map { $0.count == matrix.columns } ?? true, "one name a column")
    precondition(imageSize.map { $0.count == matrix.columns } ?? true, "one column a pixel")
    self.matrix = matrix
    self.rowNames = rowNames
    self.columnNames = columnNames
    self.imageSize = imageSize
  }

  /// How a row is named to a person: `row 5 (GMP_03)`, counted from 1.
  public func describeRow(_ row: Int) -> String {
    "row \(row + 1)" + (rowNames.map { " (\(onOneLine($0[row])))" } ?? "")
  }

  /// How a column is named to a person: `column 7 (CD3D)`, counted from 1.
  public func describeColumn(_ column: Int) -> String {
    "column \(column + 1)" + (columnNames.map { " (\(onOneLine($0[column])))" } ?? "")
  }

  /// Rows and columns exchanged, with their names; pictures are forgotten.
  public func transposed() -> LabeledMatrix {
    LabeledMatrix(matrix.transposed(), rowNames: columnNames, columnNames: rowNames)
  }
}

/// A name as it is shown in a sentence: on one line, and no longer than sixty characters.
public func onOneLine(_ name: String) -> String {
  let printable = name.map { $0.isNewline || $0 == "\t" ? " " : $0 }
  return String(printable.prefix(60)) + (printable.count > 60 ? "…" : "")
}
