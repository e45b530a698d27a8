import CCeilings
import CNMFKernels
import Matrices
import NMF
import NMFIO

/// The least seconds of an iteration that reads X: of the second to the fifth of some fits, as
/// shortcuts may follow.
private func secondsPerIteration(
  _ x: DataMatrix<Float>, rank: Int, loss: Loss, threads: Int, fits: Int = 3
) throws -> Double {
  var options = FitOptions(rank: rank, loss: loss)
  options.initialization = .random
  options.threads = threads
  options.maxIterations = 5
  options.tolerance = 0
  var least = Double.infinity
  for _ in 0..<fits {
    let history = try fit(x, options: options).report.history.map(\.seconds)
    let steps = zip(history, history.dropFirst()).map { $1 - $0 }.dropFirst()
    least = min(least, steps.min() ?? .infinity)
  }
  return least
}

/// Both products of a dense matrix in one pass, as a pass takes its blocks of rows.
struct ProductsPass {
  let x: DenseMatrix<Float>
  let rank: Int
  let threads: Int
  private let stride: Int
  private let block: Int
  /// Hᵀ, or H where a pass takes dot products; of the ranks here that is 10.
  private let h: [Float]
  private let byDots: Bool
  private let w: [Float]

  init(_ x: DenseMatrix<Float>, rank: Int, threads: Int) {
    (self.x, self.rank, self.threads) = (x, rank, threads)
    let isLow = rank <= 32 || String(cString: nmf_kernel_set()) != "avx512"
    (stride, block) = ((rank + 7) / 8 * 8, rank <= 16 ? 32 : isLow ? 48 : 192)
    var numbers = Numbers()
    byDots = rank <= 12
    h = numbers.array(x.columns * stride + 16 * rank)
    w = numbers.array(x.rows * stride)
  }

  /// The seconds of one pass.
  func seconds() -> Double {
    guard let kernels = nmf_kernels_named_f32(nmf_kernel_set())?.pointee else { return .nan }
    let share = x.rows / threads / block * block
    let room = block * stride + rank * x.columns + 16
    // Touched before the clock starts; a thread writes to its own.
    nonisolated(unsafe) let base = UnsafeMutablePointer<Float>.allocate(capacity: threads * room)
    base.initialize(repeating: 0, count: threads * room)
    defer { base.deallocate() }
    return Kernels.seconds(threads: threads, rounds: 1) { thread in
      let products = base + thread * room
      let sums = products + block * stride
      x.elements.withUnsafeBufferPointer { entries in
        w.withUnsafeBufferPointer { w in
          guard let entries = entries.baseAddress, let w = w.baseAddress else { return }
          for first in Swift.stride(from: thread * share, to: (thread + 1) * share, by: block) {
            let rows = entries + first * x.columns
            if byDots {
              kernels.row_dots(
                block, x.columns, rank, rows, x.columns, h, (x.columns + 15) / 16 * 16, products,
                stride)
            } else {
              kernels.multiply_add(
                block, x.columns, rank, rows, x.columns, 1, h, stride, products, stride)
            }
            let next = first + block
            let fetches = block < 192 && next + block <= (thread + 1) * share
            kernels.column_sums(
              block, x.columns, rank, rows, x.columns, w + first * stride, stride, sums, x.columns,
              fetches ? entries + next * x.columns : nil)
          }
        }
      }
    } * Double(x.rows) / Double(share * threads)
  }
}

/// A pass and whole iterations on a dense matrix of 400 MB, against both ceilings.
///
/// Machines change their speed from one second to the next: the ceilings are measured before and after
/// each pass and each fit, and what is printed is the median of such comparisons.
func benchmarkDense(_ ceilings: Ceilings) throws {
  let (rows, columns) = (20_000, 5000)
  var numbers = Numbers()
  let matrix = try DenseMatrix(
    rows: rows, columns: columns, elements: numbers.array(rows * columns))
  let x = DataMatrix.dense(matrix)
  var lines: [[String]] = []
  for rank in [10, 16, 32, 49, 50, 64] {
    let operations = 4 * Double(rows * columns * rank)
    func bound() -> (memory: Double, arithmetic: Double) {
      ceilings.bound(bytes: Double(4 * rows * columns), operations: operations)
    }
    func compare(_ count: Int, _ work: () throws -> Double) rethrows -> Comparison {
      var comparison = Comparison()
      var before = bound()
      for _ in 0..<count {
        let time = try work()
        let after = bound()
        let memory = (before.memory + after.memory) / 2
        let arithmetic = (before.arithmetic + after.arithmetic) / 2
        comparison.add(time, memory: memory, arithmetic: arithmetic)
        before = after
      }
      return comparison
    }
    let pass = ProductsPass(matrix, rank: rank, threads: ceilings.threads)
    _ = pass.seconds()
    let products = compare(15) { pass.seconds() }
    let iteration = try compare(7) {
      try secondsPerIteration(
        x, rank: rank, loss: .frobenius, threads: ceilings.threads, fits: 1)
    }
    let one = try secondsPerIteration(x, rank: rank, loss: .frobenius, threads: 1)
    lines.append([
      "\(rank)", products.isBoundByMemory ? "memory" : "arithmetic",
      fixed(1e3 * products.least), products.share, fixed(1e3 * iteration.least), iteration.share,
      fixed(operations / iteration.least / 1e9, 0), fixed(one / iteration.least, 2) + "×",
    ])
  }
  printTable(
    "Least squares, dense \(rows) × \(columns): both products block by block, and an iteration with its sweeps",
    [
      "r", "bound by", "products, ms", "of the bound", "iteration, ms", "of the bound", "GFLOP/s",
      "\(ceilings.threads) threads against one",
    ],
    lines)
}

/// Times of the same work beside what the ceilings allowed around each.
private struct Comparison {
  private var times: [Double] = []
  private var shares: [Double] = []
  private var boundByMemory = 0

  mutating func add(_ time: Double, memory: Double, arithmetic: Double) {
    times.append(time)
    shares.append(max(memory, arithmetic) / time)
    boundByMemory += memory > arithmetic ? 1 : 0
  }

  var least: Double { times.min() ?? .nan }
  var isBoundByMemory: Bool { 2 * boundByMemory > times.count }

  /// The median share of the bound, and the quartiles.
  var share: String {
    let sorted = shares.sorted()
    func percent(_ place: Int) -> String { fixed(100 * sorted[place], 0) }
    let quarter = sorted.count / 4
    return percent(sorted.count / 2) + " % (" + percent(quarter) + " to "
      + percent(sorted.count - 1 - quarter) + ")"
  }
}

/// Whole iterations on sparse counts.
func benchmarkSparse(_ ceilings: Ceilings) throws {
  let (rows, columns, perRow) = (20_000, 10_000, 100)
  var numbers = Numbers()
  var offsets = [0]
  var indices: [Int32] = []
  for _ in 0..<rows {
    // One column in each of `perRow` equal stretches: sorted, and never twice.
    for piece in 0..<perRow {
      indices.append(Int32(piece * (columns / perRow)) + Int32(numbers.next() * 99))
    }
    offsets.append(indices.count)
  }
  let values = indices.map { _ in 1 + (numbers.next() * 3).rounded(.down) }
  let x = DataMatrix.sparse(
    try SparseMatrix(
      rows: rows, columns: columns, rowOffsets: offsets, columnIndices: indices, values: values))
  var lines: [[String]] = []
  for loss in [Loss.frobenius, .poisson] {
    for rank in [10, 20, 50] {
      let all = try secondsPerIteration(x, rank: rank, loss: loss, threads: ceilings.threads)
      let one = try secondsPerIteration(x, rank: rank, loss: loss, threads: 1)
      lines.append([
        loss.rawValue, "\(rank)", fixed(1e3 * all),
        fixed(1e9 * all * Double(ceilings.threads) / Double(values.count * rank), 2),
        fixed(one / all, 2) + "×",
      ])
    }
  }
  printTable(
    "Sparse \(rows) × \(columns), \(values.count) entries: one iteration",
    [
      "loss", "r", "ms", "core-ns per entry and component",
      "\(ceilings.threads) threads against one",
    ],
    lines)
}

/// How many iterations data sets take to converge, and how much memory an iteration asks for.
func benchmarkDataSets(_ paths: [String], threads: Int) throws {
  var sets: [(name: String, x: DataMatrix<Double>, rank: Int)] = [
    ("digits", try ShippedData.digits.load().matrix, 16),
    ("swimmer", try ShippedData.swimmer.load().matrix, 17),
  ]
  for path in paths { sets.append((path, try readMatrix(path).table.matrix, 20)) }
  var lines: [[String]] = []
  for (name, x, rank) in sets {
    for loss in [Loss.poisson, .frobenius] {
      var options = FitOptions(rank: rank, loss: loss)
      options.threads = threads
      let report = try fit(x, options: options).report
      func allocations(_ iterations: Int) throws -> Int {
        options.maxIterations = iterations
        options.tolerance = 0
        let before = allocation_count()
        _ = try fit(x, options: options)
        return Int(allocation_count() - before)
      }
      let more = Double(try allocations(16) - allocations(8)) / 8
      lines.append([
        name, loss.rawValue, "\(rank)", "\(report.history.last?.iteration ?? 0)",
        report.stopReason.rawValue, fixed(report.seconds, 2),
        String(report.objective.formatted()), scientific(report.kktResidual),
        allocation_count() < 0 ? "–" : fixed(more, 0),
      ])
    }
  }
  printTable(
    "Data sets: default start, double precision",
    [
      "data", "loss", "r", "iterations", "stopped by", "s", "objective", "KKT residual",
      "allocations an iteration",
    ], lines)
}
