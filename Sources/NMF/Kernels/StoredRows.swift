internal import Matrices

/// The rows of a sparse matrix as passes read them: those of X, or its columns one after another.
///
/// Where they are made here, 16 bits number up to 65,536 columns: in single precision a quarter less memory.
struct StoredRows<Scalar: MatrixScalar> {
  /// The column of each entry.
  enum Columns {
    case wide([Int32])
    case narrow([UInt16])
  }

  let rows: Int
  let columns: Int
  /// Where each row begins among the entries; `rows + 1` numbers.
  let offsets: [Int]
  let values: [Scalar]
  private let numbers: Columns

  /// The rows of a matrix, whose memory they share.
  init(_ matrix: SparseMatrix<Scalar>) {
    rows = matrix.rows
    columns = matrix.columns
    offsets = matrix.rowOffsets
    values = matrix.values
    numbers = .wide(matrix.columnIndices)
  }

  init(rows: Int, columns: Int, offsets: [Int], numbers: Columns, values: [Scalar]) {
    self.rows = rows
    self.columns = columns
    self.offsets = offsets
    self.values = values
    self.numbers = numbers
  }

  /// Whether the columns of rows have to be widened for the Poisson kernels.
  var isNarrow: Bool {
    if case .narrow = numbers { true } else { false }
  }

  /// Where the rows lie, valid during a call.
  @unsafe struct Pointers {
    let offsets: UnsafePointer<Int>
    let values: UnsafePointer<Scalar>
    fileprivate let wide: UnsafePointer<Int32>?
    fileprivate let narrow: UnsafePointer<UInt16>?

    /// Adds a row times a factor, whose rows are `length` apart, to as many numbers.
    @inline(__always)
    func add(
      row: Int, times factor: UnsafePointer<Scalar>, _ length: Int,
      to target: UnsafeMutablePointer<Scalar>
    ) {
      let begin = unsafe offsets[row]
      let count = unsafe offsets[row + 1] - begin
      if let wide = unsafe wide {
        unsafe Scalar._kernels.gatherAdd(
          count, wide + begin, values + begin, factor, length, length, target)
      } else if let narrow = unsafe narrow {
        unsafe Scalar._kernels.gatherAddNarrow(
          count, narrow + begin, values + begin, factor, length, length, target)
      }
    }

    /// The column of an entry.
    @inline(__always)
    func column(_ index: Int) -> Int {
      if let wide = unsafe wide { return unsafe Int(wide[index]) }
      guard let narrow = unsafe narrow else { preconditionFailure("entries have columns") }
      return unsafe Int(narrow[index])
    }

    /// The columns of `count` entries from `begin` on: where they lie, or in `room`, which has as much.
    @inline(__always)
    func columns(
      _ begin: Int, _ count: Int, in room: UnsafeMutablePointer<Int32>
    ) -> UnsafePointer<Int32> {
      if let wide = unsafe wide { return unsafe wide + begin }
      guard let narrow = unsafe narrow else { preconditionFailure("rows have columns") }
      for index in 0..<count {
        unsafe room[index] = Int32(truncatingIfNeeded: narrow[begin + index])
      }
      return unsafe UnsafePointer(room)
    }

    /// Asks for the entries of some rows, and for these rows of a factor.
    @inline(__always)
    func fetch(_ order: UnsafePointer<Int32>, _ rows: Int, of factor: Factor<Scalar>) {
      let size = MemoryLayout<Scalar>.stride
      for place in 0..<rows {
        let row = unsafe Int(order[place])
        let begin = unsafe offsets[row]
        let count = unsafe offsets[row + 1] - begin
        unsafe Matrices.fetch(values + begin, bytes: count * size)
        if let wide = unsafe wide { unsafe Matrices.fetch(wide + begin, bytes: count * 4) }
        if let narrow = unsafe narrow { unsafe Matrices.fetch(narrow + begin, bytes: count * 2) }
        unsafe Matrices.fetch(factor.base + row * factor.stride, bytes: factor.rank * size)
      }
    }

    /// The columns of some rows: those of all rows as they lie, or of these alone, one after another.
    @inline(__always)
    func columns(
      of order: UnsafePointer<Int32>, _ rows: Int, in room: UnsafeMutablePointer<Int32>
    ) -> UnsafePointer<Int32> {
      if let wide = unsafe wide { return unsafe wide }
      var filled = 0
      for place in 0..<rows {
        let row = unsafe Int(order[place])
        let begin = unsafe offsets[row]
        let count = unsafe offsets[row + 1] - begin
        _ = unsafe columns(begin, count, in: room + filled)
        filled += count
      }
      return unsafe UnsafePointer(room)
    }
  }

  /// Calls `body` with where the rows lie; not at all if they have no entries.
  func withPointers(_ body: (Pointers) -> Void) {
    unsafe offsets.withUnsafeBufferPointer { offsets in
      unsafe values.withUnsafeBufferPointer { values in
        guard let offsets = offsets.baseAddress, let values = values.baseAddress else { return }
        switch numbers {
        case .wide(let numbers):
          unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe body(
              Pointers(offsets: offsets, values: values, wide: numbers.baseAddress, narrow: nil))
          }
        case .narrow(let numbers):
          unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe body(
              Pointers(offsets: offsets, values: values, wide: nil, narrow: numbers.baseAddress))
          }
        }
      }
    }
  }
}
