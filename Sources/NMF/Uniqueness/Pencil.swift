/// A point or line of the projective plane whose coordinates are linear in t.
struct Pencil {
  var constant: (Double, Double, Double)
  var linear: (Double, Double, Double)

  /// The lines through this point and a fixed one.
  func joined(to p: PlanePoint) -> Pencil {
    let q = (p.x, p.y, 1.0)
    return Pencil(constant: product(constant, q), linear: product(linear, q))
  }

  /// Where two lines meet.
  func meeting(_ other: Pencil) -> (Quadratic, Quadratic, Quadratic) {
    let zero = product(constant, other.constant)
    let (a, b) = (product(constant, other.linear), product(linear, other.constant))
    let two = product(linear, other.linear)
    return (
      Quadratic(zero.0, a.0 + b.0, two.0), Quadratic(zero.1, a.1 + b.1, two.1),
      Quadratic(zero.2, a.2 + b.2, two.2)
    )
  }
}

private func product(
  _ a: (Double, Double, Double), _ b: (Double, Double, Double)
) -> (Double, Double, Double) {
  (a.1 * b.2 - a.2 * b.1, a.2 * b.0 - a.0 * b.2, a.0 * b.1 - a.1 * b.0)
}
