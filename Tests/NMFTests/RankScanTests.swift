import Foundation
import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct RankScanTests {
  /// Poisson counts around a product of `rank` sparse positive parts.
  static func planted(rank: Int, rows: Int = 90, columns: Int = 70, mean: Double = 4)
    -> DataMatrix<Double>
  {
    var random = SplitMix64(seed: UInt64(31 + rank))
    func factor(_ count: Int) -> [Double] {
      (0..<count * rank).map { _ in
        let u = random.uniform()
        return u < 0.4 ? 0.02 : u * u
      }
    }
    let (w, h) = (factor(rows), factor(columns))
    var means = [Double](repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<rank { means[i * columns + j] += w[i * rank + k] * h[j * rank + k] }
      }
    }
    let scale = mean * Double(means.count) / means.reduce(0, +)
    var x = DenseMatrix<Double>(rows: rows, columns: columns)
    for index in means.indices {
      let limit = Foundation.exp(-scale * means[index])
      var product = random.uniform()
      var count = 0.0
      while product > limit {
        product *= random.uniform()
        count += 1
      }
      x[index / columns, index % columns] = count
    }
    return .dense(x)
  }

  private func options(_ loss: Loss = .poisson) -> RankScanOptions {
    var options = RankScanOptions(loss: loss)
    options.ranks = 1...6
    options.restarts = 3
    options.bootstraps = 2
    options.fit.threads = 2
    return options
  }

  @Test(arguments: [1, 2, 4])
  func `a planted rank is found, and noise has one part`(_ rank: Int) throws {
    let scan = try scanRanks(Self.planted(rank: rank), options: options())
    let verdict = try #require(RankVerdict(scan))
    #expect(verdict.rank == rank)
    #expect(verdict.plausible.contains(rank))
    #expect(verdict.hasNoStructure == (rank == 1))
    #expect(scan.trials.filter { $0.kind == .data }.count == 6 * 5)
    #expect(scan.trials.filter { $0.kind == .null }.count == 6)
    #expect(scan.stability.map(\.rank) == Array(1...6))
    #expect(abs((scan.relevant ?? 0) - rank) <= 1)
    // Shuffled columns hold nothing that a second part could predict.
    let null = scan.trials.filter { $0.kind == .null }.sorted { $0.rank < $1.rank }
    #expect(null.min { $0.heldOut < $1.heldOut }?.rank == 1)
  }

  @Test func `without a range, ranks are looked at until the answer is inside`() throws {
    var options = options()
    options.ranks = nil
    options.restarts = 0
    options.bootstraps = 0
    options.folds = 3
    let scan = try scanRanks(
      Self.planted(rank: 12, rows: 100, columns: 90, mean: 40), options: options)
    let verdict = try #require(RankVerdict(scan))
    #expect(verdict.rank == 12)
    #expect(!verdict.isOnEdge)
    #expect((verdict.scores.last?.rank ?? 0) > 12)
  }

  @Test func `the answer does not depend on threads, nor on what was known before`() throws {
    let x = Self.planted(rank: 3)
    var options = options()
    options.ranks = 2...4
    let whole = try scanRanks(x, options: options)
    options.fit.threads = 1
    let alone = try scanRanks(x, options: options)
    #expect(whole.trials == alone.trials)
    #expect(whole.stability == alone.stability)
    let known = (
      trials: Array(whole.trials.shuffledByHash.prefix(9)),
      stability: Array(whole.stability.prefix(1))
    )
    let counter = Counter()
    let resumed = try scanRanks(x, options: options, known: known) { progress in
      if progress.trial != nil { counter.add() }
      return .proceed
    }
    #expect(resumed.trials == whole.trials)
    #expect(resumed.stability == whole.stability)
    #expect(counter.value == whole.trials.count - 9)
  }

  @Test func `a scan that is stopped says so, and keeps what it has`() throws {
    let scan = try scanRanks(Self.planted(rank: 2), options: options()) { progress in
      progress.share > 0.3 ? .stop : .proceed
    }
    #expect(scan.isIncomplete)
    #expect(!scan.trials.isEmpty && scan.trials.count < 36)
  }

  @Test func `impossible ranges and folds are refused`() throws {
    let x = Self.planted(rank: 2, rows: 9, columns: 8)
    var options = options()
    options.ranks = 2...10
    #expect(throws: RankScanError.rangeOutOfBounds(lower: 2, upper: 10, largest: 9)) {
      try scanRanks(x, options: options)
    }
    options.ranks = 1...3
    options.folds = 9
    #expect(throws: RankScanError.tooSmallForFolds(rows: 9, columns: 8, folds: 9)) {
      try scanRanks(x, options: options)
    }
  }

  @Test func `shuffling keeps the entries of each column`() throws {
    for planted in [PlantedProblem.counts, .sparse] {
      let x = planted.x
      let shuffled = withShuffledColumns(x, seed: 3)
      #expect(shuffled != x)
      for j in 0..<x.columns {
        let before = (0..<x.rows).map { x[$0, j] }.sorted()
        #expect((0..<x.rows).map { shuffled[$0, j] }.sorted() == before)
      }
    }
  }
}

extension [RankTrial] {
  /// The same trials in an order that has nothing to do with ranks.
  fileprivate var shuffledByHash: [RankTrial] {
    sorted { ($0.fold * 7 + $0.rank * 5) % 11 < ($1.fold * 7 + $1.rank * 5) % 11 }
  }
}

/// Counts from any thread.
private final class Counter: Sendable {
  private let count = LockedValue(0)
  func add() { count.mutate { $0 += 1 } }
  var value: Int { count.value }
}

private final class LockedValue: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Int
  init(_ value: Int) { stored = value }
  func mutate(_ body: (inout Int) -> Void) { lock.withLock { body(&stored) } }
  var value: Int { lock.withLock { stored } }
}
