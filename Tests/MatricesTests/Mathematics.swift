import Foundation

/// The natural logarithm of the system's library.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// 2 to the power of x.
func twoTo(_ x: Double) -> Double { exp2(x) }
