internal import Foundation
internal import Matrices
internal import NMFIO

/// A table to be written as `.csv` or `.npy`, by the ending of its name.
struct TableFile {
  private enum Kind {
    case csv
    case npy
  }

  let path: String
  private let kind: Kind

  /// Checks that the file can be written, before the work that fills it.
  ///
  /// - Throws: `CommandFailure` when the ending is unknown, the file is there, or its folder is not.
  init(path: String, replacing: Bool) throws {
    self.path = path
    switch path.lowercased() {
    case let name where name.hasSuffix(".csv"): kind = .csv
    case let name where name.hasSuffix(".npy"): kind = .npy
    default: throw CommandFailure("\(path) must end in .csv or .npy, to say what to write.")
    }
    if FileManager.default.fileExists(atPath: path), !replacing {
      throw CommandFailure("\(path) exists already; --force replaces it.")
    }
    try requireWritableFolder(of: path)
  }

  /// Writes the table in place of what was there, all of it or nothing.
  func write<Scalar: MatrixScalar>(_ table: LabeledMatrix<Scalar>, corner: String) throws {
    let matrix =
      switch table.matrix {
      case .dense(let matrix): matrix
      case .sparse(let matrix): matrix.dense()
      }
    try replaceFile(path) { path in
      switch kind {
      case .csv:
        try writeCSV(
          matrix, rowNames: table.rowNames, columnNames: table.columnNames, corner: corner, to: path
        )
      case .npy: try writeNPY(matrix, to: path)
      }
    }
  }
}

/// Whether a path leads to a folder.
func isFolder(_ path: String) -> Bool {
  let attributes = try? FileManager.default.attributesOfItem(atPath: path)
  return attributes?[.type] as? FileAttributeType == .typeDirectory
}

/// Refuses a file whose folder is missing or cannot be written.
///
/// - Throws: `CommandFailure` that names the folder.
func requireWritableFolder(of path: String) throws {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  guard FileManager.default.isWritableFile(atPath: folder) else {
    throw CommandFailure("\(path) cannot be written: the folder \(folder) is missing or read-only.")
  }
}
