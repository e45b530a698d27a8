import Matrices

/// Reads the one matrix of a NumPy archive, or the sparse matrix that SciPy saved.
func readNPZFile<Scalar: MatrixScalar>(
  _ input: FileInput, path: String, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  let source = input.isCompressed ? .memory(try input.reader().allBytes()) : input.source
  let archive = try ZipArchive(source)
  let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
  func name(_ member: ZipArchive.Member) -> String { String(member.name.dropLast(4)) }
  guard !arrays.isEmpty else {
    throw MatrixFileError(
      "this zip archive holds no NumPy array. If it is a workbook, save its sheet as CSV.")
  }
  let names = Set(arrays.map(name))
  if names.isSuperset(of: ["data", "shape", "format"]) {
    let (matrix, notes, storedType) = try readSciPySparse(archive, as: type)
    return MatrixFile(
      table: LabeledMatrix(.sparse(matrix)), path: path, format: .npz, notes: notes,
      storedType: storedType)
  }
  // Others may hold names or labels: only arrays with two or three sizes can be meant.
  let candidates = try arrays.filter { member in
    let (header, _) = try NPYHeader.read(try archive.reader(member), available: nil)
    return header.shape.count == 2 || header.shape.count == 3
  }
  let known = ["X", "arr_0", "data", "x"]
  let preferred = known.lazy.compactMap { wanted in candidates.first { name($0) == wanted } }.first
  guard let member = candidates.count == 1 ? candidates.first : preferred else {
    let list = (candidates.isEmpty ? arrays : candidates).map(name).sorted().joined(separator: ", ")
    throw MatrixFileError(
      candidates.isEmpty
        ? "none of the arrays \(list) has two sizes, as a matrix has."
        : "several arrays could be meant: \(list). Name the one X, or save it alone.")
  }
  let (table, notes, storedType) = try readNPY(
    try archive.reader(member), available: member.size, as: type)
  let read = arrays.count > 1 ? ["The array \(name(member)) was read."] : []
  return MatrixFile(
    table: table, path: path, format: .npz, notes: read + notes, storedType: storedType)
}

/// Reads what `scipy.sparse.save_npz` wrote for a CSR or CSC matrix.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func readSciPySparse<Scalar: MatrixScalar>(
  _ archive: ZipArchive, as type: Scalar.Type
) throws -> (matrix: SparseMatrix<Scalar>, notes: [String], storedType: String) {
  func open(_ name: String) throws -> (reader: any ByteReader, header: NPYHeader) {
    guard let member = archive.members.first(where: { $0.name == name + ".npy" }) else {
      throw MatrixFileError("the archive has no array \(name).")
    }
    let reader = try archive.reader(member)
    return (reader, try NPYHeader.read(reader, available: member.size).header)
  }
  func integers(_ name: String) throws -> [Int] {
    let (reader, header) = try open(name)
    return try readIntegers(reader, count: header.count, element: header.element)
  }
  let (formatReader, formatHeader) = try open("format")
  let letters = try formatReader.bytes(formatHeader.element.size).filter { $0 != 0 }
  let format = String(decoding: letters, as: UTF8.self)
  guard format == "csr" || format == "csc" else {
    throw MatrixFileError(
      "a SciPy matrix in the format \(quoted(format)) is not read; save it as CSR, with "
        + "scipy.sparse.save_npz(path, x.tocsr()).")
  }
  let shape = try integers("shape")
  guard shape.count == 2, shape.allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }) else {
    throw MatrixFileError("the sparse matrix has shape \(shape), which cannot be read.")
  }
  let (major, minor) = format == "csr" ? (shape[0], shape[1]) : (shape[1], shape[0])
  try requireMemory(rows: shape[0], columns: shape[1], bytes: 0)
  let offsets = try integers("indptr")
  let (dataReader, dataHeader) = try open("data")
  let (indexReader, indexHeader) = try open("indices")
  let stored = dataHeader.count
  guard offsets.count == major + 1, offsets.first == 0, offsets.last == stored,
    indexHeader.count == stored
  else {
    throw MatrixFileError(
      "indptr, indices and data do not fit each other: \(offsets.count), \(indexHeader.count) and "
        + "\(stored) numbers for \(major) \(format == "csr" ? "rows" : "columns").")
  }
  var list = EntryList<Scalar>()
  list.values = try readNumbers(
    dataReader, count: stored, element: dataHeader.element, as: type)
  list.columnIndices = try readIndices(
    indexReader, count: stored, element: indexHeader.element, bound: minor)
  list.isColumnOrdered = false
  for index in 0..<major {
    guard offsets[index] <= offsets[index + 1], offsets[index + 1] <= stored else {
      throw MatrixFileError("indptr does not rise at place \(index + 1) as it must.")
    }
    var last: Int32 = -1
    for entry in offsets[index]..<offsets[index + 1] {
      if list.columnIndices[entry] <= last { list.isRowOrdered = false }
      last = list.columnIndices[entry]
    }
  }
  // Stored zeros go the long way, which drops them.
  if !list.values.allSatisfy({ $0 != 0 }) { list.isRowOrdered = false }
  if list.isRowOrdered, format == "csr" {
    // What is in order already is taken as it is, without a row for each entry.
    let matrix = try SparseMatrix(
      rows: major, columns: minor, rowOffsets: offsets, columnIndices: list.columnIndices,
      values: list.values)
    return (matrix, [], dataHeader.element.name)
  }
  list.rowIndices = [Int32](repeating: 0, count: stored)
  for index in 0..<major {
    for entry in offsets[index]..<offsets[index + 1] { list.rowIndices[entry] = Int32(index) }
  }
  let (matrix, duplicates) = try list.compressed(
    rows: major, columns: minor, transposed: format == "csc")
  let notes =
    duplicates == 0
    ? [] : ["\(counted(duplicates, "duplicate entry was", "duplicate entries were")) added."]
  return (matrix, notes, dataHeader.element.name)
}

private func readIndices(
  _ reader: any ByteReader, count: Int, element: NPYElement, bound: Int
) throws -> [Int32] {
  // A piece at a time: as integers they take four times the room.
  var indices: [Int32] = []
  indices.reserveCapacity(count)
  while indices.count < count {
    let piece = min(1 << 16, count - indices.count)
    for index in try readIntegers(reader, count: piece, element: element) {
      guard index >= 0, index < bound else {
        throw MatrixFileError("the index \(index) in indices is outside 0..<\(bound).")
      }
      indices.append(Int32(index))
    }
  }
  return indices
}
