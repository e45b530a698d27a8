internal import Matrices

/// Poisson likelihood: second-order coordinate descent, or Lee & Seung's rule (ESL 14.74).
///
/// Coordinate descent sweeps over each row twice where most of X is zero, as gathering what a sparse
/// row needs of the other factor costs as much as a sweep, and else once; more sweeps early in a fit
/// lead to worse optima (`Documentation/Race-Poisson.md`). Along a coordinate it takes the tangent
/// step on the reciprocal of the derivative's falling part, which is described beside the kernel.
final class PoissonAlternation<Scalar: MatrixScalar>: Alternation {
  private let problem: Problem<Scalar>
  private let pass: PoissonPass<Scalar>
  private let mode: PoissonMode
  private let sweeps: Int
  var movesZeros: Bool { mode == .coordinates }
  var noise: Double { problem.noise }

  init(_ problem: Problem<Scalar>, rank: Int, multiplicative: Bool) {
    self.problem = problem
    pass = PoissonPass(problem.products, rank: rank, mask: problem.mask)
    // By what X is, not by how it is stored, so that both give the same answer.
    sweeps = problem.density > 0.25 ? 1 : 2
    mode = multiplicative ? .multiply : .coordinates
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    _ = pass.run(
      mode, .memberships, factor: w, other: ht, sweeps: sweeps, measures: false)
    let sums = pass.run(
      mode, .parts, factor: ht, other: w, sweeps: sweeps, measures: true)
    return problem.poisson(xLogV: sums.xLogV, w: w, ht: ht)
  }
}
