internal import CNMFKernels

/// What a scalar must offer to the solvers: its table of C kernels.
public protocol KernelScalar {
  associatedtype _Kernels: KernelTable where _Kernels.Scalar == Self

  /// The kernels for this type on this processor.
  static var _kernels: _Kernels { get }
}

/// What a Poisson half-step does with its rows.
package enum PoissonMode: Int32, Sendable {
  /// Leaves the factor as it is, and measures its stationarity.
  case evaluate = 0
  /// One multiplicative update.
  case multiply = 1
  /// Sweeps of second-order coordinate descent.
  case coordinates = 2
}

/// Sums over the rows that a Poisson half-step has seen.
public struct PoissonSums: Sendable {
  /// Σ x log v at the new factor.
  package var xLogV = 0.0
  /// Σ s |δ|: the mass that the coordinate steps would move, in counts (evaluate only).
  package var moved = 0.0

  package init() {}

  init(_ sums: nmf_poisson_sums) {
    xLogV = sums.x_log_v
    moved = sums.moved
  }

  package mutating func add(_ other: PoissonSums) {
    xLogV += other.xLogV
    moved += other.moved
  }
}

/// What `scanRows` finds in a row.
public struct RowScan: Equatable, Sendable {
  /// The sum of the hashes of its entries.
  package var hash: UInt64
  /// How many entries are above zero.
  package var nonzeroCount: Int
  /// How many entries are not whole numbers.
  package var nonIntegerCount: Int

  /// How many rows `scanRows` takes at once.
  package static let rows = Int(NMF_SCAN_ROWS)

  package init(hash: UInt64, nonzeroCount: Int, nonIntegerCount: Int) {
    self.hash = hash
    self.nonzeroCount = nonzeroCount
    self.nonIntegerCount = nonIntegerCount
  }
}

/// The C kernels for one scalar type; `CNMFKernels.h` says what each does.
///
/// A pointer to a table of C: what counts references would make threads wait for each other at every call.
public protocol KernelTable<Scalar>: Sendable {
  associatedtype Scalar
  typealias Input = UnsafePointer<Scalar>
  typealias Output = UnsafeMutablePointer<Scalar>

  /// C += AB for a narrow B.
  func multiplyAdd(
    _ rows: Int, _ length: Int, _ width: Int, _ a: Input, _ rowStride: Int, _ columnStride: Int,
    _ b: Input, _ bStride: Int, _ c: Output, _ cStride: Int)
  /// C += ABᵀ for a B of few rows.
  func rowDots(
    _ rows: Int, _ length: Int, _ width: Int, _ a: Input, _ aStride: Int, _ b: Input,
    _ bStride: Int, _ c: Output, _ cStride: Int)
  /// Adds WᵀX, and fetches rows that are read next.
  func columnSums(
    _ rows: Int, _ columns: Int, _ rank: Int, _ x: Input, _ xStride: Int, _ w: Input,
    _ wStride: Int, _ b: Output, _ bStride: Int, _ later: Input?)
  /// Adds FᵀF from the blocks of the diagonal on.
  func gram(_ rows: Int, _ rank: Int, _ f: Input, _ stride: Int, _ c: Output, _ cStride: Int)
  /// Sweeps of coordinate descent on rows of W.
  func hals(
    _ rows: Int, _ rank: Int, _ w: Output, _ wStride: Int, _ a: Input, _ aStride: Int,
    _ least: Input?, _ gram: Input, _ gramStride: Int, _ sweeps: Int, _ scratch: Output)
  /// Adds a sparse row times H.
  func gatherAdd(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: Input, _ h: Input, _ hStride: Int,
    _ width: Int, _ a: Output)
  /// The same with columns of 16 bits.
  func gatherAddNarrow(
    _ count: Int, _ index: UnsafePointer<UInt16>, _ x: Input, _ h: Input, _ hStride: Int,
    _ width: Int, _ a: Output)
  /// Adds a sparse row times H, in double.
  func gatherAddWidened(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: Input, _ h: Input, _ hStride: Int,
    _ width: Int, _ a: UnsafeMutablePointer<Double>)
  /// A row of a sparse Poisson half-step.
  func poissonRow(
    _ mode: Int32, _ count: Int, _ index: UnsafePointer<Int32>, _ x: Input, _ h: Input,
    _ hStride: Int, _ rank: Int, _ s: Input, _ w: Output, _ sweeps: Int, _ tolerance: Scalar,
    _ block: Output
  ) -> PoissonSums
  /// Rows of a sparse Poisson half-step, side by side.
  func poissonRows(
    _ mode: Int32, _ rows: Int, _ order: UnsafePointer<Int32>, _ offsets: UnsafePointer<Int>,
    _ index: UnsafePointer<Int32>, _ isGathered: Bool, _ x: Input, _ h: Input, _ hStride: Int,
    _ rank: Int, _ s: Input, _ w: Output, _ wStride: Int, _ sweeps: Int, _ tolerance: Scalar,
    _ block: Output
  ) -> PoissonSums
  /// A group of rows of a dense Poisson half-step.
  func poissonGroup(
    _ mode: Int32, _ fold: Int, _ rows: Int, _ terms: Int, _ x: Input, _ xStride: Int, _ xStep: Int,
    _ ht: Input,
    _ htStride: Int, _ rank: Int, _ s: Input, _ w: Output, _ wStride: Int, _ sweeps: Int,
    _ tolerance: Scalar, _ block: Output
  ) -> PoissonSums
  /// Σ (x − v)².
  func squaredDistance(_ count: Int, _ x: Input, _ v: Input) -> Double
  /// Σ x log v over x > 0.
  func xLogV(_ count: Int, _ x: Input, _ v: Input) -> Double
  /// A contrast function of independent components, and its slopes.
  func contrast(
    _ kind: Int32, _ rows: Int, _ width: Int, _ u: Output, _ stride: Int,
    _ slopes: UnsafeMutablePointer<Double>)
  /// Σ x v.
  func dot(_ count: Int, _ x: Input, _ v: Input) -> Double
  /// The optimal row of W for a Poisson row.
  func poissonNewton(
    _ count: Int, _ index: UnsafePointer<Int32>, _ x: Input, _ h: Input, _ hStride: Int,
    _ rank: Int, _ s: UnsafePointer<Double>, _ w: Output, _ tolerance: Double,
    _ work: UnsafeMutablePointer<Double>)
  /// Transposes a block.
  func transpose(
    _ rows: Int, _ columns: Int, _ from: Input, _ fromStride: Int, _ to: Output, _ toStride: Int,
    _ width: Int)
  /// The optimal rows of W for least squares.
  func solveNonnegative(
    _ rows: Int, _ rank: Int, _ w: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>,
    _ gram: UnsafePointer<Double>, _ stride: Int, _ isSolved: UnsafeMutablePointer<UInt8>,
    _ scratch: UnsafeMutablePointer<Double>)
  /// Whether all x are at least zero and below the limit.
  func areOrdinary(_ count: Int, _ x: Input, below limit: Scalar) -> Bool
  /// Adds a row of X to the totals.
  func addTotals(
    _ count: Int, _ x: Input, _ columnSums: UnsafeMutablePointer<Double>,
    _ row: UnsafeMutablePointer<Double>)
  /// Adds rows of X to the totals of the columns, and says what they hold.
  func scanRows(
    _ rows: Int, _ columns: Int, _ x: Input, _ multipliers: UnsafePointer<UInt64>,
    _ totals: UnsafeMutablePointer<Double>, _ stride: Int
  ) -> [RowScan]
  /// The sum of the hashes of entries and their places.
  func hashEntries(
    _ count: Int, _ x: Input, _ columns: UnsafePointer<Int32>?, _ first: UInt64
  ) -> UInt64
  /// Converts to double.
  func widen(_ count: Int, _ x: Input, _ target: UnsafeMutablePointer<Double>)
  /// Adds to sums in double.
  func addWidened(_ count: Int, _ x: Input, _ sums: UnsafeMutablePointer<Double>)
}

extension KernelTable {
  /// Doubles that `solveNonnegative` needs as scratch.
  package func nonnegativeScratch(stride: Int) -> Int { nmf_nonnegative_scratch(stride) }
}

/// What is found in some rows by the C kernel that is called.
func scanned(_ rows: Int, by scan: (UnsafeMutablePointer<nmf_row_scan>) -> Void) -> [RowScan] {
  var scans = [nmf_row_scan](repeating: nmf_row_scan(), count: RowScan.rows)
  unsafe scans.withUnsafeMutableBufferPointer { scans in
    if let base = scans.baseAddress { unsafe scan(base) }
  }
  return scans.prefix(rows).map {
    RowScan(
      hash: $0.hash, nonzeroCount: Int($0.nonzeros), nonIntegerCount: Int($0.fractions))
  }
}

/// The instruction set that was chosen: `avx512`, `avx2`, `neon` or `plain`.
public var kernelSet: String { unsafe String(cString: nmf_kernel_set()) }
