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

/// The lines of a text file, without the empty ones at its end.
private func lines(of path: String) throws -> [String] {
  let bytes = try FileInput(path: path).reader().allBytes()
  var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
    String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }
  while lines.last == "" { lines.removeLast() }
  return lines
}

/// Appends -1, -2, … to names that came before, and returns how many were changed.
func makeUnique(_ names: inout [String]) -> Int {
  var taken = Set(names)
  var seen: Set<String> = []
  var counters: [String: Int] = [:]
  var changed = 0
  for index in names.indices where !seen.insert(names[index]).inserted {
    let name = names[index]
    var counter = counters[name, default: 0]
    repeat { counter += 1 } while taken.contains("\(name)-\(counter)")
    counters[name] = counter
    names[index] = "\(name)-\(counter)"
    taken.insert(names[index])
    changed += 1
  }
  return changed
}
