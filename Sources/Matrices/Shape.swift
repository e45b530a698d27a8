/// The size of a matrix, printed as `rows × columns`.
public struct Shape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number of rows.
  public var rows: Int
  /// The number of columns.
  public var columns: Int

  /// Creates a shape.
  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The size as text.
  public var description: String { "\(rows) × \(columns)" }
}
