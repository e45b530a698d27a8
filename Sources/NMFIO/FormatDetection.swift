/// The format of a file by its first bytes, else by its ending; nil for a table of text.
///
/// - Throws: `MatrixFileError` for an empty file and for binary formats that are not read.
func detectFormat(of input: FileInput, path: String) throws -> MatrixFileFormat? {
  let start = try input.prefix(4096)
  guard !start.isEmpty else { throw MatrixFileError("the file is empty.") }
  func begins(_ magic: [UInt8]) -> Bool { start.starts(with: magic) }
  if begins([0x93] + Array("NUMPY".utf8)) { return .npy }
  if begins(Array("PK\u{3}\u{4}".utf8)) || begins(Array("PK\u{5}\u{6}".utf8)) { return .npz }
  if String(decoding: start.prefix(14), as: UTF8.self).lowercased() == "%%matrixmarket" {
    return .mtx
  }
  if isPicture(start) { return .images }
  if begins([0x89] + Array("HDF".utf8)) {
    throw MatrixFileError(
      "HDF5 files (.h5, .h5ad, .mat) are not read. Export the matrix as .npz, .mtx or .csv.")
  }
  if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) {
    throw MatrixFileError("the text is encoded as UTF-16. Save it as UTF-8.")
  }
  if start.contains(0) {
    throw MatrixFileError(
      "this is a binary file of unknown kind. What can be read: "
        + MatrixFileFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".")
  }
  var name = path.lowercased()
  if name.hasSuffix(".gz") { name.removeLast(3) }
  if name.hasSuffix(".mtx") { return .mtx }
  if name.hasSuffix(".npy") { return .npy }
  if name.hasSuffix(".npz") { return .npz }
  return nil
}

/// Whether bytes begin like a PNG or a PGM picture.
func isPicture(_ start: [UInt8]) -> Bool {
  if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return true }
  guard start.count > 2, start[0] == UInt8(ascii: "P") else { return false }
  return (start[1] == UInt8(ascii: "5") || start[1] == UInt8(ascii: "2"))
    && [0x20, 0x0A, 0x0D, 0x09].contains(start[2])
}
