import CCeilings
import Matrices
import NMF
import NMFIO

/// The median seconds of an iteration, from the history of a fit without its first steps.
private func secondsPerIteration(
  _ x: DataMatrix<Float>, rank: Int, loss: Loss, threads: Int, iterations: Int = 24
) throws -> Double {
  var options = FitOptions(rank: rank, loss: loss)
  options.initialization = .random
  options.threads = threads
  options.maxIterations = iterations
  options.tolerance = 0
  options.timeLimit = 8
  let history = try fit(x, options: options).report.history.map(\.seconds)
  let steps = zip(history, history.dropFirst()).map { $1 - $0 }.dropFirst(2).sorted()
  return steps.isEmpty ? .nan : steps[steps.count / 2]
}

/// Whole iterations on a dense matrix far larger than the caches, against both ceilings.
func benchmarkDense(_ ceilings: Ceilings) throws {
  let (rows, columns) = (8000, 5000)
  var numbers = Numbers()
  let x = DataMatrix.dense(
    try DenseMatrix(rows: rows, columns: columns, elements: numbers.array(rows * columns)))
  var lines: [[String]] = []
  for rank in [10, 16, 32, 49, 50, 64] {
    let memory = Double(4 * rows * columns) / ceilings.readByAll
    let arithmetic = 4 * Double(rows * columns * rank) / ceilings.arithmeticOfAll
    let bound = max(memory, arithmetic)
    let all = try secondsPerIteration(x, rank: rank, loss: .frobenius, threads: ceilings.threads)
    let one = try secondsPerIteration(x, rank: rank, loss: .frobenius, threads: 1, iterations: 12)
    lines.append([
      "\(rank)", fixed(1e3 * all), fixed(1e3 * bound), fixed(100 * bound / all, 0) + " %",
      memory > arithmetic ? "memory" : "arithmetic", fixed(one / all, 2) + "×",
    ])
  }
  printTable(
    "Least squares, dense \(rows) × \(columns): one iteration, with sweeps and objective",
    [
      "r", "ms", "bound, ms", "of the bound", "bound by", "\(ceilings.threads) threads against one",
    ],
    lines)
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
      let one = try secondsPerIteration(x, rank: rank, loss: loss, threads: 1, iterations: 12)
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
        String(report.objective.formatted()), "\(report.kktResidual)".prefix(7).description,
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
