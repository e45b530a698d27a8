import Matrices

/// Reads a folder as 10x Genomics writes it, as cells × genes.
///
/// The file has genes × cells; it is transposed on the way.
func readTenX<Scalar: MatrixScalar>(
  _ path: String, files: [String], as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  func file(_ names: String...) -> String? {
    names.flatMap { [$0, $0 + ".gz"] }.first { files.contains($0) }
  }
  guard let matrixFile = file("matrix.mtx") else {
    throw MatrixFileError("the folder has no matrix.mtx or matrix.mtx.gz.")
  }
  let matrixPath = path + "/" + matrixFile
  var (matrix, notes, storedType): (DataMatrix<Scalar>, [String], String)
  do {
    (matrix, notes, storedType) = try readMatrixMarket(
      FileInput(path: matrixPath), transposed: true, as: type)
  } catch var error as MatrixFileError {
    error.path = matrixPath
    throw error
  }
  notes.insert("The file has genes × cells; it was turned to cells × genes.", at: 0)
  var features: [String]?
  if let name = file("features.tsv", "genes.tsv") {
    var genes = try lines(of: path + "/" + name).map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      return String(cells.count > 1 ? cells[1] : cells.first ?? "")
    }
    try check(genes.count, matrix.columns, "gene", "rows", path + "/" + name)
    let changed = makeUnique(&genes)
    if changed > 0 {
      notes.append(
        "\(counted(changed, "gene name")) that came before got the endings -1, -2 and so on.")
    }
    features = genes
  } else {
    notes.append("There is no features.tsv, so genes have no names.")
  }
  var barcodes: [String]?
  if let name = file("barcodes.tsv") {
    let cells = try lines(of: path + "/" + name).map { line in
      String(line.prefix { $0 != "\t" })
    }
    try check(cells.count, matrix.rows, "barcode", "columns", path + "/" + name)
    barcodes = cells
  } else {
    notes.append("There is no barcodes.tsv, so cells have no names.")
  }
  let table = LabeledMatrix(matrix, rowNames: barcodes, columnNames: features)
  return MatrixFile(
    table: table, path: path, format: .tenx, notes: notes, storedType: storedType)
}

private func check(
  _ found: Int, _ needed: Int, _ noun: String, _ side: String, _ path: String
) throws {
  guard found == needed else {
    throw MatrixFileError(
      "\(counted(found, noun)) found, but matrix.mtx has \(needed) \(side).", path: path)
  }
}
