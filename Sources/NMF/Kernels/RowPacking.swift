internal import Matrices

/// How the rows of a compressed matrix are dealt out to the Poisson kernels.
///
/// Rows of like length lie side by side, one a lane of a vector: a row of five entries then costs
/// a sixteenth of a vector's work, and the sums over its entries need no reduction across lanes.
/// A row whose neighbours' blocks would not stay in the second-level cache goes alone. Rows without
/// entries are left out. All of it depends on the matrix, the classes and the rank alone.
struct RowPacking {
  /// Rows that go through a kernel together.
  struct Group {
    /// Where its rows begin in `order`.
    let first: Int
    let rows: Int
    /// The class of rows that it belongs to.
    let rowClass: Int
    /// Whether the rows lie side by side; otherwise it is a single long row.
    let isPacked: Bool
  }

  /// Numbers of rows, group after group.
  private(set) var order: [Int32] = []
  private(set) var groups: [Group] = []
  /// Groups of about the same work, to be done by one thread.
  private(set) var tasks: [Range<Int>] = []
  /// The numbers that a kernel needs to write to.
  private(set) var scratchCount = 0
  /// The most entries of a group.
  private(set) var entryCount = 0

  /// The bytes of held entries that a group may gather: half of a second-level cache.
  private static var blockBytes: Int { 1 << 19 }

  /// - Parameters:
  ///   - matrix: The rows.
  ///   - classes: Ranges of rows; no group spans two of them.
  ///   - rank: The length of a gathered row.
  init<Scalar: MatrixScalar>(_ matrix: StoredRows<Scalar>, classes: [Range<Int>], rank: Int) {
    let lanes = Factor<Scalar>.lanes
    let longestPacked = max(lanes, Self.blockBytes / (64 * (rank + 2)))
    order.reserveCapacity(matrix.rows)
    var costs: [Int] = []
    for (index, rows) in classes.enumerated() {
      let sorted = Self.byLength(matrix.offsets, rows)
      var next = 0
      while next < sorted.count {
        let row = Int(sorted[next])
        let terms = matrix.offsets[row + 1] - matrix.offsets[row]
        let isPacked = terms <= longestPacked
        let count = isPacked ? min(lanes, sorted.count - next) : 1
        groups.append(
          Group(first: order.count + next, rows: count, rowClass: index, isPacked: isPacked))
        // In entries; a group costs about as much again as a few of them a row.
        costs.append(isPacked ? (terms + 5) * lanes : terms + 10 * lanes)
        let scratch =
          isPacked
          ? (terms * (rank + 2) + rank) * lanes : (terms + lanes - 1) / lanes * lanes * (rank + 2)
        scratchCount = max(scratchCount, scratch)
        entryCount = max(entryCount, terms * count)
        next += count
      }
      order.append(contentsOf: sorted)
    }
    let target = costs.reduce(0, +) / 128 + 1
    var first = 0
    var load = 0
    for (group, cost) in costs.enumerated() {
      load += cost
      if load >= target || group == costs.count - 1 {
        tasks.append(first..<group + 1)
        first = group + 1
        load = 0
      }
    }
  }

  /// The rows that have entries, the longest first; equally long ones keep their order.
  private static func byLength(_ offsets: [Int], _ rows: Range<Int>) -> [Int32] {
    var longest = 0
    for row in rows { longest = max(longest, offsets[row + 1] - offsets[row]) }
    // A counting sort: places[n] is where the next row of n entries goes.
    var places = [Int](repeating: 0, count: longest + 1)
    for row in rows { places[offsets[row + 1] - offsets[row]] += 1 }
    var filled = 0
    for length in stride(from: longest, to: 0, by: -1) {
      let count = places[length]
      places[length] = filled
      filled += count
    }
    var sorted = [Int32](repeating: 0, count: filled)
    for row in rows {
      let length = offsets[row + 1] - offsets[row]
      guard length > 0 else { continue }
      sorted[places[length]] = Int32(row)
      places[length] += 1
    }
    return sorted
  }
}
