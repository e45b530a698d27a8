/// A number a matrix can hold: `Float` or `Double`.
///
/// The kernels exist for these two types only; do not add conformances.
public protocol MatrixScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable, KernelScalar {
  /// `"single"` for `Float`, `"double"` for `Double`.
  static var precisionName: String { get }
}

extension Float: MatrixScalar {
  /// The name of the precision.
  public static var precisionName: String { "single" }
}

extension Double: MatrixScalar {
  /// The name of the precision.
  public static var precisionName: String { "double" }
}
