import Foundation
import Matrices
import NMF
import Testing
import _NMFTestSupport

/// A small fit of one start ends no worse than the textbook's steps from the same start.
@Suite struct SecondBeginningTests {
  static let rows = 30
  static let columns = 12
  static let rank = 5

  @Test(arguments: [Loss.frobenius, .poisson])
  func `the end is as good as the textbook's from the same start`(_ loss: Loss) throws {
    for seed in 1...8 {
      var random = SplitMix64(seed: UInt64(seed))
      func uniform(_ count: Int) -> [Double] {
        (0..<count).map { _ in .random(in: 0..<1, using: &random) }
      }
      let x = uniform(Self.rows * Self.columns).map { $0 < 0.4 ? 0 : (10 * $0).rounded() }
      let w = uniform(Self.rows * Self.rank)
      let h = uniform(Self.rank * Self.columns)
      var options = FitOptions(rank: Self.rank, loss: loss)
      options.threads = 1
      options.tolerance = 1e-7
      options.maxIterations = 20_000
      let model = try fit(
        .dense(DenseMatrix(rows: Self.rows, columns: Self.columns, elements: x)), options: options,
        start: (
          DenseMatrix(rows: Self.rows, columns: Self.rank, elements: w),
          DenseMatrix(rows: Self.rank, columns: Self.columns, elements: h)
        ))
      let textbook = Textbook(x: x, w: w, h: h).objective(after: 1000, loss)
      #expect(model.report.objective <= textbook * (1 + 1e-6), "start \(seed)")
      let objectives = model.report.history.map(\.objective)
      #expect(zip(objectives, objectives.dropFirst()).allSatisfy { $0 >= $1 })
    }
  }
}

/// Coordinate descent (Cichocki & Phan 2009) and multiplicative updates (Lee & Seung 2001) as they
/// are printed.
private struct Textbook {
  let x: [Double]
  var w: [Double]
  var h: [Double]
  private var rows: Int { SecondBeginningTests.rows }
  private var columns: Int { SecondBeginningTests.columns }
  private var rank: Int { SecondBeginningTests.rank }

  private func product(_ i: Int, _ j: Int) -> Double {
    (0..<rank).reduce(0) { $0 + w[i * rank + $1] * h[$1 * columns + j] }
  }

  func objective(after iterations: Int, _ loss: Loss) -> Double {
    var copy = self
    for _ in 0..<iterations {
      switch loss {
      case .frobenius: copy.descend()
      case .poisson: copy.multiply()
      }
    }
    var sum = 0.0
    for i in 0..<rows {
      for j in 0..<columns {
        let (x, v) = (x[i * columns + j], copy.product(i, j))
        switch loss {
        case .frobenius: sum += (x - v) * (x - v) / 2
        case .poisson: sum += (x > 0 ? x * log(x / v) : 0) - x + v
        }
      }
    }
    return sum
  }

  private mutating func descend() {
    for i in 0..<rows {
      for k in 0..<rank {
        var (slope, curvature) = (0.0, 0.0)
        for j in 0..<columns {
          slope += (product(i, j) - x[i * columns + j]) * h[k * columns + j]
          curvature += h[k * columns + j] * h[k * columns + j]
        }
        if curvature > 0 { w[i * rank + k] = max(0, w[i * rank + k] - slope / curvature) }
      }
    }
    for j in 0..<columns {
      for k in 0..<rank {
        var (slope, curvature) = (0.0, 0.0)
        for i in 0..<rows {
          slope += (product(i, j) - x[i * columns + j]) * w[i * rank + k]
          curvature += w[i * rank + k] * w[i * rank + k]
        }
        if curvature > 0 { h[k * columns + j] = max(0, h[k * columns + j] - slope / curvature) }
      }
    }
  }

  private mutating func multiply() {
    var ratios = quotients()
    for i in 0..<rows {
      for k in 0..<rank {
        let row = (0..<columns).map { h[k * columns + $0] }
        let gain = (0..<columns).reduce(0) { $0 + ratios[i * columns + $1] * row[$1] }
        w[i * rank + k] *= gain / max(row.reduce(0, +), 1e-300)
      }
    }
    ratios = quotients()
    for j in 0..<columns {
      for k in 0..<rank {
        let column = (0..<rows).map { w[$0 * rank + k] }
        let gain = (0..<rows).reduce(0) { $0 + ratios[$1 * columns + j] * column[$1] }
        h[k * columns + j] *= gain / max(column.reduce(0, +), 1e-300)
      }
    }
  }

  private func quotients() -> [Double] {
    (0..<rows * columns).map { x[$0] / max(product($0 / columns, $0 % columns), 1e-300) }
  }
}
