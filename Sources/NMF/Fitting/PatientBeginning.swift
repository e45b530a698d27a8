internal import Matrices

/// The steps of a patient beginning: the textbook's, without momentum.
///
/// Which local optimum a fit ends in is decided early. Steps that hurry decide otherwise than those
/// of coordinate descent (one sweep an iteration) and of multiplicative updates, and neither is
/// always better: `Documentation/Race-LeastSquares.md` has the figures. A second beginning follows
/// the textbook from the start as it stands until the choice is made, so that the better of both is
/// at least as good as what the textbook's steps alone would reach.
func makePatientAlternation<Scalar: MatrixScalar>(
  _ problem: Problem<Scalar>, rank: Int
) -> any Alternation<Scalar> {
  switch problem.loss {
  case .frobenius:
    LeastSquaresAlternation(problem, rank: rank, multiplicative: false, sweeps: 1)
  case .poisson:
    PoissonAlternation(problem, rank: rank, multiplicative: true)
  }
}

/// How many patient iterations are taken.
///
/// After 200 of coordinate descent fits of the digits end where 1,000 do. Multiplicative updates of
/// real data have chosen after 30, but small noisy matrices need more.
let patience = 200
