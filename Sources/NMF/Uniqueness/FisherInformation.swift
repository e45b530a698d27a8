internal import Matrices

/// The Fisher information of the entries of W and H that are not zero.
///
/// JᵀJ for least squares, Jᵀ diag(1/v) J for Poisson, with J the derivative of WH, each parameter
/// scaled to information 1. The r scales of the parts are always flat; further flat directions mean
/// that the parts can move to first order.
struct FisherInformation {
  /// The number of entries that are not zero.
  var parameters: Int
  /// Directions without information, besides the r scales.
  var flatDirections: Int
  /// The smallest eigenvalue that is not flat by construction, over the largest.
  var conditioning: Double

  /// The most entries for which the matrix is formed.
  static let mostParameters = 600

  /// - Returns: nil when there are too many entries.
  init?(_ geometry: Geometry, loss: Loss) {
    let rank = geometry.rank
    var places: [Int] = []
    // W first, then H: component, then place; −1 for zeros.
    var count = 0
    for factor in [geometry.w, geometry.h] {
      for component in factor {
        for value in component {
          places.append(value > 0 ? count : -1)
          if value > 0 { count += 1 }
        }
      }
    }
    parameters = count
    let work = Double(geometry.rows) * Double(geometry.columns) * Double(4 * rank * rank)
    guard count <= FisherInformation.mostParameters, work < 5e7 else { return nil }
    let firstOfH = rank * geometry.rows
    var matrix = [Double](repeating: 0, count: count * count)
    for i in 0..<geometry.rows {
      for j in 0..<geometry.columns {
        var v = 0.0
        var entries: [(place: Int, value: Double)] = []
        for k in 0..<rank {
          let (a, b) = (geometry.w[k][i], geometry.h[k][j])
          v += a * b
          let left = places[k * geometry.rows + i]
          let right = places[firstOfH + k * geometry.columns + j]
          if left >= 0, b > 0 { entries.append((left, b)) }
          if right >= 0, a > 0 { entries.append((right, a)) }
        }
        let weight = loss == .poisson ? (v > 0 ? 1 / v : 0) : 1
        for a in entries {
          for b in entries { matrix[a.place * count + b.place] += weight * a.value * b.value }
        }
      }
    }
    let scales = (0..<count).map { matrix[$0 * count + $0].squareRoot() }
    for a in 0..<count {
      for b in 0..<count where scales[a] > 0 && scales[b] > 0 {
        matrix[a * count + b] /= scales[a] * scales[b]
      }
    }
    guard let values = try? symmetricEigen(matrix, order: count).values, let largest = values.last
    else { return nil }
    let flat = values.count { $0 < 1e-10 * largest }
    flatDirections = max(0, flat - rank)
    let next = values.dropFirst(rank).first ?? largest
    conditioning = max(next, 0) / largest
  }
}
