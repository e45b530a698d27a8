import Foundation

/// Refuses a matrix for which this machine has too little memory, before room is made for it.
///
/// Sizes of a sparse file can be anything, however small the file is.
///
/// - Parameters:
///   - rows: The number of rows.
///   - columns: The number of columns.
///   - bytes: What the stored entries take.
///   - line: The line of the file with the sizes.
/// - Throws: `MatrixFileError` with what is needed and what there is.
func requireMemory(rows: Int, columns: Int, bytes: Int, line: Int? = nil) throws {
  // A look at a matrix keeps about 48 bytes a row and a column: offsets, counts, sums, extremes.
  let needed = 48 * (Double(rows) + Double(columns)) + Double(bytes)
  let available = Double(ProcessInfo.processInfo.physicalMemory)
  guard needed > available else { return }
  throw MatrixFileError(
    "a matrix of \(rows) × \(columns) needs about \(gigabytes(needed)) of memory, and this machine "
      + "has \(gigabytes(available)). Are the sizes right? Leave out empty rows and columns, or use "
      + "a larger machine.", line: line)
}

/// Bytes in GB, to two digits: `1.2 GB`, `130 GB`.
public func gigabytes(_ bytes: Double) -> String {
  let value = bytes / 1e9
  return (value < 9.95 ? String(format: "%.1f", value) : String(format: "%.0f", value)) + " GB"
}
