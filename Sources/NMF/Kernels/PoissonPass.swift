internal import Matrices

/// Half-steps of Poisson factorisation: the rows of one factor, with the other held fixed.
///
/// (WH) is formed only where it is needed: at the stored entries of a sparse X, and for one group
/// of rows at a time of a dense one.
final class PoissonPass<Scalar: MatrixScalar> {
  /// Which factor moves.
  enum Side {
    /// W, by the rows of X.
    case memberships
    /// H, by the columns of X.
    case parts
  }

  private let x: DataMatrix<Scalar>
  private let transposed: StoredRows<Scalar>?
  private let pool: ComputePool
  private let rank: Int
  private let mask: EntryMask?
  // Made when a side first moves: many passes see only one.
  private lazy var rowsOfX: RowPacking? =
    if case .sparse(let matrix) = x {
      RowPacking(StoredRows(matrix), classes: mask?.rowRanges ?? [0..<matrix.rows], rank: rank)
    } else {
      nil
    }
  private lazy var rowsOfTransposed: RowPacking? = transposed.map {
    RowPacking($0, classes: mask?.transposed.rowRanges ?? [0..<$0.rows], rank: rank)
  }
  /// A row for each thread, so that vectors begin at whole 64 bytes.
  private var scratch = Factor<Scalar>(rows: 0, rank: 0)
  private var components: [Scalar] = []

  init(_ products: Products<Scalar>, rank: Int, mask: EntryMask? = nil) {
    self.mask = mask
    x = products.x
    transposed = products.transposed
    pool = products.pool
    self.rank = rank
  }

  /// Moves `factor` against `other`.
  ///
  /// - Parameters:
  ///   - mode: What is done with each row.
  ///   - side: Which factor moves.
  ///   - factor: N × r for memberships, p × r for parts; overwritten unless the mode is `evaluate`.
  ///   - other: The factor that is held.
  ///   - sweeps: The most sweeps of coordinate descent a row gets.
  ///   - tolerance: A row is left when a sweep moves less than this share of its counts.
  ///   - penalties: What is added to the sums of the held components: an ℓ1 penalty on `factor`.
  ///   - measures: Whether `xLogV` is computed.
  /// - Returns: Sums over all rows, in an order that depends on X alone.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run(
    _ mode: PoissonMode, _ side: Side, factor: Factor<Scalar>, other: Factor<Scalar>,
    sweeps: Int = 1, tolerance: Scalar = 0, penalties: [Double] = [], measures: Bool
  ) -> PoissonSums {
    let sideMask = side == .memberships ? mask : mask?.transposed
    let classes = visibleSums(
      of: other, moving: factor.rows, mask: sideMask, pool: pool
    ).map { rows in
      RowClass(
        rows: rows.rows,
        held: rows.held.enumerated().map { Scalar($1 + (penalties.isEmpty ? 0 : penalties[$0])) })
    }
    let code = mode.rawValue | (measures ? 4 : 0)
    switch x {
    case .sparse(let matrix):
      guard let rows = side == .memberships ? StoredRows(matrix) : transposed,
        let packing = side == .memberships ? rowsOfX : rowsOfTransposed
      else { return PoissonSums() }
      return runSparse(
        code, rows, packing: packing, factor: factor,
        other: other, classes: classes, sweeps: sweeps, tolerance: tolerance)
    case .dense(let matrix):
      return runDense(
        code, matrix, side, factor: factor, other: other, classes: classes, sweeps: sweeps,
        tolerance: tolerance)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runSparse(
    _ code: Int32, _ matrix: StoredRows<Scalar>, packing: RowPacking, factor: Factor<Scalar>,
    other: Factor<Scalar>, classes: [RowClass<[Scalar]>], sweeps: Int, tolerance: Scalar
  ) -> PoissonSums {
    reserveScratch(packing.scratchCount)
    var results = [PoissonSums](repeating: PoissonSums(), count: packing.tasks.count)
    let (rank, isNarrow) = (rank, matrix.isNarrow)
    let room = isNarrow ? packing.entryCount : 1
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe packing.order.withUnsafeBufferPointer { order in
        unsafe matrix.withPointers { x in
          guard let results = results.baseAddress, let order = order.baseAddress
          else { return }
          pool.run(packing.tasks.count) { task, thread in
            let block = unsafe scratch.base + thread * scratch.stride
            var total = PoissonSums()
            unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: room) { room in
              guard let room = room.baseAddress else { return }
              for index in packing.tasks[task] {
                let group = packing.groups[index]
                let sums = classes[group.rowClass].held
                let rows = unsafe order + group.first
                // Rows of like length lie anywhere in X: no processor sees them coming.
                if index + 1 < packing.tasks[task].upperBound,
                  packing.groups[index + 1].isPacked
                {
                  let next = packing.groups[index + 1]
                  unsafe x.fetch(order + next.first, next.rows, of: factor)
                }
                // Safe: groups own disjoint rows of the factor, tasks one result each.
                if group.isPacked {
                  unsafe total.add(
                    Scalar._kernels.poissonRows(
                      code, group.rows, rows, x.offsets,
                      x.columns(of: rows, group.rows, in: room),
                      isNarrow, x.values, other.base, other.stride, rank, sums, factor.base,
                      factor.stride, sweeps, tolerance, block))
                } else {
                  let row = unsafe Int(rows[0])
                  let begin = unsafe x.offsets[row]
                  let count = unsafe x.offsets[row + 1] - begin
                  unsafe total.add(
                    Scalar._kernels.poissonRow(
                      code, count, x.columns(begin, count, in: room), x.values + begin,
                      other.base, other.stride, rank, sums, factor.base + row * factor.stride,
                      sweeps, tolerance, block))
                }
              }
            }
            unsafe results[task] = total
          }
        }
      }
    }
    return results.reduce(into: PoissonSums()) { $0.add($1) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runDense(
    _ code: Int32, _ matrix: DenseMatrix<Scalar>, _ side: Side, factor: Factor<Scalar>,
    other: Factor<Scalar>, classes: [RowClass<[Scalar]>], sweeps: Int, tolerance: Scalar
  ) -> PoissonSums {
    let terms = other.rows
    // What becomes of an observation must not depend on how many others there are.
    let fold = side == .parts ? lanesOfRow(among: factor.rows, terms: terms) : 1
    let height = Factor<Scalar>.lanes / fold
    // Groups of rows that go through the kernel side by side; none spans two classes.
    let groups = classes.flatMap { rows in
      stride(from: rows.rows.lowerBound, to: rows.rows.upperBound, by: height).map { first in
        RowClass(rows: first..<min(first + height, rows.rows.upperBound), held: rows.held)
      }
    }
    let steps = (terms + fold - 1) / fold
    reserveScratch((2 * steps + rank) * Factor<Scalar>.lanes)
    if components.count < rank * steps * fold {
      components = [Scalar](repeating: 0, count: rank * steps * fold)
    }
    var results = [PoissonSums](repeating: PoissonSums(), count: groups.count)
    let rowStride = side == .memberships ? matrix.columns : 1
    let step = side == .memberships ? 1 : matrix.columns
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe components.withUnsafeMutableBufferPointer { components in
        unsafe matrix.elements.withUnsafeBufferPointer { entries in
          guard let entries = entries.baseAddress,
            let components = components.baseAddress,
            let results = results.baseAddress
          else { return }
          let length = steps * fold
          for k in 0..<rank {
            unsafe (components + k * length + terms).zero(length - terms)
          }
          unsafe other.writeComponents(to: components, stride: length, pool: pool)
          pool.run(groups.count) { group, thread in
            let first = groups[group].rows.lowerBound
            // Safe: groups own disjoint rows of the factor and one result each.
            unsafe results[group] = Scalar._kernels.poissonGroup(
              code, fold, groups[group].rows.count, terms, entries + first * rowStride, rowStride,
              step, components, length, rank, groups[group].held,
              factor.base + first * factor.stride,
              factor.stride, sweeps, tolerance, scratch.base + thread * scratch.stride)
          }
        }
      }
    }
    return results.reduce(into: PoissonSums()) { $0.add($1) }
  }

  /// How many lanes of a vector each of so many rows takes, 1, 2 or 4.
  ///
  /// Few rows of many terms are folded, so that no lanes stay empty and all threads have groups of them; it
  /// depends on the shape alone, as it shows in the last bits.
  private func lanesOfRow(among rows: Int, terms: Int) -> Int {
    var fold = 1
    while fold < 4, rows * fold < 8 * Factor<Scalar>.lanes, terms >= 256 * fold { fold *= 2 }
    return fold
  }

  /// Room for so many numbers a thread.
  private func reserveScratch(_ count: Int) {
    if scratch.stride < count { scratch = Factor(rows: pool.threads, rank: count) }
  }
}
