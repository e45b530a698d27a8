public import Matrices

/// What a report says about a fit that the model itself does not know.
public struct ReportContext: Sendable {
  /// The name of the data, as the page's heading.
  public var title: String
  /// The path of the data, as it was given.
  public var dataPath: String
  /// What was understood of the file, one sentence each.
  public var formatSentences: [String] = []
  /// The size of X: N observations × p features.
  public var shape: Shape
  /// N names, or nil when the data have none.
  public var rowNames: [String]?
  /// p names, or nil when the data have none.
  public var columnNames: [String]?
  /// The size of the pictures when each row of X is one.
  public var imageSize: ImageSize?
  /// Whether only the entries other than zero are stored.
  public var isSparse = false
  /// How many entries of X are other than zero; nil when nobody counted.
  public var nonzeroCount: Int?
  /// The precision that was computed in: `single` or `double`.
  public var precision = ""
  /// The command, exactly as it was typed.
  public var command = ""
  /// The version of the program.
  public var version = ""
  /// When the fit was made, as it is to be printed.
  public var date = ""
  /// Warnings and notes, one sentence each.
  public var notes: [String] = []
  /// N known labels (cell types, diagnoses) to show beside what was found; they were not used.
  public var rowLabels: [String]?
  /// The folder with the results, for the summary.
  public var resultsFolder: String?
  /// The page to open, for the summary.
  public var reportPath: String?

  /// Creates a context; everything else can be set afterwards.
  public init(title: String, dataPath: String, shape: Shape) {
    self.title = title
    self.dataPath = dataPath
    self.shape = shape
  }

  /// Creates a context with everything that the data say about themselves.
  public init<Scalar: MatrixScalar>(
    title: String, dataPath: String, data: LabeledMatrix<Scalar>
  ) {
    self.init(title: title, dataPath: dataPath, shape: data.matrix.shape)
    rowNames = data.rowNames
    columnNames = data.columnNames
    imageSize = data.imageSize
    precision = Scalar.precisionName
    nonzeroCount = data.matrix.storedValues.count { $0 != 0 }
    if case .sparse = data.matrix { isSparse = true }
  }

  /// How a feature is named to a person.
  func columnName(_ column: Int) -> String {
    guard let columnNames, columnNames.indices.contains(column), !columnNames[column].isEmpty
    else { return "column \(column + 1)" }
    return columnNames[column]
  }

  /// How an observation is named to a person.
  func rowName(_ row: Int) -> String {
    guard let rowNames, rowNames.indices.contains(row), !rowNames[row].isEmpty
    else { return "row \(row + 1)" }
    return rowNames[row]
  }

  /// The labels, when there is one a row and few enough to be groups.
  var usableLabels: [String]? {
    guard let rowLabels, rowLabels.count == shape.rows else { return nil }
    return (1...60).contains(Set(rowLabels).count) ? rowLabels : nil
  }

  /// The share of entries of X that are zero.
  var zeroShare: Double? {
    let entries = Double(shape.rows) * Double(shape.columns)
    guard let nonzeroCount, entries > 0 else { return nil }
    return 1 - Double(nonzeroCount) / entries
  }
}
