internal import Matrices

/// Poisson likelihood: second-order coordinate descent, or Lee & Seung's rule (ESL 14.74).
///
/// Coordinate descent visits the rows of each factor once; along a coordinate it takes the tangent
/// step on the reciprocal of the derivative's falling part, which is described beside the kernel.
final class PoissonAlternation<Scalar: MatrixScalar>: Alternation {
  private let problem: Problem<Scalar>
  private let pass: PoissonPass<Scalar>
  private let mode: PoissonMode
  private let sweeps: Int
  var movesZeros: Bool { mode == .coordinates }

  init(_ problem: Problem<Scalar>, rank: Int, multiplicative: Bool, sweeps: Int = 1) {
    self.problem = problem
    pass = PoissonPass(problem.products, rank: rank, mask: problem.mask)
    mode = multiplicative ? .multiply : .coordinates
    self.sweeps = sweeps
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    _ = pass.run(mode, .memberships, factor: w, other: ht, sweeps: sweeps, measures: false)
    let sums = pass.run(mode, .parts, factor: ht, other: w, sweeps: sweeps, measures: true)
    return problem.poisson(xLogV: sums.xLogV, w: w, ht: ht)
  }
}
