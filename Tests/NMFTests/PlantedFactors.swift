import Foundation
import Matrices
import _NMFTestSupport

@testable import NMF

/// Factors with a known answer to the question how unique they are.
enum PlantedFactors {
  /// How much is computed: all that is promised with NNMF_FULL=1, a part of it otherwise.
  static let isFull = ProcessInfo.processInfo.environment["NNMF_FULL"] == "1"

  #if DEBUG
    private static let share = 20
  #else
    private static let share = 4
  #endif

  /// The full number of cases with NNMF_FULL=1, a fraction otherwise.
  static func count(_ full: Int) -> Int { isFull ? full : max(3, full / share) }

  /// A fit of three parts from a random start.
  static func fitted(
    _ x: DenseMatrix<Double>, _ loss: Loss, seed: UInt64, tolerance: Double
  ) throws -> NMFModel<Double> {
    var options = FitOptions(rank: 3, loss: loss)
    options.initialization = .random
    options.seed = seed
    options.tolerance = tolerance
    return try fit(.dense(x), options: options)
  }

  /// N × r with a pure row for each component, and rows of random mixtures.
  static func separable(rows: Int, rank: Int, _ random: inout SplitMix64) -> DenseMatrix<Double> {
    var matrix = DenseMatrix<Double>(rows: rows, columns: rank)
    for i in 0..<rows {
      for k in 0..<rank {
        if i < rank {
          matrix[i, k] = i == k ? 0.5 + random.uniform() : 0
        } else {
          matrix[i, k] = random.uniform() < 0.3 ? 0 : 0.1 + random.uniform()
        }
      }
    }
    return matrix
  }

  /// Rows (1, a, 0, …) for each ordered pair of components, then random mixtures.
  ///
  /// Sufficiently scattered for a below one half, and no row is pure: for three components the hull
  /// is a hexagon around the circle that touches the triangle's sides.
  static func scattered(
    rows: Int, rank: Int, mix: Double, _ random: inout SplitMix64
  ) -> DenseMatrix<Double> {
    var matrix = DenseMatrix<Double>(rows: rows, columns: rank)
    var i = 0
    for k in 0..<rank {
      for l in 0..<rank where l != k {
        let size = 0.5 + random.uniform()
        matrix[i, k] = size
        matrix[i, l] = mix * size
        i += 1
      }
    }
    while i < rows {
      for k in 0..<rank { matrix[i, k] = 0.1 + random.uniform() }
      i += 1
    }
    return matrix
  }

  /// A factor without zeros.
  static func positive(rows: Int, columns: Int, _ random: inout SplitMix64) -> DenseMatrix<Double> {
    var matrix = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { matrix[i, j] = 0.1 + random.uniform() * random.uniform() * 2 }
    }
    return matrix
  }

  static func product(_ w: DenseMatrix<Double>, _ h: DenseMatrix<Double>) -> DenseMatrix<Double> {
    var x = DenseMatrix<Double>(rows: w.rows, columns: h.columns)
    for i in 0..<w.rows {
      for j in 0..<h.columns {
        var sum = 0.0
        for k in 0..<w.columns { sum += w[i, k] * h[k, j] }
        x[i, j] = sum
      }
    }
    return x
  }

  /// A normal number, from two uniform ones (Box & Muller 1958).
  static func normal(_ random: inout SplitMix64) -> Double {
    (-2 * Foundation.log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
  }

  /// The smallest cosine between matching rows.
  static func worstCosine(_ a: DenseMatrix<Double>, _ b: DenseMatrix<Double>) -> Double {
    let angles = matchedAngles(unitParts(a), unitParts(b)).angles
    return cos((angles.max() ?? 0) * .pi / 180)
  }
}
