internal import Matrices

/// How many components of an over-large fit survive automatic relevance determination.
///
/// Tan & Févotte (2013) with exponential (ℓ1) priors: components share a scale λₖ between their
/// column of W and their row of H, and the fit is penalised by (Σᵢ wᵢₖ + Σⱼ hₖⱼ) φ / λₖ, so that a
/// component that explains little shrinks to zero. Their λₖ = (Σᵢ wᵢₖ + Σⱼ hₖⱼ + b) / c with
/// c = N + p + a + 1 and b = √((a − 1)(a − 2) mean(X) / K) is updated after every iteration; the
/// penalised steps are those of the solver.
///
/// - Parameters:
///   - problem: The complete data.
///   - largest: K, the components to begin with.
///   - dispersion: φ, the variance of the noise (least squares) or its ratio to that of Poisson counts.
///   - seed: The seed of the random start.
/// - Returns: How many components keep more than a thousandth of the mean mass per component.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func relevantComponents<Scalar: MatrixScalar>(
  _ problem: Problem<Scalar>, largest: Int, dispersion: Double, seed: UInt64,
  isCancelled: () -> Bool = { false }
) throws -> Int {
  var options = FitOptions(rank: largest, loss: problem.loss)
  options.initialization = .random
  options.seed = seed
  let start = try Start(problem, options: options, index: 0, fillsZeros: false)
  let (w, ht) = (start.w, start.ht)
  let shape = 5.0
  let mean = problem.sum / (Double(w.rows) * Double(ht.rows))
  let scale = ((shape - 1) * (shape - 2) * mean / Double(largest)).squareRoot()
  let weight = Double(w.rows + ht.rows) + shape + 1
  let pass = PoissonPass(problem.products, rank: largest, mask: nil)
  var before = [Double](repeating: .infinity, count: largest)
  for iteration in 0..<400 where !isCancelled() {
    let masses = zip(w.componentSums(), ht.componentSums()).map { $0 + $1 }
    let penalties = masses.map { dispersion * weight / ($0 + scale) }
    switch problem.loss {
    case .poisson:
      _ = pass.run(
        .coordinates, .memberships, factor: w, other: ht, penalties: penalties, measures: false)
      _ = pass.run(
        .coordinates, .parts, factor: ht, other: w, penalties: penalties, measures: false)
    case .frobenius:
      improvePenalized(w, ht, problem.products.multiply(ht), penalties, pool: problem.pool)
      improvePenalized(
        ht, w, problem.products.multiplyTransposed(w), penalties, pool: problem.pool)
    }
    guard iteration % 10 == 9 else { continue }
    let change = zip(masses, before).map { abs($0 - $1) }.max() ?? 0
    if change <= 1e-4 * (masses.max() ?? 0) { break }
    before = masses
  }
  let masses = zip(w.componentSums(), ht.componentSums()).map { $0 * $1 }
  let threshold = 1e-3 * masses.reduce(0, +) / Double(largest)
  return masses.filter { $0 > threshold }.count
}

/// One sweep of coordinate descent on ½‖X − WH‖² + Σ penalties · w.
private func improvePenalized<Scalar: MatrixScalar>(
  _ moving: Factor<Scalar>, _ held: Factor<Scalar>, _ products: Factor<Scalar>,
  _ penalties: [Double], pool: ComputePool
) {
  for i in 0..<products.rows {
    for k in 0..<products.rank { products[i, k] -= Scalar(penalties[k]) }
  }
  let gram: [Scalar] = rounded(gram(held, pool: pool))
  improveRows(moving, against: products, gram: gram, step: .sweeps(1), pool: pool)
}
