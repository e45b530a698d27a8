internal import CNMFKernels

extension Float: KernelScalar {
  /// The kernels of this precision, chosen for this processor.
  public static let _kernels: FloatKernels = {
    guard let kernels = FloatKernels(named: kernelSet) else {
      preconditionFailure("the processor lost its instruction set")
    }
    return kernels
  }()
}

/// The C kernels for `Float`.
@safe public struct FloatKernels: KernelTable, @unchecked Sendable {
  private let table: UnsafePointer<nmf_kernels_f32>

  /// The kernels of one instruction set, or nil if the processor does not have it.
  package init?(named set: String) {
    guard let table = unsafe nmf_kernels_named_f32(set) else { return nil }
    unsafe self.table = table
  }

  /// C += AB for a narrow B.
  public func multiplyAdd(
    _ rows: Int, _ length: Int, _ width: Int, _ a: UnsafePointer<Float>, _ rowStride: Int,
    _ columnStride: Int,
    _ b: UnsafePointer<Float>, _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int
  ) {
    unsafe table.pointee.multiply_add(
      rows, length, width, a, rowStride, columnStride, b, bStride, c, cStride)
  }

  /// C += ABᵀ for a B of few rows.
  public func rowDots(
    _ rows: Int, _ length: Int, _ width: Int, _ a: UnsafePointer<Float>, _ aStride: Int,
    _ b: UnsafePointer<Float>, _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int
  ) {
    unsafe table.pointee.row_dots(rows, length, width, a, aStride, b, bStride, c, cStride)
  }

  /// Adds WᵀX.
  public func columnSums(
    _ rows: Int, _ columns: Int, _ rank: Int, _ x: UnsafePointer<Float>, _ xStride: Int,
    _ w: UnsafePointer<Float>,
    _ wStride: Int, _ b: UnsafeMutablePointer<Float>, _ bStride: Int,
    _ later: UnsafePointer<Float>?
  ) {
    unsafe table.pointee.column_sums(
      rows, columns, rank, x, xStride, w, wStride, b, bStride, later)
  }

  /// Adds FᵀF from the blocks of the diagonal on.
  public func gram(
    _ rows: Int, _ rank: Int, _ f: UnsafePointer<Float>, _ stride: Int,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int
  ) {
    unsafe table.pointee.gram(rows, rank, f, stride, c, cStride)
  }

  /// Sweeps of coordinate descent on rows of W.
  public func hals(
    _ rows: Int, _ rank: Int, _ w: UnsafeMutablePointer<Float>, _ wStride: Int,
    _ a: UnsafePointer<Float>, _ aStride: Int,
    _ least: UnsafePointer<Float>?, _ gram: UnsafePointer<Float>, _ gramStride: Int, _ sweeps: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    unsafe table.pointee.hals(
      rows, rank, w, wStride, a, aStride, least, gram, gramStride, sweeps, scratch)
  }

  /// Adds a sparse row times H.
  public func gatherAdd(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Float>
  ) {
    unsafe table.pointee.gather_add(count, index, x, h, hStride, width, a)
  }

  /// The same with columns of 16 bits.
  public func gatherAddNarrow(
    _ count: Int, _ index: UnsafePointer<UInt16>, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Float>
  ) {
    unsafe table.pointee.gather_add_narrow(count, index, x, h, hStride, width, a)
  }

  /// Adds a sparse row times H, in double.
  public func gatherAddWidened(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.gather_add_widened(count, index, x, h, hStride, width, a)
  }

  /// A row of a sparse Poisson half-step.
  public func poissonRow(
    _ mode: Int32, _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>,
    _ hStride: Int, _ rank: Int, _ s: UnsafePointer<Float>, _ w: UnsafeMutablePointer<Float>,
    _ sweeps: Int, _ tolerance: Float,
    _ block: UnsafeMutablePointer<Float>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_row(
        mode, count, index, x, h, hStride, rank, s, w, sweeps, tolerance, block))
  }

  /// Rows of a sparse Poisson half-step, side by side.
  public func poissonRows(
    _ mode: Int32, _ rows: Int, _ order: UnsafePointer<Int32>, _ offsets: UnsafePointer<Int>,
    _ index: UnsafePointer<Int32>, _ isGathered: Bool, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>, _ hStride: Int, _ rank: Int, _ s: UnsafePointer<Float>,
    _ w: UnsafeMutablePointer<Float>, _ wStride: Int, _ sweeps: Int, _ tolerance: Float,
    _ block: UnsafeMutablePointer<Float>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_rows(
        mode, rows, order, offsets, index, isGathered ? 1 : 0, x, h, hStride, rank, s, w, wStride,
        sweeps, tolerance, block))
  }

  /// A group of rows of a dense Poisson half-step.
  public func poissonGroup(
    _ mode: Int32, _ fold: Int, _ rows: Int, _ terms: Int, _ x: UnsafePointer<Float>,
    _ xStride: Int,
    _ xStep: Int, _ ht: UnsafePointer<Float>,
    _ htStride: Int, _ rank: Int, _ s: UnsafePointer<Float>, _ w: UnsafeMutablePointer<Float>,
    _ wStride: Int, _ sweeps: Int,
    _ tolerance: Float, _ block: UnsafeMutablePointer<Float>
  ) -> PoissonSums {
    unsafe PoissonSums(
      table.pointee.poisson_group(
        mode, fold, rows, terms, x, xStride, xStep, ht, htStride, rank, s, w, wStride, sweeps,
        tolerance,
        block))
  }

  /// Σ (x − v)².
  public func squaredDistance(_ count: Int, _ x: UnsafePointer<Float>, _ v: UnsafePointer<Float>)
    -> Double
  {
    unsafe table.pointee.squared_distance(count, x, v)
  }

  /// Σ x log v over x > 0.
  public func xLogV(_ count: Int, _ x: UnsafePointer<Float>, _ v: UnsafePointer<Float>) -> Double {
    unsafe table.pointee.x_log_v(count, x, v)
  }

  /// A contrast function of independent components, and its slopes.
  public func contrast(
    _ kind: Int32, _ rows: Int, _ width: Int, _ u: UnsafeMutablePointer<Float>, _ stride: Int,
    _ slopes: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.contrast(kind, rows, width, u, stride, slopes)
  }

  /// Σ x v.
  public func dot(_ count: Int, _ x: UnsafePointer<Float>, _ v: UnsafePointer<Float>) -> Double {
    unsafe table.pointee.dot(count, x, v)
  }

  /// The optimal row of W for a Poisson row.
  public func poissonNewton(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: UnsafePointer<Float>,
    _ h: UnsafePointer<Float>, _ hStride: Int,
    _ rank: Int, _ s: UnsafePointer<Double>, _ w: UnsafeMutablePointer<Float>, _ tolerance: Double,
    _ work: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.poisson_newton(count, index, x, h, hStride, rank, s, w, tolerance, work)
  }

  /// Transposes a block.
  public func transpose(
    _ rows: Int, _ columns: Int, _ from: UnsafePointer<Float>, _ fromStride: Int,
    _ to: UnsafeMutablePointer<Float>, _ toStride: Int,
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
  public func areOrdinary(_ count: Int, _ x: UnsafePointer<Float>, below limit: Float) -> Bool {
    unsafe table.pointee.are_ordinary(count, x, limit) != 0
  }

  /// Adds a row of X to the totals.
  public func addTotals(
    _ count: Int, _ x: UnsafePointer<Float>, _ columnSums: UnsafeMutablePointer<Double>,
    _ row: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.add_totals(count, x, columnSums, row)
  }

  /// Adds rows of X to the totals of the columns, and says what they hold.
  public func scanRows(
    _ rows: Int, _ columns: Int, _ x: UnsafePointer<Float>, _ multipliers: UnsafePointer<UInt64>,
    _ totals: UnsafeMutablePointer<Double>, _ stride: Int
  ) -> [RowScan] {
    unsafe scanned(rows) {
      unsafe table.pointee.scan_rows(rows, columns, x, multipliers, totals, stride, $0)
    }
  }

  /// The sum of the hashes of entries and their places.
  public func hashEntries(
    _ count: Int, _ x: UnsafePointer<Float>, _ columns: UnsafePointer<Int32>?, _ first: UInt64
  ) -> UInt64 {
    unsafe table.pointee.hash_entries(count, x, columns, first)
  }

  /// Converts to double.
  public func widen(
    _ count: Int, _ x: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.widen(count, x, target)
  }

  /// Adds to sums in double.
  public func addWidened(
    _ count: Int, _ x: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Double>
  ) {
    unsafe table.pointee.add_widened(count, x, sums)
  }
}
