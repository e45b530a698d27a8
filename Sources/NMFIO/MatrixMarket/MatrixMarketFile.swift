import Matrices

/// Reads a Matrix Market file: coordinates stay sparse, an array becomes dense.
///
/// - Parameters:
///   - input: The file.
///   - transposed: Whether rows and columns are exchanged on the way.
///   - type: The precision.
/// - Returns: The matrix, notes, and how numbers are stored.
/// - Throws: `MatrixFileError` with the line that cannot be read.
func readMatrixMarket<Scalar: MatrixScalar>(
  _ input: FileInput, transposed: Bool, as type: Scalar.Type
) throws -> (matrix: DataMatrix<Scalar>, notes: [String], storedType: String) {
  let start = try input.prefix(1 << 16)
  let header = try MatrixMarketHeader(start, largestCount: input.largestCount)
  let entryBytes =
    header.isCoordinate ? 2 * 4 + MemoryLayout<Scalar>.size : 2 * MemoryLayout<Scalar>.size
  try requireMemory(
    rows: header.rows, columns: header.columns,
    bytes: entryBytes * header.entries * (header.isSymmetric ? 2 : 1), line: header.dataLine - 1)
  let reader = try input.reader()
  try reader.skip(header.dataOffset)
  var notes: [String] = []
  if header.isSymmetric { notes.append("The other half of the symmetric matrix was filled in.") }
  let storedType = header.isPattern ? "pattern" : header.isInteger ? "integer" : "text numbers"
  guard header.isCoordinate else {
    let elements = try parseArray(reader, header: header, as: type)
    let turned = try DenseMatrix(rows: header.columns, columns: header.rows, elements: elements)
    return (.dense(transposed ? turned : turned.transposed()), notes, storedType)
  }
  let list = try parseCoordinates(reader, header: header, as: type)
  let (matrix, duplicates) = try list.compressed(
    rows: header.rows, columns: header.columns, transposed: transposed)
  if duplicates > 0 {
    notes.append(
      "\(counted(duplicates, "duplicate entry was", "duplicate entries were")) added.")
  }
  return (.sparse(matrix), notes, storedType)
}

func readMatrixMarketFile<Scalar: MatrixScalar>(
  _ input: FileInput, path: String, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  let (matrix, notes, storedType) = try readMatrixMarket(input, transposed: false, as: type)
  return MatrixFile(
    table: LabeledMatrix(matrix), path: path, format: .mtx, notes: notes, storedType: storedType)
}
