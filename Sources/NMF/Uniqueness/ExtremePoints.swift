extension Geometry {
  /// Observations of WH that are the farthest from one another, as shares; r of them.
  func extremeObservations() -> [Int] {
    farthest(points: (0..<rows).map { i in w.map { $0[i] } }, gram: gram(h))
  }

  /// Row i of WH with sum 1.
  func reconstructedRow(_ i: Int) -> [Double] {
    let sum = w.reduce(0) { $0 + $1[i] }
    return mix(w.map { sum > 0 ? $0[i] / sum : 0 })
  }

  private func gram(_ rows: [[Double]]) -> [[Double]] {
    rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  /// Successive projection (Gillis & Vavasis 2014) in the coordinates of the components.
  ///
  /// - Parameters:
  ///   - points: Coordinates, each scaled to sum 1 here.
  ///   - gram: Inner products of the components.
  private func farthest(points: [[Double]], gram: [[Double]]) -> [Int] {
    var rest = points.map { point -> [Double] in
      let sum = point.reduce(0, +)
      return sum > 0 ? point.map { $0 / sum } : point
    }
    func inner(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for k in a.indices where a[k] != 0 {
        for l in b.indices { sum += a[k] * gram[k][l] * b[l] }
      }
      return sum
    }
    var picked: [Int] = []
    for _ in 0..<rank {
      let sizes = rest.map { inner($0, $0) }
      guard
        let largest = sizes.indices.filter({ !picked.contains($0) }).map({ sizes[$0] }).max(),
        // Of those that are equally far but for the error of a fit, the first.
        let index = sizes.indices.first(where: {
          !picked.contains($0) && sizes[$0] >= (1 - 1e-4) * largest
        })
      else { break }
      picked.append(index)
      let length = max(sizes[index], 0).squareRoot()
      guard length > 1e-14 else { continue }
      let unit = rest[index].map { $0 / length }
      for i in rest.indices {
        let product = inner(rest[i], unit)
        for l in unit.indices { rest[i][l] -= product * unit[l] }
      }
    }
    return picked
  }
}
