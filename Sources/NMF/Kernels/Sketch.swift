internal import Matrices

/// The observations of X or its features.
enum MatrixSide {
  case rows
  case columns
}

/// Sums of the rows of X, p × count, or of its columns, N × count, with random weights.
///
/// A sparse embedding (Clarkson & Woodruff 2013): each row, or column, is multiplied by a random number and added to
/// one of some sums. Row i goes to sum i mod their number, so that all get as many, and a number does as well as a
/// sign, but cancels no equal rows. Where these are few there are four times as many sums as are wanted, which are
/// mixed in the end: few large rows then seldom meet in one.
///
/// - Parameter summed: What is summed, the rows of X or its columns.
/// - Complexity: O(stored entries), whatever `count`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func sketch<Scalar: MatrixScalar>(
  _ products: Products<Scalar>, summing summed: MatrixSide, count: Int, seed: UInt64
) -> Factor<Scalar> {
  let (x, pool) = (products.x, products.pool)
  let (moving, kept) = summed == .rows ? (x.rows, x.columns) : (x.columns, x.rows)
  // By the shape alone, so that a sparse X and a dense one have the same.
  let times = count * kept <= 100_000 ? 4 : 1
  let sums = Factor<Scalar>(rows: kept, rank: times * count)
  let weights: [Scalar] = randomWeights(moving, seed: seed, stream: 0)
  unsafe weights.withUnsafeBufferPointer { weights in
    guard let weights = weights.baseAddress else { return }
    switch x {
    case .sparse(let matrix):
      let rows = summed == .rows ? StoredRows(matrix) : products.transposed
      guard let rows else { return }
      let turned = Factor<Scalar>(rows: sums.rank, rank: kept)
      unsafe sumRows(rows, weights, into: turned, pool: pool)
      turn(turned, into: sums, pool: pool)
    case .dense(let matrix) where summed == .rows:
      let turned = Factor<Scalar>(rows: sums.rank, rank: kept, inWholeVectors: true)
      unsafe sumRows(matrix, weights, into: turned, pool: pool)
      turn(turned, into: sums, pool: pool)
    case .dense(let matrix):
      unsafe sumColumns(matrix, weights, into: sums, pool: pool)
    }
  }
  guard times > 1 else { return sums }
  let result = Factor<Scalar>(rows: kept, rank: count)
  mix(
    sums, by: randomWeights(times * count * count, seed: seed, stream: 1), into: result, pool: pool)
  return result
}

/// Random numbers around zero, none of them zero.
private func randomWeights<Scalar: BinaryFloatingPoint>(
  _ count: Int, seed: UInt64, stream: Int
) -> [Scalar] {
  let random = KeyedRandom(seed: seed, purpose: .rangeFinder, stream: stream)
  var bits: UInt64 = 0
  return (0..<count).map { index in
    // Sixteen random bits are enough for a number.
    bits = index % 4 == 0 ? random.bits(index / 4) : bits >> 16
    return (Scalar(UInt16(truncatingIfNeeded: bits)) - 32767.5) / 32768
  }
}

/// Weighted sums of the rows of a compressed matrix, one below the other: as many rows apart as there are sums.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumRows<Scalar: MatrixScalar>(
  _ matrix: StoredRows<Scalar>, _ weights: UnsafePointer<Scalar>, into sums: Factor<Scalar>,
  pool: ComputePool
) {
  let count = sums.rows
  unsafe matrix.withPointers { x in
    pool.run(count) { task, _ in
      // Safe: tasks own disjoint rows of the sums; columns were checked when X was made.
      let sum = unsafe sums.base + task * sums.stride
      for row in stride(from: task, to: matrix.rows, by: count) {
        let weight = unsafe weights[row]
        for index in unsafe x.offsets[row]..<x.offsets[row + 1] {
          unsafe sum[x.column(index)] += weight * x.values[index]
        }
      }
    }
  }
}

/// The same of a dense X.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumRows<Scalar: MatrixScalar>(
  _ x: DenseMatrix<Scalar>, _ weights: UnsafePointer<Scalar>, into sums: Factor<Scalar>,
  pool: ComputePool
) {
  let count = sums.rows
  let width = 512
  let blocks = (x.columns + width - 1) / width
  unsafe x.elements.withUnsafeBufferPointer { entries in
    guard let entries = entries.baseAddress else { return }
    pool.run(blocks * count) { task, _ in
      let (first, row) = (task / count * width, task % count)
      // Safe: tasks own disjoint pieces of the sums, which are padded.
      unsafe Scalar._kernels.columnSums(
        (x.rows - row + count - 1) / count, min(width, x.columns - first), 1,
        entries + row * x.columns + first, count * x.columns, weights + row, count,
        sums.base + row * sums.stride + first, sums.stride, nil)
    }
  }
}

/// Writes the transpose.
private func turn<Scalar: MatrixScalar>(
  _ sums: Factor<Scalar>, into result: Factor<Scalar>, pool: ComputePool
) {
  let piece = 64
  pool.run((result.rows + piece - 1) / piece) { task, _ in
    let first = task * piece
    // Safe: tasks own disjoint rows of the result.
    unsafe Scalar._kernels.transpose(
      sums.rows, min(piece, result.rows - first), sums.base + first, sums.stride,
      result.base + first * result.stride, result.stride, result.stride)
  }
}

/// Weighted sums of every `count`-th column of a dense X.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumColumns<Scalar: MatrixScalar>(
  _ x: DenseMatrix<Scalar>, _ weights: UnsafePointer<Scalar>, into result: Factor<Scalar>,
  pool: ComputePool
) {
  let count = result.rank
  // Several times as many sums make long loops.
  let period = count * max(1, 512 / count)
  unsafe x.elements.withUnsafeBufferPointer { entries in
    guard let entries = entries.baseAddress else { return }
    pool.run(x.rows) { row, _ in
      unsafe withUnsafeTemporaryAllocation(of: Scalar.self, capacity: period) { sums in
        guard let sums = sums.baseAddress else { return }
        let numbers = unsafe entries + row * x.columns
        unsafe sums.zero(period)
        for first in stride(from: 0, to: x.columns, by: period) {
          // Without sums of indices, which would have to be checked, this is done by vectors.
          let (weight, number) = unsafe (weights + first, numbers + first)
          for index in 0..<min(period, x.columns - first) {
            unsafe sums[index] += weight[index] * number[index]
          }
        }
        // Safe: tasks own disjoint rows of the result.
        let target = unsafe result.base + row * result.stride
        for index in 0..<period { unsafe target[index % count] += sums[index] }
      }
    }
  }
}
