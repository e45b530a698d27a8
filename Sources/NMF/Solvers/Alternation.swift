internal import Matrices

/// One way to lower the objective: W against H, then H against the new W.
///
/// A step has no clock, no tolerance, no memory of earlier steps but for rounding, and prints nothing:
/// stopping, history and momentum are the business of `fit`.
protocol Alternation<Scalar> {
  associatedtype Scalar: MatrixScalar

  /// Improves `w` (N × r), then `ht` (p × r), in place.
  ///
  /// - Returns: The objective at the result.
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double

  /// The same from a start of the same shape: what `w` and `ht` hold before is lost.
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>) -> Double

  /// Whether an entry that is exactly zero can become positive.
  var movesZeros: Bool { get }

  /// How far rounding alone can move the objectives of neighbouring steps apart.
  var noise: Double { get }

  /// Turns to sharper objectives, when differences have become smaller than the noise.
  ///
  /// - Returns: The sharper objective at `w` and `ht`; nil when there is none.
  func sharpen(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double?

  /// Cheaper steps that are right near `w` and `ht`, and not far from them.
  ///
  /// - Returns: Nil when there are none, or not yet.
  func shortcut(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> CompressedAlternation<Scalar>?
}

extension Alternation {
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>) -> Double {
    start.write(to: w, ht)
    return step(w, ht)
  }

  func sharpen(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double? { nil }

  func shortcut(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> CompressedAlternation<Scalar>? { nil }
}
