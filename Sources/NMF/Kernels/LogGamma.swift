internal import Foundation
internal import Matrices

/// log Γ(x), x > 0.
func logGamma(_ x: Double) -> Double {
  #if canImport(Darwin)
    return lgamma(x)
  #else
    // Safe: the sign is written to a variable of its own, unlike `lgamma`'s global one.
    var sign: Int32 = 0
    return unsafe lgamma_r(x, &sign)
  #endif
}

/// Σ log Γ(x + 1) over x > 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func sumOfLogFactorials<Scalar: MatrixScalar>(_ values: [Scalar], pool: ComputePool) -> Double {
  // Most counts are small.
  let table = (0..<256).map { logGamma(Double($0) + 1) }
  let piece = 1 << 14
  var sums = [Double](repeating: 0, count: (values.count + piece - 1) / piece)
  unsafe sums.withUnsafeMutableBufferPointer { sums in
    unsafe values.withUnsafeBufferPointer { values in
      unsafe table.withUnsafeBufferPointer { table in
        pool.run(sums.count) { task, _ in
          var sum = 0.0
          for index in task * piece..<min(values.count, (task + 1) * piece) {
            // Safe: the index is one of `values`, and a small count one of the table.
            let value = unsafe Double(values[index])
            guard value > 0 else { continue }
            let count = value < 256 ? Int(value) : 0
            unsafe sum += Double(count) == value ? table[count] : logGamma(value + 1)
          }
          // Safe: a task owns its sum.
          unsafe sums[task] = sum
        }
      }
    }
  }
  return sums.reduce(0, +)
}
