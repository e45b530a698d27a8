import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

/// Fits in which entries are hidden: the same objective, over fewer entries.
@Suite struct HiddenEntryTests {
  /// Arranged data with the first of three folds hidden.
  private func hidden(
    _ problem: PlantedProblem, fold: Int = 0
  ) -> (arranged: DataMatrix<Double>, fold: Fold<Double>) {
    let x = problem.x
    let speckle = Speckle(shape: x.shape, folds: 3, seed: 4)
    let arranged = speckle.arranged(x)
    return (arranged, Fold(arranged, mask: speckle.mask(fold)))
  }

  /// Whether each entry of an arranged matrix is hidden, row after row.
  private func pattern(_ mask: EntryMask) -> [[Bool]] {
    mask.rowRanges.enumerated().flatMap { a, rows in
      rows.map { _ in
        mask.transposed.rowRanges.enumerated().flatMap { b, columns in
          [Bool](repeating: mask.isHidden[a * mask.columnClasses + b], count: columns.count)
        }
      }
    }
  }

  private func factors(_ x: DataMatrix<Double>) -> (w: Factor<Double>, ht: Factor<Double>) {
    var random = SplitMix64(seed: 9)
    let w = Factor<Double>(rows: x.rows, rank: 3)
    let ht = Factor<Double>(rows: x.columns, rank: 3)
    for i in 0..<w.rows { for k in 0..<3 { w[i, k] = 0.2 + random.uniform() } }
    for j in 0..<ht.rows { for k in 0..<3 { ht[j, k] = 0.2 + random.uniform() } }
    return (w, ht)
  }

  @Test(arguments: [(60, 45), (7, 1000), (2000, 12), (130, 130)], [2, 5])
  func `every entry is hidden in exactly one fold, and folds are even`(
    _ size: (rows: Int, columns: Int), _ folds: Int
  ) {
    let speckle = Speckle(shape: Shape(size.rows, size.columns), folds: folds, seed: 1)
    #expect(speckle.rowOrder.sorted() == Array(0..<size.rows))
    #expect(speckle.columnOrder.sorted() == Array(0..<size.columns))
    let patterns = (0..<folds).map { pattern(speckle.mask($0)) }
    for i in 0..<size.rows {
      for j in 0..<size.columns {
        #expect(patterns.filter { $0[i][j] }.count == 1)
      }
    }
    for one in patterns {
      let share = Double(one.joined().filter { $0 }.count) / Double(size.rows * size.columns)
      #expect(abs(share - 1 / Double(folds)) < 0.08)
    }
  }

  /// A factor with a twentieth of each part taken as seen, with what is expected there: entry by entry.
  ///
  /// The first component stands for the rank-one fit.
  private func drawnToExpected(
    _ factor: DenseMatrix<Double>, held: DenseMatrix<Double>, mass: Double, _ loss: Loss,
    _ isHidden: (Int, Int) -> Bool
  ) -> DenseMatrix<Double> {
    func weight(_ j: Int, _ k: Int) -> Double {
      loss == .poisson ? held[j, k] : held[j, k] * held[j, k]
    }
    func seen(_ i: Int, _ k: Int) -> Double {
      (0..<held.rows).reduce(0) { $0 + (isHidden(i, $1) ? 0 : weight($1, k)) }
    }
    let whole = (0..<held.columns).map { k in (0..<held.rows).reduce(0) { $0 + weight($1, k) } }
    let sums = (0..<held.columns).map { k in (0..<held.rows).reduce(0) { $0 + held[$1, k] } }
    let masses = (0..<held.columns).map { k in
      (0..<factor.rows).reduce(0) { $0 + factor[$1, k] * seen($1, k) / whole[k] * sums[k] }
    }
    let levels = (0..<factor.rows).reduce(0) { $0 + factor[$1, 0] }
    var result = factor
    for i in 0..<factor.rows {
      for k in 0..<factor.columns {
        let share = masses[k] / masses.reduce(0, +)
        let expected = share * mass * factor[i, 0] / levels / sums[k]
        result[i, k] =
          (seen(i, k) * factor[i, k] + 0.05 * whole[k] * expected) / (seen(i, k) + 0.05 * whole[k])
      }
    }
    return result
  }

  @Test(arguments: PlantedProblem.allCases, Loss.allCases)
  func `the objective and the score count what they should`(
    _ planted: PlantedProblem, _ loss: Loss
  ) throws {
    let (arranged, fold) = hidden(planted)
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    let problem = Problem(fold.visible, loss: loss, mask: fold.mask, pool: pool)
    let (w, ht) = factors(arranged)
    let isHidden = pattern(fold.mask)
    let v = product(w.matrix, ht.matrix.transposed())
    let mass = (0..<w.rows).reduce(0) { $0 + w[$1, 0] } * (0..<ht.rows).reduce(0) { $0 + ht[$1, 0] }
    let drawn = drawnToExpected(w.matrix, held: ht.matrix, mass: mass, loss) { isHidden[$0][$1] }
    let drawnT = drawnToExpected(ht.matrix, held: drawn, mass: mass, loss) { isHidden[$1][$0] }
    let predicted = product(drawn, drawnT.transposed())
    var (seen, unseen) = (0.0, 0.0)
    var count = 0
    for i in 0..<arranged.rows {
      for j in 0..<arranged.columns {
        let x = arranged[i, j]
        if isHidden[i][j] { count += 1 }
        // A row that shows nothing cannot be predicted: its counts are not scored.
        if isHidden[i][j], problem.rowSums[i] == 0 || problem.columnSums[j] == 0, x > 0 { continue }
        let plain = w[i, 0] * ht[j, 0]
        let hiddenMean =
          loss == .poisson ? 0.99 * predicted[i, j] + 0.01 * plain : predicted[i, j]
        let mean = isHidden[i][j] ? hiddenMean : v[i, j]
        let term =
          loss == .poisson
          ? (x > 0 ? x * log(x / mean) : 0) - x + mean : (x - mean) * (x - mean) / 2
        if isHidden[i][j] { unseen += 2 * term } else { seen += term }
      }
    }
    let narrow = Factor<Double>(rows: w.rows, rank: 1)
    let narrowT = Factor<Double>(rows: ht.rows, rank: 1)
    for i in 0..<w.rows { narrow[i, 0] = w[i, 0] }
    for j in 0..<ht.rows { narrowT[j, 0] = ht[j, 0] }
    let first = VisibleFit(
      w: narrow, ht: narrowT, objective: 0, iterations: 0, converged: true)
    let score = fold.score(w: w, ht: ht, background: first, problem: problem)
    #expect(abs(problem.evaluate(w: w, ht: ht).objective - seen) < 1e-8 * seen)
    #expect(abs(score.deviance - unseen) < 1e-8 * abs(unseen))
    #expect(score.count == count)
  }

  @Test(arguments: PlantedProblem.allCases, Loss.allCases)
  func `steps never raise the objective, and end where it is stationary`(
    _ planted: PlantedProblem, _ loss: Loss
  ) throws {
    let (_, fold) = hidden(planted, fold: 1)
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let problem = Problem(fold.visible, loss: loss, mask: fold.mask, pool: pool)
    var options = FitOptions(rank: 3, loss: loss)
    options.initialization = .random
    options.tolerance = 1e-6
    var before = Double.infinity
    for iterations in [1, 2, 5, 20, 100, 4000] {
      options.maxIterations = iterations
      let fit = try problem.fitVisible(options: options, index: 0)
      #expect(fit.objective <= before * (1 + 1e-12))
      before = fit.objective
      #expect(
        abs(problem.evaluate(w: fit.w, ht: fit.ht).objective - fit.objective)
          < 1e-7 * (1 + fit.objective))
      if iterations == 4000 { #expect(problem.evaluate(w: fit.w, ht: fit.ht).kktResidual < 1e-5) }
    }
  }

  @Test(arguments: Loss.allCases)
  func `an exact product is completed where it was hidden`(_ loss: Loss) throws {
    let (arranged, fold) = hidden(.exact)
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let problem = Problem(fold.visible, loss: loss, mask: fold.mask, pool: pool)
    var options = FitOptions(rank: 3, loss: loss)
    options.initialization = .random
    options.tolerance = 1e-9
    options.maxIterations = 20_000
    let fits = try (0..<4).map { try problem.fitVisible(options: options, index: $0) }
    let best = try #require(fits.min { $0.objective < $1.objective })
    let v = product(best.w.matrix, best.ht.matrix.transposed())
    var worst = 0.0
    for i in 0..<arranged.rows {
      for j in 0..<arranged.columns { worst = max(worst, abs(v[i, j] - arranged[i, j])) }
    }
    #expect(worst < 0.05)
  }

  @Test(arguments: Loss.allCases)
  func `sparse and dense storage are fitted alike`(_ loss: Loss) throws {
    guard case .sparse(let sparse) = PlantedProblem.sparse.x else { return }
    let speckle = Speckle(shape: sparse.shape, folds: 4, seed: 2)
    let pool = ComputePool(threads: 1)
    defer { pool.shutDown() }
    let objectives = try [DataMatrix.sparse(sparse), .dense(sparse.dense())].map { x in
      let fold = Fold(speckle.arranged(x), mask: speckle.mask(3))
      let problem = Problem(fold.visible, loss: loss, mask: fold.mask, pool: pool)
      var options = FitOptions(rank: 3, loss: loss)
      options.initialization = .random
      options.maxIterations = 15
      return try problem.fitVisible(options: options, index: 0).objective
    }
    #expect(abs(objectives[0] - objectives[1]) < 1e-6 * objectives[0])
  }

  @Test func `of a large sparse matrix few enough entries are hidden to be filled in`() throws {
    let side = 8000
    let x = try SparseMatrix<Double>(
      rows: side, columns: side, rowOffsets: Array(0...side),
      columnIndices: (0..<side).map { Int32($0 * 7 % side) },
      values: [Double](repeating: 1, count: side))
    let hidden = try #require(HeldOutEntries(.sparse(x), seed: 1, floor: 1e-9))
    // Sixty-four million entries, of which four million may be hidden, and not a tenth.
    #expect((3_500_000...4_500_000).contains(hidden.count))
  }
}
