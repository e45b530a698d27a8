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

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    let pool = problem.pool
    stepCount += 1
    if followsShortcuts { return stepByResidual(w, ht) }
    let crossProduct: Double
    let wtw: [Double]
    var hht: [Double]?
    if let columnPass {
      (crossProduct, hht) = stepByColumns(columnPass, w, ht)
      wtw = gram(w, isExact: objectives == .following, pool: pool)
    } else if case .sparse(let x) = problem.x, let transposed = problem.products.transposed {
      _ = improveRows(
        w, of: StoredRows(x), against: ht, gram: rounded(gram(ht, pool: pool)),
        step: rowStep,
        pool: pool)
      wtw = gram(w, pool: pool)
      crossProduct = improveRows(
        ht, of: transposed, against: w, gram: rounded(wtw), step: columnStep, pool: pool)
    } else {
      pass.run(w: w, ht: ht, hht: rounded(gram(ht, pool: pool)), step: rowStep)
      wtw = gram(w, isExact: objectives == .following, pool: pool)
      improveRows(
        ht, against: pass.xtw, gram: rounded(wtw), step: columnStep, pool: pool)
      crossProduct = objectives == .exact ? 0 : inner(pass.xtw, ht, pool: pool)
    }
    if objectives == .exact, let squares = problem.squaredResidual(w: w, ht: ht) {
      return squares / 2
    }
    let objective = quickObjective(crossProduct: crossProduct, wtw: wtw, hht: hht, ht)
    guard objective < trusted, let squares = problem.squaredResidual(w: w, ht: ht)
    else { return objective }
    return squares / 2
  }

  /// H, then W by the products of the same pass; a first step begins with W all the same.
  ///
  /// - Returns: ⟨XHᵀ, W⟩ and HHᵀ.
  private func stepByColumns(
    _ pass: ColumnPass<Scalar>, _ w: Factor<Scalar>, _ ht: Factor<Scalar>
  ) -> (crossProduct: Double, hht: [Double]) {
    let pool = problem.pool
    func improveMemberships(against xht: Factor<Scalar>) -> [Double] {
      let hht = gram(ht, isExact: objectives == .following, pool: pool)
      improveRows(w, against: xht, gram: rounded(hht), step: rowStep, pool: pool)
      return hht
    }
    if stepCount == 1 { _ = improveMemberships(against: problem.products.multiply(ht)) }
    pass.run(w: w, ht: ht, wtw: rounded(gram(w, pool: pool)), step: columnStep)
    let hht = improveMemberships(against: pass.xht)
    return (inner(pass.xht, w, pool: pool), hht)
  }

  private func quickObjective(
    crossProduct: Double, wtw: [Double], hht: [Double]? = nil, _ ht: Factor<Scalar>
  ) -> Double {
    let hht = hht ?? gram(ht, isExact: objectives == .following, pool: problem.pool)
    return problem.leastSquares(crossProduct: crossProduct, wtw: wtw, hht: hht)
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
      return quickObjective(
        crossProduct: crossProduct, wtw: gram(w, isExact: true, pool: problem.pool), ht)
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
