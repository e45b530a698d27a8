/// A data matrix X, N observations × p features, as it is stored: dense stays dense, sparse sparse.
public enum DataMatrix<Scalar: MatrixScalar>: Sendable, Equatable {
  /// All entries are stored.
  case dense(DenseMatrix<Scalar>)
  /// Only entries other than zero are stored.
  case sparse(SparseMatrix<Scalar>)

  /// The number of rows (observations).
  public var rows: Int { shape.rows }
  /// The number of columns (features).
  public var columns: Int { shape.columns }

  /// The number of rows and columns.
  public var shape: Shape {
    switch self {
    case .dense(let x): x.shape
    case .sparse(let x): x.shape
    }
  }

  /// The entry in a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> Scalar {
    switch self {
    case .dense(let x): x[row, column]
    case .sparse(let x): x[row, column]
    }
  }

  /// The stored entries: all of a dense matrix, those other than zero of a sparse one.
  public var storedValues: [Scalar] {
    switch self {
    case .dense(let x): x.elements
    case .sparse(let x): x.values
    }
  }

  /// The matrix with rows and columns exchanged.
  public func transposed() -> DataMatrix {
    switch self {
    case .dense(let x): .dense(x.transposed())
    case .sparse(let x): .sparse(x.transposed())
    }
  }

  /// The matrix in another precision.
  public func converted<Other: MatrixScalar>(to type: Other.Type) -> DataMatrix<Other> {
    switch self {
    case .dense(let x): .dense(x.converted(to: type))
    case .sparse(let x): .sparse(x.converted(to: type))
    }
  }
}
