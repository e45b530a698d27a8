/// c₀ + c₁t + c₂t².
struct Quadratic {
  var constant: Double
  var linear: Double
  var square: Double

  init(_ constant: Double, _ linear: Double, _ square: Double) {
    self.constant = constant
    self.linear = linear
    self.square = square
  }

  func value(_ t: Double) -> Double { constant + t * (linear + t * square) }

  /// Its zeros, without loss of figures.
  var roots: [Double] {
    let discriminant = linear * linear - 4 * square * constant
    guard discriminant >= 0 else { return [] }
    let sum = -(linear + (linear < 0 ? -1 : 1) * discriminant.squareRoot()) / 2
    return (square != 0 ? [sum / square] : []) + (sum != 0 ? [constant / sum] : [])
  }
}
