internal import Foundation

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
