public import Matrices

/// Matrices of every kind that a solver meets, small, each with a planted structure of rank three.
public enum PlantedProblem: String, CaseIterable, Sendable {
  /// Counts, 60 × 45, stored dense.
  case counts
  /// Real numbers in [0, 3], 40 × 70, stored dense.
  case measurements
  /// Many more rows than columns, with noise.
  case tall
  /// So many more columns than rows that least squares goes by columns, with noise.
  case wide
  /// Large enough for its rank that fits take shortcuts, with noise.
  case large
  /// Counts, most of them zero, stored sparse.
  case sparse
  /// An exact product, without noise.
  case exact
  /// Rows and columns that are all zero, stored dense.
  case zeroRowsAndColumns
  /// Rows and columns that are all zero, stored sparse.
  case sparseZeroRowsAndColumns

  /// X.
  public var x: DataMatrix<Double> {
    switch self {
    case .counts: .dense(make(60, 45, scale: 6, noise: .counts))
    case .measurements: .dense(make(40, 70, scale: 1, noise: .uniform))
    case .tall: .dense(make(300, 17, scale: 4, noise: .uniform))
    case .wide: .dense(make(13, 6000, scale: 4, noise: .uniform))
    case .large: .dense(make(150, 120, scale: 1, noise: .uniform))
    case .sparse: .sparse(compress(make(70, 90, scale: 0.3, noise: .counts)))
    case .exact: .dense(make(30, 40, scale: 1, noise: .none))
    case .zeroRowsAndColumns: .dense(blanked(make(25, 33, scale: 5, noise: .counts)))
    case .sparseZeroRowsAndColumns:
      .sparse(compress(blanked(make(25, 33, scale: 5, noise: .counts))))
    }
  }

  private enum Noise { case none, uniform, counts }

  private func make(_ rows: Int, _ columns: Int, scale: Double, noise: Noise) -> DenseMatrix<Double>
  {
    var random = SplitMix64(seed: 20 + UInt64(rows * columns))
    let rank = 3
    func factor(_ count: Int) -> [Double] {
      (0..<count * rank).map { _ in random.uniform() < 0.4 ? 0 : random.uniform() * 2 }
    }
    let w = factor(rows)
    let h = factor(columns)
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns {
        var mean = 0.0
        for k in 0..<rank { mean += scale * w[i * rank + k] * h[j * rank + k] }
        switch noise {
        case .none: x[i, j] = mean
        case .uniform: x[i, j] = mean * (0.8 + 0.4 * random.uniform())
        case .counts: x[i, j] = Double(random.poisson(mean))
        }
      }
    }
    return x
  }

  private func blanked(_ matrix: DenseMatrix<Double>) -> DenseMatrix<Double> {
    var x = matrix
    for j in 0..<x.columns {
      x[0, j] = 0
      x[11, j] = 0
    }
    for i in 0..<x.rows {
      x[i, 4] = 0
      x[i, x.columns - 1] = 0
    }
    return x
  }
}

/// The matrix with its zeros left out.
public func compress<Scalar: MatrixScalar>(_ matrix: DenseMatrix<Scalar>) -> SparseMatrix<Scalar> {
  var rows: [Int32] = []
  var columns: [Int32] = []
  var values: [Scalar] = []
  for i in 0..<matrix.rows {
    for j in 0..<matrix.columns where matrix[i, j] != 0 {
      rows.append(Int32(i))
      columns.append(Int32(j))
      values.append(matrix[i, j])
    }
  }
  return SparseMatrix.summingDuplicates(
    rows: matrix.rows, columns: matrix.columns, rowIndices: rows, columnIndices: columns,
    values: values
  ).matrix
}

/// A small seeded generator for test data.
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  /// Creates a generator; equal seeds give equal numbers.
  public init(seed: UInt64) { state = seed }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A number in [0, 1).
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A Poisson count, by counting how many exponential gaps fit.
  public mutating func poisson(_ mean: Double) -> Int {
    var product = 1.0
    var count = -1
    let limit = exponential(-mean)
    repeat {
      product *= 1 - uniform()
      count += 1
    } while product > limit
    return count
  }
}
