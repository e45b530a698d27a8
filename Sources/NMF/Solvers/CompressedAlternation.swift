internal import Matrices

/// Least squares near a pair of factors where the gradient is known, without reading X.
///
/// How the gradient changes from there is computed from X in its leading directions, X ≈ QBᵀ:
/// XHᵀ ≈ XH₀ᵀ + QBᵀ(H − H₀)ᵀ, and the same for XᵀW. That is the exact gradient of the objective in which
/// ⟨X − QBᵀ, (W − W₀)(H − H₀)⟩ is left out, a product of two changes with the small end of X. Compressing X
/// itself (Zhou, Cichocki & Xie 2012; Tepper & Sapiro 2016) has an optimum of its own; this has that of X, as
/// the changes vanish there.
///
/// Everything is followed by its change from W₀ and H₀, in terms as small as that change: single precision goes
/// as far as double does otherwise.
final class CompressedAlternation<Scalar: MatrixScalar>: Alternation {
  /// The objective at W₀ and H₀, entry by entry.
  let objective: Double
  let movesZeros = true
  /// Its objectives are sums of changes.
  let noise = 0.0
  private let directions: LeadingDirections<Scalar>
  private let pool: ComputePool
  private let rowStep: RowStep
  private let columnStep: RowStep
  let w0: Factor<Scalar>
  let ht0: Factor<Scalar>
  /// (X − W₀H₀)H₀ᵀ and (X − W₀H₀)ᵀW₀.
  private let downhillW: Factor<Scalar>
  private let downhillHt: Factor<Scalar>
  private let wtw0: SmallMatrix
  private let hht0: SmallMatrix
  private let changeW: Factor<Scalar>
  private let changeHt: Factor<Scalar>

  /// - Parameters:
  ///   - directions: Those of X.
  ///   - pass: What reads X; its products are taken over.
  ///   - w: W₀, copied.
  ///   - ht: H₀ᵀ, copied.
  /// - Complexity: Three products of X with r columns.
  init(
    _ directions: LeadingDirections<Scalar>, pass: LeastSquaresPass<Scalar>, w: Factor<Scalar>,
    ht: Factor<Scalar>
  ) {
    self.directions = directions
    pool = pass.products.pool
    (w0, ht0) = (w.copied(pool: pool), ht.copied(pool: pool))
    pass.run(w: w0, ht: ht0, hht: [], step: .residual(sweeps: 0))
    objective = pass.squaredResidual / 2
    (downhillW, downhillHt) = (pass.xht.copied(pool: pool), pass.xtw.copied(pool: pool))
    wtw0 = SmallMatrix(gram(w0, pool: pool), of: w0)
    hht0 = SmallMatrix(gram(ht0, pool: pool), of: ht0)
    changeW = Factor(rows: w.rows, rank: w.rank)
    changeHt = Factor(rows: ht.rows, rank: ht.rank)
    let (n, p) = (Double(w.rows), Double(ht.rows))
    let (rank, count) = (Double(w.rank), Double(directions.left.rank))
    rowStep = payingSweeps(products: (n + p) * count + p * rank, moving: n * (rank + 1), most: 4)
    columnStep = payingSweeps(products: (n + p) * count + n * rank, moving: p * (rank + 1), most: 4)
  }

  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double { advance(w, ht, from: nil) }

  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>) -> Double {
    advance(w, ht, from: start)
  }

  /// A step from a start, or from where the factors are.
  private func advance(
    _ w: Factor<Scalar>, _ ht: Factor<Scalar>, from start: StepStart<Scalar>?
  ) -> Double {
    let held = crossProducts([ht0, changeHt, directions.right], changeHt, pool: pool) { rows in
      start?.ht.write(rows, to: ht)
      subtract(ht0, from: ht, in: rows, into: changeHt)
    }
    let given = GramChange(held, of: ht)
    let rows = improveRows(
      w, from: w0, downhill: downhillW,
      gradientChange: GradientChange(
        directions: directions.left, turn: rounded(held[2]), gram: rounded(given.sum.entries)),
      gram: rounded((hht0 + given.sum).entries), step: rowStep, change: changeW, start: start?.w,
      pool: pool)
    let products = crossProducts([w0, changeW, directions.left], changeW, pool: pool)
    let moved = GramChange(products, of: w)
    let columns = improveRows(
      ht, from: ht0, downhill: downhillHt,
      gradientChange: GradientChange(
        directions: directions.right, turn: rounded(products[2]), gram: rounded(moved.sum.entries)),
      gram: rounded((wtw0 + moved.sum).entries), step: columnStep, change: changeHt, pool: pool)
    let last = GramChange(crossProducts([ht0, changeHt], changeHt, pool: pool), of: ht)
    // With D = WH − W₀H₀ = ΔW H + W₀ ΔH: −⟨X − W₀H₀, D⟩ + ½‖D‖².
    let linear =
      moved.cross.inner(last.cross) - rows.downhill - columns.downhill - columns.crossing
    let quadratic =
      moved.square.inner(hht0 + last.sum)
      + 2 * moved.cross.transposed.inner(last.cross + last.square) + wtw0.inner(last.square)
    return objective + linear + quadratic / 2
  }
}

/// How FᵀF changes when F does: F₀ᵀΔ + ΔᵀF₀ + ΔᵀΔ.
private struct GramChange {
  /// F₀ᵀΔ.
  let cross: SmallMatrix
  /// ΔᵀΔ.
  let square: SmallMatrix
  let sum: SmallMatrix

  /// - Parameter products: F₀ᵀΔ and ΔᵀΔ, and what else there is.
  init<Scalar>(_ products: [[Double]], of factor: Factor<Scalar>) {
    cross = SmallMatrix(products[0], of: factor)
    square = SmallMatrix(products[1], of: factor)
    sum = cross + cross.transposed + square
  }
}

/// An r × r matrix in double, its rows as far apart as those of a factor.
private struct SmallMatrix {
  let rank: Int
  let stride: Int
  var entries: [Double]

  init<Scalar>(_ entries: [Double], of factor: Factor<Scalar>) {
    (rank, stride) = (factor.rank, factor.stride)
    self.entries = entries
  }

  var transposed: SmallMatrix {
    var result = self
    for k in 0..<rank {
      for l in 0..<rank { result.entries[k * stride + l] = entries[l * stride + k] }
    }
    return result
  }

  func inner(_ other: SmallMatrix) -> Double { NMF.inner(entries, other.entries) }

  static func + (left: SmallMatrix, right: SmallMatrix) -> SmallMatrix {
    var result = left
    for index in result.entries.indices { result.entries[index] += right.entries[index] }
    return result
  }
}
