public import Matrices

/// Writes a matrix as a NumPy array, float32 or float64 in C order.
///
/// - Parameters:
///   - matrix: The numbers.
///   - path: The file; what was there is replaced.
/// - Throws: `MatrixFileError` when the file cannot be written.
public func writeNPY<Scalar: MatrixScalar>(
  _ matrix: DenseMatrix<Scalar>, to path: String
) throws {
  let type = Scalar.self == Float.self ? "<f4" : "<f8"
  var header =
    "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(matrix.rows), \(matrix.columns)), }"
  // Padded so that the numbers begin at a multiple of 64 bytes, as the format asks.
  let length = (10 + header.utf8.count + 1 + 63) / 64 * 64 - 10
  header += String(repeating: " ", count: length - header.utf8.count - 1) + "\n"
  let writer = try FileWriter(path: path)
  try writer.write([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
  try writer.write(header.utf8)
  try writer.write(numbers: matrix.elements)
  try writer.finish()
}
