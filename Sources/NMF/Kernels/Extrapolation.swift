internal import Matrices

/// What a step begins with, of one factor: F, or max(κF, F + β(F − F₋)) where it has moved from F₋.
///
/// It is written by whoever meets the rows first, while they are in cache: all of them beforehand would be a
/// meeting of threads, and of a tall X with few columns as much traffic as X.
struct Extrapolation<Scalar: MatrixScalar> {
  /// F.
  let now: Factor<Scalar>
  /// F₋; nil where the step begins with F.
  var before: Factor<Scalar>?
  var beta: Scalar = 0

  /// κ keeps positive entries positive: a product WH must not vanish where X does not.
  private var kappa: Scalar { 0.2 }

  /// Writes some rows of `target`, a factor of the same shape.
  func write(_ rows: Range<Int>, to target: Factor<Scalar>) {
    writeNumbers(rows.lowerBound * now.stride..<rows.upperBound * now.stride, to: target)
  }

  /// Writes some of the numbers that `target` has, row after row with their padding.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func writeNumbers(_ range: Range<Int>, to target: Factor<Scalar>) {
    precondition(target.rows == now.rows && target.stride == now.stride)
    precondition(range.lowerBound >= 0 && range.upperBound <= now.rows * now.stride)
    // Safe: all of them have these numbers.
    let first = range.lowerBound
    let (source, result) = unsafe (now.base + first, target.base + first)
    guard let before else {
      unsafe result.update(from: source, count: range.count)
      return
    }
    precondition(before.rows == now.rows && before.stride == now.stride)
    let earlier = unsafe before.base + first
    for index in 0..<range.count {
      let value = unsafe source[index]
      let moved = unsafe value + beta * (value - earlier[index])
      unsafe result[index] = max(kappa * value, moved)
    }
  }
}

/// What a step begins with.
struct StepStart<Scalar: MatrixScalar> {
  let w: Extrapolation<Scalar>
  let ht: Extrapolation<Scalar>
  let pool: ComputePool

  /// Writes both factors.
  func write(to w: Factor<Scalar>, _ ht: Factor<Scalar>) {
    let (first, second) = (w.rows * w.stride, ht.rows * ht.stride)
    pool.runRanges(of: first + second) { range in
      self.w.writeNumbers(range.clamped(to: 0..<first), to: w)
      let rest = range.clamped(to: first..<first + second)
      self.ht.writeNumbers(rest.lowerBound - first..<rest.upperBound - first, to: ht)
    }
  }
}
