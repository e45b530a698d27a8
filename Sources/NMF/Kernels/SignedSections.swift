internal import Matrices

/// A section of a vector: its numbers above zero, those below, or all.
enum SignedSection {
  case positive
  case negative
  case both
}

/// How large the sections of some vectors are, which are the columns of a factor.
struct SectionSizes {
  /// The squared norms of the positive sections.
  private(set) var positive: [Double]
  /// The squared norms of the negative sections.
  private(set) var negative: [Double]

  /// Measures the sections; sums over pieces of rows are added in order, whatever the threads.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(of vectors: Factor<Scalar>, pool: ComputePool) {
    let stride = vectors.stride
    let pieces = (vectors.rows + sectionPiece - 1) / sectionPiece
    // Which section is larger needs no more than the precision of the vectors.
    let partial = Factor<Scalar>(rows: pieces, rank: 2 * stride)
    pool.run(pieces) { task, _ in
      // Safe: a piece has its own sums, `stride` above zero and as many below.
      let above = unsafe partial.base + task * partial.stride
      let below = unsafe above + stride
      for i in task * sectionPiece..<min(vectors.rows, (task + 1) * sectionPiece) {
        let row = unsafe vectors.base + i * stride
        for k in 0..<stride {
          let value = unsafe row[k]
          let up = value > 0 ? value : 0
          let down = value - up
          unsafe above[k] += up * up
          unsafe below[k] += down * down
        }
      }
    }
    positive = [Double](repeating: 0, count: vectors.rank)
    negative = positive
    for task in 0..<pieces {
      for k in 0..<vectors.rank {
        positive[k] += Double(partial[task, k])
        negative[k] += Double(partial[task, stride + k])
      }
    }
  }

  /// The norm of a section of vector k.
  func norm(_ k: Int, _ section: SignedSection) -> Double {
    switch section {
    case .positive: positive[k].squareRoot()
    case .negative: negative[k].squareRoot()
    case .both: (positive[k] + negative[k]).squareRoot()
    }
  }
}

/// Keeps one section of each vector, as magnitudes times its scale; the rest becomes zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func keep<Scalar: MatrixScalar>(
  _ sections: [SignedSection], of vectors: Factor<Scalar>, scales: [Double], pool: ComputePool
) {
  precondition(sections.count == vectors.rank && scales.count == vectors.rank)
  let stride = vectors.stride
  let padding = [Scalar](repeating: 0, count: stride - vectors.rank)
  let scaled = zip(sections, scales)
  let up = scaled.map { $0 == .negative ? 0 : Scalar($1) } + padding
  let down = scaled.map { $0 == .positive ? 0 : Scalar($1) } + padding
  unsafe up.withUnsafeBufferPointer { up in
    unsafe down.withUnsafeBufferPointer { down in
      pool.run((vectors.rows + sectionPiece - 1) / sectionPiece) { task, _ in
        for i in task * sectionPiece..<min(vectors.rows, (task + 1) * sectionPiece) {
          // Safe: tasks own disjoint rows, and both arrays have `stride` numbers.
          let row = unsafe vectors.base + i * stride
          for k in 0..<stride {
            let value = unsafe row[k]
            // Both are computed, so that no lane waits for a branch.
            let (above, below) = unsafe (up[k] * value, 0 - down[k] * value)
            unsafe row[k] = value > 0 ? above : below
          }
        }
      }
    }
  }
}

/// The rows of a task.
private let sectionPiece = 512
