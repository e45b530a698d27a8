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
  private var scratch: [Scalar] = []
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
    let capacity = packing.scratchCount
    reserve(&scratch, capacity * pool.threads)
    var results = [PoissonSums](repeating: PoissonSums(), count: packing.tasks.count)
    let (rank, isNarrow) = (rank, matrix.isNarrow)
    let room = isNarrow ? packing.entryCount : 1
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        unsafe packing.order.withUnsafeBufferPointer { order in
          unsafe matrix.withPointers { x in
            guard let scratch = scratch.baseAddress, let results = results.baseAddress,
              let order = order.baseAddress
            else { return }
            pool.run(packing.tasks.count) { task, thread in
              let block = unsafe scratch + thread * capacity
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
    }
    return results.reduce(into: PoissonSums()) { $0.add($1) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func runDense(
    _ code: Int32, _ matrix: DenseMatrix<Scalar>, _ side: Side, factor: Factor<Scalar>,
    other: Factor<Scalar>, classes: [RowClass<[Scalar]>], sweeps: Int, tolerance: Scalar
  ) -> PoissonSums {
    let lanes = Factor<Scalar>.lanes
    // Groups of rows that go through the kernel side by side; none spans two classes.
    let groups = classes.flatMap { rows in
      stride(from: rows.rows.lowerBound, to: rows.rows.upperBound, by: lanes).map { first in
        RowClass(rows: first..<min(first + lanes, rows.rows.upperBound), held: rows.held)
      }
    }
    let terms = other.rows
    let capacity = (2 * terms + rank) * lanes
    reserve(&scratch, capacity * pool.threads)
    reserve(&components, rank * terms)
    var results = [PoissonSums](repeating: PoissonSums(), count: groups.count)
    let rowStride = side == .memberships ? matrix.columns : 1
    let step = side == .memberships ? 1 : matrix.columns
    unsafe results.withUnsafeMutableBufferPointer { results in
      unsafe scratch.withUnsafeMutableBufferPointer { scratch in
        unsafe components.withUnsafeMutableBufferPointer { components in
          unsafe matrix.elements.withUnsafeBufferPointer { entries in
            guard let entries = entries.baseAddress,
              let components = components.baseAddress,
              let scratch = scratch.baseAddress, let results = results.baseAddress
            else { return }
            unsafe other.writeComponents(to: components, stride: terms, pool: pool)
            pool.run(groups.count) { group, thread in
              let first = groups[group].rows.lowerBound
              // Safe: groups own disjoint rows of the factor and one result each.
              unsafe results[group] = Scalar._kernels.poissonGroup(
                code, groups[group].rows.count, terms, entries + first * rowStride, rowStride,
                step, components, terms, rank, groups[group].held,
                factor.base + first * factor.stride,
                factor.stride, sweeps, tolerance, scratch + thread * capacity)
            }
          }
        }
      }
    }
    return results.reduce(into: PoissonSums()) { $0.add($1) }
  }

  private func reserve(_ array: inout [Scalar], _ count: Int) {
    if array.count < count { array = [Scalar](repeating: 0, count: count) }
  }
}
