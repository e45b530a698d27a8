import Foundation
import Matrices
import NMF

/// Random numbers of the simulation (SplitMix64).
struct Random {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  mutating func bits() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func uniform() -> Double { (Double(bits() >> 11) + 0.5) * 0x1p-53 }

  mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform())
  }

  /// Gamma(shape, 1), by Marsaglia & Tsang (2000).
  mutating func gamma(_ shape: Double) -> Double {
    if shape < 1 { return gamma(shape + 1) * pow(uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      guard v > 0 else { continue }
      let bound: Double = 0.5 * x * x + d - d * v + d * log(v)
      if log(uniform()) < bound { return d * v }
    }
  }

  mutating func poisson(_ mean: Double) -> Double {
    if mean > 50 { return max(0, (mean + mean.squareRoot() * normal()).rounded()) }
    let limit = exp(-mean)
    var product = uniform()
    var count = 0.0
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }
}

/// How the parts of a generated matrix are related.
enum Structure: String, CaseIterable {
  case plain
  /// Every part contains a third of one common profile.
  case correlated
  /// The masses of the parts fall from 1 to 0.3.
  case unequal
}

/// The noise, and with it the loss and the storage.
enum Noise: String, CaseIterable {
  case poisson
  case sparsePoisson
  case gaussian
  /// Counts that vary more than Poisson counts: negative binomial of size 3.
  case negativeBinomial

  var loss: Loss { self == .gaussian ? .frobenius : .poisson }
}

/// One generated matrix with a known number of parts.
struct Case {
  var rank: Int
  var shape: (rows: Int, columns: Int)
  var noise: Noise
  /// The mean of X for counts; the ratio of mean signal to the standard deviation for measurements.
  var strength: Double
  var structure: Structure
  var seed: UInt64

  /// The mean of every entry, and X.
  func generate() -> (mean: DenseMatrix<Double>, x: DataMatrix<Double>, deviation: Double) {
    var random = Random(seed: seed)
    let (n, p) = shape
    // Measurements stay away from zero, where clipping their noise would bend the mean.
    func factor(_ count: Int) -> [Double] {
      (0..<count).map { _ in
        noise == .gaussian ? 0.2 + random.gamma(1) : random.gamma(0.5)
      }
    }
    let common = factor(p)
    var w = factor(n * rank)
    var h = factor(rank * p)
    for k in 0..<rank {
      let mass =
        structure == .unequal && rank > 1
        ? 1 - 0.7 * Double(k) / Double(rank - 1) : 1
      for i in 0..<n { w[i * rank + k] *= mass }
      if structure == .correlated {
        for j in 0..<p { h[k * p + j] = 2 * h[k * p + j] / 3 + common[j] / 3 }
      }
    }
    var mean = [Double](repeating: 0, count: n * p)
    for i in 0..<n {
      for j in 0..<p {
        for k in 0..<rank { mean[i * p + j] += w[i * rank + k] * h[k * p + j] }
      }
    }
    let average = mean.reduce(0, +) / Double(n * p)
    let scale = noise == .gaussian ? 1 / average : strength / average
    for index in mean.indices { mean[index] *= scale }
    let deviation = 1 / strength
    let values = mean.map { value in
      switch noise {
      case .gaussian: max(0, value + deviation * random.normal())
      case .negativeBinomial: random.poisson(value * random.gamma(3) / 3)
      case .poisson, .sparsePoisson: random.poisson(value)
      }
    }
    let dense = DenseMatrix<Double>(rows: n, columns: p, elementsOf: values)
    let x: DataMatrix<Double> =
      noise == .sparsePoisson ? .sparse(compress(dense)) : .dense(dense)
    return (DenseMatrix(rows: n, columns: p, elementsOf: mean), x, deviation)
  }
}

extension DenseMatrix<Double> {
  init(rows: Int, columns: Int, elementsOf values: [Double]) {
    self.init(rows: rows, columns: columns)
    for i in 0..<rows { for j in 0..<columns { self[i, j] = values[i * columns + j] } }
  }
}

private func compress(_ dense: DenseMatrix<Double>) -> SparseMatrix<Double> {
  var rows: [Int32] = []
  var columns: [Int32] = []
  var values: [Double] = []
  for i in 0..<dense.rows {
    for j in 0..<dense.columns where dense[i, j] != 0 {
      rows.append(Int32(i))
      columns.append(Int32(j))
      values.append(dense[i, j])
    }
  }
  return SparseMatrix.summingDuplicates(
    rows: dense.rows, columns: dense.columns, rowIndices: rows, columnIndices: columns,
    values: values
  ).matrix
}
