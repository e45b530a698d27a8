internal import Matrices

/// FᵀF of a factor, gathered by pieces of its rows while they are in cache: each piece in double, by one thread.
@safe final class GramSums<Scalar: MatrixScalar> {
  private let rank: Int
  private let stride: Int
  private let pieces: Int
  /// A sum for each piece, laid out as `gram` does.
  private let partial: UnsafeMutablePointer<Double>
  /// The sum of each thread's panel.
  private let panels: UnsafeMutablePointer<Scalar>
  private var size: Int { rank * stride }

  /// - Parameters:
  ///   - factor: One of the shape of those to come; it is not kept.
  ///   - pieces: How many there are. They must not depend on the number of threads.
  init(_ factor: Factor<Scalar>, pieces: Int, threads: Int) {
    (rank, stride, self.pieces) = (factor.rank, factor.stride, pieces)
    unsafe partial = .allocate(capacity: pieces * rank * stride)
    unsafe panels = .allocate(capacity: threads * rank * stride)
  }

  deinit {
    unsafe partial.deallocate()
    unsafe panels.deallocate()
  }

  /// Adds the next rows of a piece, whose first ones begin its sum.
  ///
  /// - Parameters:
  ///   - whole: All rows of the piece.
  ///   - isExact: Whether products are summed in double from the first row on, at twice the price.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add(
    _ rows: Range<Int>, of factor: Factor<Scalar>, piece: Int, whole: Range<Int>, thread: Int,
    isExact: Bool = false
  ) {
    precondition(factor.rank == rank && piece < pieces && rows.upperBound <= factor.rows)
    // Safe: a piece has a sum of its own, and a thread its panel.
    let sum = unsafe partial + piece * size
    if rows.lowerBound == whole.lowerBound { unsafe sum.zero(size) }
    if isExact {
      unsafe addExactGram(of: factor, rows: rows, to: sum)
    } else {
      unsafe addGram(of: factor, rows: rows, in: whole, to: sum, panel: panels + thread * size)
    }
  }

  /// The sum of all pieces, each of which has been added to.
  func total() -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: size) { result, count in
      count = size
      guard let result = result.baseAddress else { return }
      unsafe result.initialize(from: partial, count: size)
      for piece in 1..<max(1, pieces) {
        // Safe: a piece has `size` numbers.
        let term = unsafe partial + piece * size
        for entry in 0..<size { unsafe result[entry] += term[entry] }
      }
      unsafe mirrorGram(result, rank: rank, stride: stride)
    }
  }
}

/// FᵀF of a factor, in double: row k, column l at `k * stride + l`.
///
/// - Parameters:
///   - isExact: Whether products are summed in double from the first row on, at twice the price.
///   - start: What its rows are written with before; nil for a factor that is there.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func gram<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, isExact: Bool = false, from start: Extrapolation<Scalar>? = nil,
  pool: ComputePool
) -> [Double] {
  let panels = (factor.rows + gramPanel - 1) / gramPanel
  // A short factor has a piece a panel, or its sum would be the work of one thread.
  let panelsPerPiece = panels <= 16 ? 1 : max(8, (panels + 63) / 64)
  let pieces = max(1, (panels + panelsPerPiece - 1) / panelsPerPiece)
  let sums = GramSums(factor, pieces: pieces, threads: pool.threads)
  pool.run(pieces) { task, thread in
    // Dealt out evenly: threads that have as many pieces each are done together.
    let end = min(factor.rows, (task + 1) * panels / pieces * gramPanel)
    let rows = task * panels / pieces * gramPanel..<end
    start?.write(rows, to: factor)
    sums.add(rows, of: factor, piece: task, whole: rows, thread: thread, isExact: isExact)
  }
  return sums.total()
}

/// Doubles in the precision of a factor.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func rounded<Scalar: MatrixScalar>(_ numbers: [Double]) -> [Scalar] {
  // By hand, as `map` converts them one by one.
  unsafe [Scalar](unsafeUninitializedCapacity: numbers.count) { target, count in
    count = numbers.count
    unsafe numbers.withUnsafeBufferPointer { numbers in
      guard let source = numbers.baseAddress, let target = target.baseAddress else { return }
      // Safe: both have `count` numbers.
      for index in 0..<numbers.count {
        unsafe (target + index).initialize(to: Scalar(source[index]))
      }
    }
  }
}

/// FᵀF over each of some ranges of rows, a row for each, laid out as `gram` does.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func classGrams<Scalar: MatrixScalar>(
  _ factor: Factor<Scalar>, ranges: [Range<Int>], pool: ComputePool
) -> Factor<Double> {
  let size = factor.rank * factor.stride
  let result = Factor<Double>(rows: ranges.count, rank: size)
  var scratch = [Scalar](repeating: 0, count: pool.threads * size)
  unsafe scratch.withUnsafeMutableBufferPointer { scratch in
    guard let scratch = scratch.baseAddress else { return }
    pool.run(ranges.count) { task, thread in
      // Safe: a thread has its own scratch, a task its own row of the result.
      let sum = unsafe result.base + task * result.stride
      let rows = ranges[task]
      unsafe addGram(of: factor, rows: rows, in: rows, to: sum, panel: scratch + thread * size)
      unsafe mirrorGram(sum, rank: factor.rank, stride: factor.stride)
    }
  }
  return result
}

/// The rows of F whose products are summed in its own precision: panels keep such sums short, and half
/// of the objective's rounding would come from here.
private let gramPanel = 64

/// Adds FᵀF over some rows to `sum`, or to `panel` until that has all its rows.
///
/// What lies below the blocks of the diagonal is left out, and mirrored in the end: the sums are the same.
///
/// - Parameter whole: Rows that are added in order, by calls that end anywhere; panels begin with it.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addGram<Scalar: MatrixScalar>(
  of factor: Factor<Scalar>, rows: Range<Int>, in whole: Range<Int>,
  to sum: UnsafeMutablePointer<Double>, panel: UnsafeMutablePointer<Scalar>
) {
  let stride = factor.stride
  let size = factor.rank * stride
  var first = rows.lowerBound
  while first < rows.upperBound {
    let before = (first - whole.lowerBound) % gramPanel
    let end = min(rows.upperBound, first + gramPanel - before)
    // Safe: the rows are the factor's, and both sums have `size` numbers.
    if before == 0 { unsafe panel.zero(size) }
    unsafe Scalar._kernels.gram(
      end - first, factor.rank, factor.base + first * stride, stride, panel, stride)
    if before + end - first == gramPanel || end == whole.upperBound {
      unsafe Scalar._kernels.addWidened(size, panel, sum)
    }
    first = end
  }
}

/// Adds FᵀF over some rows to `sum`, by panels that are converted to double first.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addExactGram<Scalar: MatrixScalar>(
  of factor: Factor<Scalar>, rows: Range<Int>, to sum: UnsafeMutablePointer<Double>
) {
  let stride = factor.stride
  unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: gramPanel * stride) { panel in
    guard let panel = panel.baseAddress else { return }
    for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: gramPanel) {
      let count = min(gramPanel, rows.upperBound - first)
      // Safe: the rows are the factor's, a panel has room for them, and the sum has rank · stride numbers.
      let source = unsafe factor.base + first * stride
      unsafe Scalar._kernels.widen(count * stride, source, panel)
      unsafe Double._kernels.gram(count, factor.rank, panel, stride, sum, stride)
    }
  }
}

/// Completes a Gram matrix below its diagonal.
private func mirrorGram(_ gram: UnsafeMutablePointer<Double>, rank: Int, stride: Int) {
  for k in 0..<rank {
    // Safe: k and l are components.
    for l in 0..<k { unsafe gram[k * stride + l] = gram[l * stride + k] }
  }
}
