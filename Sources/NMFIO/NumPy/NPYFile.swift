import Matrices

/// Reads a NumPy array of two sizes, or of three as pictures.
///
/// - Parameters:
///   - reader: The array from its first byte.
///   - available: How many bytes the array has in all, if that is known.
///   - type: The precision.
/// - Returns: The matrix, notes, and how numbers are stored.
/// - Throws: `MatrixFileError` when header and data do not fit.
func readNPY<Scalar: MatrixScalar>(
  _ reader: any ByteReader, available: Int?, as type: Scalar.Type
) throws -> (table: LabeledMatrix<Scalar>, notes: [String], storedType: String) {
  let (header, _) = try NPYHeader.read(reader, available: available)
  let shape = header.shape
  guard shape.count == 2 || shape.count == 3 else {
    let advice =
      shape.count == 1
      ? "Give it two, as with x.reshape(1, -1) for one observation."
      : "Bring it to observations × features with reshape."
    throw MatrixFileError(
      "the array has shape \(header.shapeText), and a matrix has two sizes. \(advice)")
  }
  guard header.count > 0 else {
    throw MatrixFileError("the array has shape \(header.shapeText), that is, nothing in it.")
  }
  try requireMemory(
    rows: shape[0], columns: header.count / shape[0],
    bytes: header.count * MemoryLayout<Scalar>.size)
  guard shape.count == 2 || !header.isColumnMajor else {
    throw MatrixFileError(
      "pictures in Fortran order are not read. Save them with numpy.ascontiguousarray.")
  }
  let elements = try readNumbers(
    reader, count: header.count, element: header.element, as: type)
  if available == nil, try reader.bytes(1).count > 0 {
    throw MatrixFileError("more bytes follow the array of shape \(header.shapeText).")
  }
  if shape.count == 3 {
    let size = ImageSize(width: shape[2], height: shape[1])
    let matrix = try DenseMatrix(rows: shape[0], columns: size.count, elements: elements)
    let note = "The array holds \(shape[0]) pictures of \(size) pixels."
    return (LabeledMatrix(.dense(matrix), imageSize: size), [note], header.element.name)
  }
  let matrix =
    header.isColumnMajor
    ? try DenseMatrix(rows: shape[1], columns: shape[0], elements: elements).transposed()
    : try DenseMatrix(rows: shape[0], columns: shape[1], elements: elements)
  return (LabeledMatrix(.dense(matrix)), [], header.element.name)
}

func readNPYFile<Scalar: MatrixScalar>(
  _ input: FileInput, path: String, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  // How much a .gz file holds is not known before its end; what it can hold at most is.
  if input.isCompressed {
    let (header, _) = try NPYHeader.read(try input.reader(), available: nil)
    guard header.count <= input.largestCount else {
      throw MatrixFileError("an array of shape \(header.shapeText) does not fit the file.")
    }
  }
  let (table, notes, storedType) = try readNPY(
    try input.reader(), available: input.isCompressed ? nil : input.source.count, as: type)
  return MatrixFile(
    table: table, path: path, format: .npy, notes: notes, storedType: storedType)
}
