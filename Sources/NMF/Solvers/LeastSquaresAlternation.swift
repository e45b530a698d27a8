internal import Matrices

/// Least squares in one pass over X: hierarchical alternating least squares, or Lee & Seung's rule.
///
/// HALS is cyclic coordinate descent (Cichocki & Phan 2009), repeated while the products are at
/// hand (Gillis & Glineur 2012): at most 1 + ρ/2 sweeps, where ρ is the cost of the products over
/// that of a sweep, so that the number depends on the shape of X and never on a clock.
final class LeastSquaresAlternation<Scalar: MatrixScalar>: Alternation {
  /// How objectives are formed.
  private enum Objectives {
    /// From the products of the step.
    case quick
    /// The same, where XᵀW follows W and Gram matrices are exact: little of the rounding is left.
    case following
    /// Entry by entry.
    case exact
  }

  private let problem: Problem<Scalar>
  /// For a dense X; a sparse one is multiplied row by row.
  private lazy var pass = LeastSquaresPass(
    problem.products, rank: rank, keepsProducts: directionCount > 0)
  /// For a wide X, in place of the pass by rows; nil for others.
  private let columnPass: ColumnPass<Scalar>?
  private let rank: Int
  private let rowStep: RowStep
  private let columnStep: RowStep
  private(set) var noise: Double
  private var objectives = Objectives.quick
  /// Whether shortcuts have led where the rounding of quick steps would lead uphill.
  private var followsShortcuts = false
  let movesZeros: Bool
  /// How many directions of X a shortcut takes; 0 when there is none.
  private let directionCount: Int
  private var stepCount = 0
  private lazy var originHt = Factor<Scalar>(rows: problem.x.columns, rank: rank)
  private lazy var changeHt = Factor<Scalar>(rows: problem.x.columns, rank: rank)

  /// - Parameter sweeps: How many sweeps a half-step has; nil for as many as pay, see above.
  init(_ problem: Problem<Scalar>, rank: Int, multiplicative: Bool, sweeps: Int? = nil) {
    self.problem = problem
    self.rank = rank
    noise = problem.noise
    movesZeros = !multiplicative
    directionCount = multiplicative || sweeps != nil ? 0 : payingDirections(problem.x, rank: rank)
    columnPass =
      multiplicative || sweeps != nil || directionCount > 0
      ? nil : ColumnPass(problem.products, rank: rank)
    if multiplicative {
      rowStep = .multiply
      columnStep = .multiply
    } else if let sweeps {
      rowStep = .sweeps(sweeps)
      columnStep = .sweeps(sweeps)
    } else {
      let x = problem.x
      let entries: Double
      var most = 4
      switch x {
      case .dense: entries = Double(x.rows) * Double(x.columns)
      case .sparse(let matrix):
        entries = Double(matrix.storedCount)
        most = 2
      }
      func payingSweeps(_ moving: Int, _ held: Int) -> RowStep {
        NMF.payingSweeps(
          products: entries + Double(held) * Double(rank),
          moving: Double(moving) * Double(rank + 1), most: most)
      }
      rowStep = payingSweeps(x.rows, x.columns)
      columnStep = payingSweeps(x.columns, x.rows)
    }
  }

  /// Below it traces have lost most of the digits of the objective.
  private var trusted: Double {
    (Scalar.self == Float.self ? 1e-5 : 1e-9) * problem.halfSquares
  }

  /// A step by what is left of X: its rounding is as small as the residual, at twice the price.
  func stepByResidual(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    guard case .sweeps(let sweeps) = rowStep else { preconditionFailure("a step has sweeps") }
    let pool = problem.pool
    let hht = gram(ht, pool: pool)
    pass.run(w: w, ht: ht, hht: rounded(hht), step: .residual(sweeps: sweeps))
    let wtw = gram(w, pool: pool)
    originHt.copy(from: ht, pool: pool)
    let fall = improveRows(
      ht, from: originHt, downhill: pass.xtw, gram: rounded(wtw), step: columnStep,
      change: changeHt, pool: pool)
    let squares = gram(changeHt, pool: pool)
    let quadratic = zip(wtw, squares).reduce(0) { $0 + $1.0 * $1.1 }
    return pass.squaredResidual / 2 - fall.downhill + quadratic / 2
  }

  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double { advance(w, ht, from: nil) }

  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>) -> Double {
    advance(w, ht, from: start)
  }

  /// A step from a start, or from where the factors are.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func advance(
    _ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>?
  ) -> Double {
    stepCount += 1
    if followsShortcuts {
      start?.write(to: w, ht)
      return stepByResidual(w, ht)
    }
    let terms: Terms
    if let columnPass {
      terms = stepByColumns(columnPass, w, ht, from: start)
    } else if case .sparse(let x) = problem.x, let transposed = problem.products.transposed {
      terms = stepByStoredRows(x, transposed, w, ht, from: start)
    } else {
      terms = stepByRows(w, ht, from: start)
    }
    if objectives == .exact, let squares = problem.squaredResidual(w: w, ht: ht) {
      return squares / 2
    }
    let objective = problem.leastSquares(
      crossProduct: terms.crossProduct, wtw: terms.wtw, hht: terms.hht)
    guard objective < trusted, let squares = problem.squaredResidual(w: w, ht: ht)
    else { return objective }
    return squares / 2
  }

  /// What the objective of a step is formed from: ⟨X, WH⟩, WᵀW and HHᵀ.
  private typealias Terms = (crossProduct: Double, wtw: [Double], hht: [Double])

  /// W, then H by the products of the same pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func stepByRows(
    _ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>?
  ) -> Terms {
    let pool = problem.pool
    let isExact = objectives == .following
    let given = gram(ht, from: start?.ht, pool: pool)
    let wtw =
      pass.improveMemberships(
        w, from: start?.w, against: ht, hht: rounded(given), step: rowStep, formsGram: !isExact)
      ?? gram(w, isExact: true, pool: pool)
    let parts = improveRows(
      ht, against: pass.xtw, gram: rounded(wtw), step: columnStep, isExact: isExact, pool: pool,
      preparedBy: pass.formProducts)
    return (parts.crossProduct, wtw, parts.gram)
  }

  /// H, then W by the products of the same pass; a first step begins with W all the same.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func stepByColumns(
    _ pass: ColumnPass<Scalar>, _ w: Factor<Scalar>, _ ht: Factor<Scalar>,
    from start: StepStart<Scalar>?
  ) -> Terms {
    let pool = problem.pool
    let isExact = objectives == .following
    let isFirst = stepCount == 1
    if isFirst {
      start?.write(to: w, ht)
      improveRows(
        w, against: problem.products.multiply(ht), gram: rounded(gram(ht, pool: pool)),
        step: rowStep, pool: pool)
    }
    let start = isFirst ? nil : start
    let given = gram(w, from: start?.w, pool: pool)
    pass.improveParts(
      ht, from: start?.ht, against: w, wtw: rounded(given), step: columnStep, formsGram: true,
      isExact: isExact)
    let hht = pass.hht
    let memberships = improveRows(
      w, against: pass.xht, gram: rounded(hht), step: rowStep, isExact: isExact, pool: pool,
      preparedBy: pass.formProducts)
    return (memberships.crossProduct, memberships.gram, hht)
  }

  /// W, then H, each row by its entries in X.
  private func stepByStoredRows(
    _ x: SparseMatrix<Scalar>, _ transposed: StoredRows<Scalar>, _ w: Factor<Scalar>,
    _ ht: Factor<Scalar>, from start: StepStart<Scalar>?
  ) -> Terms {
    let pool = problem.pool
    let given = gram(ht, from: start?.ht, pool: pool)
    _ = improveRows(
      w, of: StoredRows(x), against: ht, gram: rounded(given), step: rowStep, from: start?.w,
      pool: pool)
    let wtw = gram(w, pool: pool)
    let crossProduct = improveRows(
      ht, of: transposed, against: w, gram: rounded(wtw), step: columnStep, pool: pool)
    return (crossProduct, wtw, gram(ht, pool: pool))
  }

  /// Traces lose the digits of a small residual.
  ///
  /// In single precision XᵀW follows W first (XHᵀ follows H where the pass goes by columns), which costs little;
  /// when that is not enough any more, the residual is formed entry by entry, at half a pass more.
  func sharpen(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double? {
    guard objectives != .exact, let squares = problem.squaredResidual(w: w, ht: ht) else {
      return nil
    }
    // What rounding there was before XᵀW follows W stays, and must be small beside the objective.
    if objectives == .quick, Scalar.self == Float.self, movesZeros, directionCount == 0,
      squares / 2 > 100 * trusted
    {
      objectives = .following
      noise /= 200
      let crossProduct: Double
      if let columnPass {
        columnPass.followH()
        columnPass.run(w: w, ht: ht, wtw: [], step: .keep)
        crossProduct = inner(columnPass.xht, w, pool: problem.pool)
      } else {
        pass.followW()
        pass.run(w: w, ht: ht, hht: [], step: .keep)
        crossProduct = inner(pass.xtw, ht, pool: problem.pool)
      }
      return problem.leastSquares(
        crossProduct: crossProduct, wtw: gram(w, isExact: true, pool: problem.pool),
        hht: gram(ht, isExact: true, pool: problem.pool))
    }
    objectives = .exact
    if let columnPass { columnPass.formAnew() } else { pass.formAnew() }
    noise = (Scalar.self == Float.self ? 1e-7 : 1e-14) * squares / 2
    return squares / 2
  }

  /// The first steps go too far for a shortcut.
  private static var stepsBeforeShortcuts: Int { 5 }

  func shortcut(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> CompressedAlternation<Scalar>? {
    guard directionCount > 0, stepCount >= Self.stepsBeforeShortcuts,
      let directions = problem.leadingDirections(directionCount)
    else { return nil }
    let shortcut = CompressedAlternation(directions, pass: pass, w: w, ht: ht)
    if shortcut.objective < 100 * trusted { followsShortcuts = true }
    return shortcut
  }
}

/// Sweeps of coordinate descent while products are at hand: 1 + ρ/2 of them, where ρ is the cost of the
/// products over that of a sweep.
func payingSweeps(products: Double, moving: Double, most: Int) -> RowStep {
  .sweeps(min(most, 1 + Int(products / max(1, moving) / 2)))
}

/// When steps that do not read X are worth their many short tasks.
enum Shortcuts {
  /// The entries of the smallest X; tests set it lower.
  @TaskLocal static var fewestEntries = 1 << 20
}

/// Directions of X whose products cost so much less than those of X that they pay; 0 when there are none.
private func payingDirections<Scalar>(_ x: DataMatrix<Scalar>, rank: Int) -> Int {
  guard case .dense = x, x.rows * x.columns >= Shortcuts.fewestEntries else { return 0 }
  let count = 3 * rank
  return 5 * (x.rows + x.columns) * count <= x.rows * x.columns ? count : 0
}
