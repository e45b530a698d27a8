import Matrices

/// Room for the numbers of a matrix, into which threads write disjoint stretches.
@safe struct OutputBuffer<Scalar: MatrixScalar>: @unchecked Sendable {
  fileprivate let base: UnsafeMutablePointer<Scalar>
  fileprivate let count: Int

  /// Parses records into the rows from `row` on; see `parseRecords`.
  func parse(
    _ reader: any ByteReader, layout: DelimitedLayout, line: Int, row: Int, rows: Int
  ) throws -> (names: [String], missing: Int) {
    precondition((row + rows) * layout.columns <= count, "the rows do not fit the matrix")
    return try unsafe parseRecords(
      reader, layout: layout, line: line, row: row, rows: rows,
      into: base + row * layout.columns)
  }
}

/// An array of numbers that a function fills wholly.
func makeElements<Scalar: MatrixScalar>(
  _ count: Int, as type: Scalar.Type, _ fill: (OutputBuffer<Scalar>) throws -> Void
) throws -> [Scalar] {
  guard count > 0 else { return [] }
  return try unsafe [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard let base = buffer.baseAddress else { return }
    unsafe askForLargePages(base, byteCount: count * MemoryLayout<Scalar>.stride)
    try fill(unsafe OutputBuffer(base: base, count: count))
    initialized = count
  }
}
