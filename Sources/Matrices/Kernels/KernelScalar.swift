internal import CNMFKernels

/// What a scalar must offer to the solvers: its table of C kernels.
public protocol KernelScalar {
  /// The kernels for this type on this processor.
  static var _kernels: KernelTable<Self> { get }
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
package struct PoissonSums: Sendable {
  /// Σ x log v at the new factor.
  package var xLogV = 0.0
  /// Σ s |δ|: the mass that the coordinate steps would move, in counts (evaluate only).
  package var moved = 0.0

  package init() {}

  package mutating func add(_ other: PoissonSums) {
    xLogV += other.xLogV
    moved += other.moved
  }
}

/// The C kernels for one scalar type; `CNMFKernels.h` says what each does.
@safe public struct KernelTable<Scalar>: Sendable {
  package typealias Input = UnsafePointer<Scalar>
  package typealias Output = UnsafeMutablePointer<Scalar>

  package let multiplyAdd:
    @Sendable (Int, Int, Int, Input, Int, Int, Input, Int, Output, Int) -> Void
  package let columnSums: @Sendable (Int, Int, Int, Input, Int, Input, Int, Output, Int) -> Void
  package let hals:
    @Sendable (Int, Int, Output, Int, Input, Int, Input?, Input, Int, Int, Output) -> Void
  package let gatherAdd:
    @Sendable (Int, UnsafePointer<Int32>, Input, Input, Int, Int, Output) -> Void
  package let poissonRow:
    @Sendable (
      Int32, Int, UnsafePointer<Int32>, Input, Input, Int, Int, Input, Output, Int, Scalar, Output
    ) -> PoissonSums
  package let poissonRows:
    @Sendable (
      Int32, Int, UnsafePointer<Int32>, UnsafePointer<Int>, UnsafePointer<Int32>, Input, Input, Int,
      Int, Input, Output, Int, Int, Scalar, Output
    ) -> PoissonSums
  package let poissonGroup:
    @Sendable (
      Int32, Int, Int, Input, Int, Int, Input, Int, Int, Input, Output, Int, Int, Scalar, Output
    ) -> PoissonSums
  package let squaredDistance: @Sendable (Int, Input, Input) -> Double
  package let xLogV: @Sendable (Int, Input, Input) -> Double
  package let contrast:
    @Sendable (Int32, Int, Int, Output, Int, UnsafeMutablePointer<Double>) -> Void
  package let dot: @Sendable (Int, Input, Input) -> Double
  package let solveDefinite:
    @Sendable (Int, UnsafeMutablePointer<Double>, Int, UnsafeMutablePointer<Double>) -> Bool
  package let poissonNewton:
    @Sendable (
      Int, UnsafePointer<Int32>, Input, Input, Int, Int, UnsafePointer<Double>, Output, Double,
      UnsafeMutablePointer<Double>
    ) -> Void
  package let transpose: @Sendable (Int, Int, Input, Int, Output, Int, Int) -> Void
}

extension Float: KernelScalar {
  /// The kernels of this precision, chosen for this processor.
  public static let _kernels: KernelTable<Float> = {
    guard let table = KernelTable<Float>.named(kernelSet) else {
      preconditionFailure("the processor lost its instruction set")
    }
    return table
  }()
}

extension KernelTable<Float> {
  /// The kernels of one instruction set, or nil if the processor does not have it.
  package static func named(_ set: String) -> KernelTable? {
    guard let table = unsafe nmf_kernels_named_f32(set)?.pointee else { return nil }
    return unsafe KernelTable(
      multiplyAdd: { unsafe table.multiply_add($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
      columnSums: { unsafe table.column_sums($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      hals: { unsafe table.hals($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
      gatherAdd: { unsafe table.gather_add($0, $1, $2, $3, $4, $5, $6) },
      poissonRow: {
        unsafe PoissonSums(
          table.poisson_row($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))
      },
      poissonRows: {
        unsafe PoissonSums(
          table.poisson_rows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))
      },
      poissonGroup: {
        unsafe PoissonSums(
          table.poisson_group($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))
      },
      squaredDistance: { unsafe table.squared_distance($0, $1, $2) },
      xLogV: { unsafe table.x_log_v($0, $1, $2) },
      contrast: { unsafe table.contrast($0, $1, $2, $3, $4, $5) },
      dot: { unsafe table.dot($0, $1, $2) },
      solveDefinite: { unsafe table.solve_definite($0, $1, $2, $3) != 0 },
      poissonNewton: {
        unsafe table.poisson_newton($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
      },
      transpose: { unsafe table.transpose($0, $1, $2, $3, $4, $5, $6) })
  }
}

extension Double: KernelScalar {
  /// The kernels of this precision, chosen for this processor.
  public static let _kernels: KernelTable<Double> = {
    guard let table = KernelTable<Double>.named(kernelSet) else {
      preconditionFailure("the processor lost its instruction set")
    }
    return table
  }()
}

extension KernelTable<Double> {
  /// The kernels of one instruction set, or nil if the processor does not have it.
  package static func named(_ set: String) -> KernelTable? {
    guard let table = unsafe nmf_kernels_named_f64(set)?.pointee else { return nil }
    return unsafe KernelTable(
      multiplyAdd: { unsafe table.multiply_add($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
      columnSums: { unsafe table.column_sums($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      hals: { unsafe table.hals($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
      gatherAdd: { unsafe table.gather_add($0, $1, $2, $3, $4, $5, $6) },
      poissonRow: {
        unsafe PoissonSums(
          table.poisson_row($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))
      },
      poissonRows: {
        unsafe PoissonSums(
          table.poisson_rows($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))
      },
      poissonGroup: {
        unsafe PoissonSums(
          table.poisson_group($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))
      },
      squaredDistance: { unsafe table.squared_distance($0, $1, $2) },
      xLogV: { unsafe table.x_log_v($0, $1, $2) },
      contrast: { unsafe table.contrast($0, $1, $2, $3, $4, $5) },
      dot: { unsafe table.dot($0, $1, $2) },
      solveDefinite: { unsafe table.solve_definite($0, $1, $2, $3) != 0 },
      poissonNewton: {
        unsafe table.poisson_newton($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
      },
      transpose: { unsafe table.transpose($0, $1, $2, $3, $4, $5, $6) })
  }
}

extension PoissonSums {
  fileprivate init(_ sums: nmf_poisson_sums) {
    self.init()
    xLogV = sums.x_log_v
    moved = sums.moved
  }
}

/// The instruction set that was chosen: `avx512`, `avx2`, `neon` or `plain`.
public var kernelSet: String { unsafe String(cString: nmf_kernel_set()) }
