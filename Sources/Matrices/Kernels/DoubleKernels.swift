internal import CNMFKernels

extension Double: KernelScalar {
  /// The kernels of this precision, chosen for this processor.
  public static let _kernels: DoubleKernels = {
    guard let kernels = DoubleKernels(named: kernelSet) else {
      preconditionFailure("the processor lost its instruction set")
    }
    return kernels
  }()
}

/// The C kernels for `Double`.
@safe public struct DoubleKernels: KernelTable, @unchecked Sendable {
  private let table: UnsafePointer<nmf_kernels_f64>

  /// The kernels of one instruction set, or nil if the processor does not have it.
  package init?(named set: String) {
    guard let table = unsafe nmf_kernels_named_f64(set) else { return nil }
    unsafe self.table = table
  }

  /// C += AB for a narrow B.
  public func multiplyAdd(
    _ rows: Int, _ length: Int, _ width: Int, _ a: UnsafePointer<Double>, _ rowStride: Int,
    _ columnStride: Int,
    _ b: UnsafePointer<Double>, _ bStride: Int, _ c: UnsafeMutablePointer<Double>, _ cStride: Int
  ) {
    unsafe table.pointee.multiply_add(
      rows, length, width, a, rowStride, columnStride, b, bStride, c, cStride)
  }

  /// C += ABᵀ for a B of few rows.
  public func rowDots(
    _ rows: Int, _ length: Int, _ width: Int, _ a: UnsafePointer<Double>, _ aStride: Int,
    _ b: UnsafePointer<Double>, _ bStride: Int, _ c: UnsafeMutablePointer<Double>, _ cStride: Int
  ) {
    unsafe table.pointee.row_dots(rows, length, width, a, aStride, b, bStride, c, cStride)
  }

  /// Adds WᵀX.
  public func columnSums(
    _ rows: Int, _ columns: Int, _ rank: Int, _ x: UnsafePointer<Double>, _ xStride: Int,
    _ w: UnsafePointer<Double>,
    _ wStride: Int, _ b: UnsafeMutablePointer<Double>, _ bStride: Int,
    _ later: UnsafePointer<Double>?
  ) {
    unsafe table.pointee.column_sums(
      rows, columns, rank, x, xStride, w, wStride, b, bStride, later)
  }

  /// Adds FᵀF from the blocks of the diagonal on.
  public func gram(
    _ rows: Int, _ rank: Int, _ f: UnsafePointer<Double>, _ stride: Int,
    _ c: UnsafeMutablePointer<Double>, _ cStride: Int
  ) {
    unsafe table.pointee.gram(rows, rank, f, stride, c, cStride)
  }

  /// Sweeps of coordinate descent on rows of W.
  public func hals(
    _ rows: Int, _ rank: Int, _ w: UnsafeMutablePointer<Double>, _ wStride: Int,
    _ a: UnsafePointer<Double>, _ aStride: Int,
    _ least: UnsafePointer<Double>?, _ gram: UnsafePointer<Double>, _ gramStride: Int,
    _ sweeps: Int, _ scratch: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.hals(
      rows, rank, w, wStride, a, aStride, least, gram, gramStride, sweeps, scratch)
  }

  /// Adds a sparse row times H.
  public func gatherAdd(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.gather_add(count, index, x, h, hStride, width, a)
  }

  /// The same with columns of 16 bits.
  public func gatherAddNarrow(
    _ count: Int, _ index: UnsafePointer<UInt16>, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.gather_add_narrow(count, index, x, h, hStride, width, a)
  }

  /// Adds a sparse row times H, in double.
  public func gatherAddWidened(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.gather_add_widened(count, index, x, h, hStride, width, a)
  }

  /// A row of a sparse Poisson half-step.
  public func poissonRow(
    _ mode: Int32, _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>,
    _ hStride: Int, _ rank: Int, _ s: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Double>,
    _ sweeps: Int, _ tolerance: Double,
    _ block: UnsafeMutablePointer<Double>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_row(
        mode, count, index, x, h, hStride, rank, s, w, sweeps, tolerance, block))
  }

  /// Rows of a sparse Poisson half-step, side by side.
  public func poissonRows(
    _ mode: Int32, _ rows: Int, _ order: UnsafePointer<Int32>, _ offsets: UnsafePointer<Int>,
    _ index: UnsafePointer<Int32>, _ isGathered: Bool, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>, _ hStride: Int, _ rank: Int, _ s: UnsafePointer<Double>,
    _ w: UnsafeMutablePointer<Double>, _ wStride: Int, _ sweeps: Int, _ tolerance: Double,
    _ block: UnsafeMutablePointer<Double>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_rows(
        mode, rows, order, offsets, index, isGathered ? 1 : 0, x, h, hStride, rank, s, w, wStride,
        sweeps, tolerance, block))
  }

  /// A group of rows of a dense Poisson half-step.
  public func poissonGroup(
    _ mode: Int32, _ fold: Int, _ rows: Int, _ terms: Int, _ x: UnsafePointer<Double>,
    _ xStride: Int,
    _ xStep: Int, _ ht: UnsafePointer<Double>,
    _ htStride: Int, _ rank: Int, _ s: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Double>,
    _ wStride: Int, _ sweeps: Int,
    _ tolerance: Double, _ block: UnsafeMutablePointer<Double>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_group(
        mode, fold, rows, terms, x, xStride, xStep, ht, htStride, rank, s, w, wStride, sweeps,
        tolerance,
        block))
  }

  /// Σ (x − v)².
  public func squaredDistance(_ count: Int, _ x: UnsafePointer<Double>, _ v: UnsafePointer<Double>)
    -> Double
  {
    unsafe table.pointee.squared_distance(count, x, v)
  }

  /// Σ x log v over x > 0.
  public func xLogV(_ count: Int, _ x: UnsafePointer<Double>, _ v: UnsafePointer<Double>) -> Double
  {
    unsafe table.pointee.x_log_v(count, x, v)
  }

  /// A contrast function of independent components, and its slopes.
  public func contrast(
    _ kind: Int32, _ rows: Int, _ width: Int, _ u: UnsafeMutablePointer<Double>, _ stride: Int,
    _ slopes: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.contrast(kind, rows, width, u, stride, slopes)
  }

  /// Σ x v.
  public func dot(_ count: Int, _ x: UnsafePointer<Double>, _ v: UnsafePointer<Double>) -> Double {
    unsafe table.pointee.dot(count, x, v)
  }

  /// The optimal row of W for a Poisson row.
  public func poissonNewton(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Double>,
    _ h: UnsafePointer<Double>, _ hStride: Int,
    _ rank: Int, _ s: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Double>, _ tolerance: Double,
    _ work: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.poisson_newton(count, index, x, h, hStride, rank, s, w, tolerance, work)
  }

  /// Transposes a block.
  public func transpose(
    _ rows: Int, _ columns: Int, _ from: UnsafePointer<Double>, _ fromStride: Int,
    _ to: UnsafeMutablePointer<Double>, _ toStride: Int,
    _ width: Int
  ) {
    unsafe table.pointee.transpose(rows, columns, from, fromStride, to, toStride, width)
  }

  /// The optimal rows of W for least squares.
  public func solveNonnegative(
    _ rows: Int, _ rank: Int, _ w: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>,
    _ gram: UnsafePointer<Double>, _ stride: Int, _ isSolved: UnsafeMutablePointer<UInt8>,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.solve_nonnegative(
      rows, rank, w, a, gram, stride, isSolved, scratch)
  }

  /// Whether all x are at least zero and below the limit.
  public func areOrdinary(_ count: Int, _ x: UnsafePointer<Double>, below limit: Double) -> Bool {
    unsafe table.pointee.are_ordinary(count, x, limit) != 0
  }

  /// Adds a row of X to the totals.
  public func addTotals(
    _ count: Int, _ x: UnsafePointer<Double>, _ columnSums: UnsafeMutablePointer<Double>,
    _ row: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.add_totals(count, x, columnSums, row)
  }

  /// Adds rows of X to the totals of the columns, and says what they hold.
  public func scanRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Double>, _ multipliers: UnsafePointer<UInt64>,
    _ totals: UnsafeMutablePointer<Double>, _ stride: Int
  ) -> [RowScan] {
    unsafe scanned(rows) {
      unsafe table.pointee.scan_rows(rows, columns, x, multipliers, totals, stride, $0)
    }
  }

  /// The sum of the hashes of entries and their places.
  public func hashEntries(
    _ count: Int, _ x: UnsafePointer<Double>, _ columns: UnsafePointer<Int32>?, _ first: UInt64
  ) -> UInt64 {
    unsafe table.pointee.hash_entries(count, x, columns, first)
  }

  /// Converts to double.
  public func widen(
    _ count: Int, _ x: UnsafePointer<Double>, _ target: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.widen(count, x, target)
  }

  /// Adds to sums in double.
  public func addWidened(
    _ count: Int, _ x: UnsafePointer<Double>, _ sums: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.add_widened(count, x, sums)
  }
}
