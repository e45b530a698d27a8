extension Geometry {
  /// Observations of WH that are the farthest from one another, as shares; r of them.
  func extremeObservations() -> [Int] {
    farthest(points: (0..<rows).map { i in w.map { $0[i] } }, gram: gram(h))
  }

  /// Features of WH that are the farthest from one another, as shares; r of them.
  func extremeFeatures() -> [Int] {
    let sums = w.map { $0.reduce(0, +) }
    // In the gauge where memberships sum to 1, a feature's shares are h times the sums.
    let points = (0..<columns).map { j in (0..<rank).map { h[$0][j] * sums[$0] } }
    return farthest(points: points, gram: gram(zip(w, sums).map { w, sum in w.map { $0 / sum } }))
  }

  /// Row i of WH with sum 1.
  func reconstructedRow(_ i: Int) -> [Double] {
    let sum = w.reduce(0) { $0 + $1[i] }
    return mix(w.map { sum > 0 ? $0[i] / sum : 0 })
  }

  /// Column j of WH with sum 1.
  func reconstructedColumn(_ j: Int) -> [Double] {
    var column = [Double](repeating: 0, count: rows)
    for k in 0..<rank where h[k][j] > 0 {
      for i in 0..<rows { column[i] += w[k][i] * h[k][j] }
    }
    let sum = column.reduce(0, +)
    return sum > 0 ? column.map { $0 / sum } : column
  }

  /// Starts for the smallest volume: the extreme observations, and the parts as they are.
  func volumeStarts() -> [[[Double]]] {
    [extremeObservations().map { reconstructedRow($0) }, h]
  }

  /// Starts for the sparsest parts: the extreme features, and the memberships as they are.
  func sparseStarts() -> [[[Double]]] {
    [
      extremeFeatures().map { reconstructedColumn($0) },
      w.map { column in
        let sum = column.reduce(0, +)
        return column.map { $0 / sum }
      },
    ]
  }

  /// Of the two ends of each of two parts, the pair that is closest together or farthest apart.
  func endsOfTwo(closest: Bool) -> [[Double]] {
    let rooms = roomOfTwo()
    let choices = rooms.map { $0.extremes.isEmpty ? [$0.part] : $0.extremes }
    var best = rooms.map(\.part)
    var bestAngle = closest ? Double.infinity : -1
    for a in choices[0] {
      for b in choices[1] {
        let angle = degreesBetween(a, b)
        if closest ? angle < bestAngle : angle > bestAngle {
          bestAngle = angle
          best = [a, b]
        }
      }
    }
    return best
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
        let index = sizes.indices.filter({ !picked.contains($0) }).max(by: { sizes[$0] < sizes[$1] }
        )
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
