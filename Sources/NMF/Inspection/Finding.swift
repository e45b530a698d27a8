/// An entry of a matrix: where it is, counted from 0, and what it is.
public struct Entry: Sendable, Equatable, Codable {
  /// The row, counted from 0.
  public var row: Int
  /// The column, counted from 0.
  public var column: Int
  /// The value.
  public var value: Double

  /// Creates an entry.
  public init(row: Int, column: Int, value: Double) {
    self.row = row
    self.column = column
    self.value = value
  }
}

/// Two rows with the same entries, counted from 0.
public struct RowPair: Sendable, Equatable, Codable {
  /// The row that comes first.
  public var first: Int
  /// The row that repeats it.
  public var second: Int

  /// Creates a pair.
  public init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }
}

/// Something about a matrix that its owner should know before factorising it.
///
/// Lists of rows and columns hold the first few only (`Inspection.listLength`); counts are complete.
public enum Finding: Sendable, Equatable {
  /// Entries below zero: the first in reading order, and the one furthest below.
  case negatives(count: Int, first: Entry, worst: Entry)
  /// Infinite entries.
  case infinities(count: Int, first: Entry)
  /// Missing entries (NaN), and how many rows and columns have at least one.
  case missing(count: Int, row: Int, column: Int, rowsAffected: Int, columnsAffected: Int)
  /// Rows of zeros: such an observation belongs to no part.
  case zeroRows(count: Int, first: [Int])
  /// Columns of zeros: such a feature is in no part.
  case zeroColumns(count: Int, first: [Int])
  /// Columns with one value other than zero in every row.
  case constantColumns(count: Int, first: [Int])
  /// Rows that repeat an earlier row; rows of zeros are not counted.
  case duplicateRows(count: Int, first: [RowPair])
  /// Entries that are not whole numbers, so no counts.
  case nonIntegers(count: Int, first: Entry)
  /// The names look as if observations were in columns.
  case transposed(evidence: OrientationEvidence)
  /// A column whose standard deviation is `ratio` times that of the median column.
  case unequalScales(column: Int, ratio: Double)
  /// Entries so large that their squares overflow in single precision.
  case hugeValues(count: Int, largest: Entry)

  /// How much a finding matters.
  public enum Severity: String, Sendable, Codable {
    /// A fit is impossible.
    case error
    /// A fit is possible, but probably not what is wanted.
    case warning
    /// Worth knowing.
    case remark
  }

  /// How much it matters.
  public var severity: Severity {
    switch self {
    case .negatives, .infinities, .missing: .error
    case .zeroRows, .zeroColumns, .transposed, .hugeValues: .warning
    case .constantColumns, .duplicateRows, .nonIntegers, .unequalScales: .remark
    }
  }
}
