internal import Matrices

/// Poisson likelihood: second-order coordinate descent, or Lee & Seung's rule (ESL 14.74).
///
/// Coordinate descent sweeps over each row up to four times, until a sweep moves less than a
/// fiftieth of the row's counts: gathering a row costs as much as sweeping over it, so early
/// iterations, which move much, make the most of it (`Documentation/Race-Poisson.md`). Along a
/// coordinate it takes the tangent step on the reciprocal of the derivative's falling part, which is
/// described beside the kernel.
final class PoissonAlternation<Scalar: MatrixScalar>: Alternation {
  private let problem: Problem<Scalar>
  private let pass: PoissonPass<Scalar>
  private let mode: PoissonMode
  private static var mostSweeps: Int { 4 }
  private static var sweepTolerance: Scalar { 0.02 }
  var movesZeros: Bool { mode == .coordinates }

  init(_ problem: Problem<Scalar>, rank: Int, multiplicative: Bool) {
    self.problem = problem
    pass = PoissonPass(problem.products, rank: rank, mask: problem.mask)
    mode = multiplicative ? .multiply : .coordinates
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ w: Factor<Scalar>, _ ht: Factor<Scalar>) -> Double {
    let (most, tolerance) = (Self.mostSweeps, Self.sweepTolerance)
    _ = pass.run(
      mode, .memberships, factor: w, other: ht, sweeps: most, tolerance: tolerance, measures: false)
    let sums = pass.run(
      mode, .parts, factor: ht, other: w, sweeps: most, tolerance: tolerance, measures: true)
    return problem.poisson(xLogV: sums.xLogV, w: w, ht: ht)
  }
}
