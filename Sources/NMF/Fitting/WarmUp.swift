internal import Matrices

/// Lets least squares go first, where it is cheap and leads to better optima of the likelihood.
///
/// An iteration of least squares costs a fraction of a Poisson one, and the parts that it finds are
/// nearly those that maximise the likelihood: `Documentation/Race-Poisson.md` has the figures.
///
/// - Parameters:
///   - w: The start of W, N × r; what it holds is lost.
///   - ht: The start of Hᵀ, p × r; what it holds is lost.
///   - problem: A Poisson problem.
///   - mayProceed: Asked after each iteration.
/// - Returns: Factors scaled to the problem.
func warmUp<Scalar: MatrixScalar>(
  w: Factor<Scalar>, ht: Factor<Scalar>, problem: Problem<Scalar>, mayProceed: () -> Bool
) -> Start<Scalar> {
  let squares = Problem(problem, loss: .frobenius)
  // Two sweeps whatever the storage, so that sparse and dense agree.
  let momentum = Momentum(
    LeastSquaresAlternation(squares, rank: w.rank, multiplicative: false, sweeps: 2),
    w: w, ht: ht, objective: .infinity, accelerates: true, pool: problem.pool)
  // Where most entries are zero, an iteration saves less, and squares follow the few large counts.
  let smallFall = problem.density < 0.25 ? 5e-2 : 2e-5
  let window = 5
  var objectives: [Double] = []
  while objectives.count < 400 {
    momentum.advance()
    objectives.append(momentum.objective)
    guard mayProceed(), !momentum.isStuck else { break }
    guard objectives.count > window else { continue }
    let fall = objectives[objectives.count - 1 - window] - momentum.objective
    if fall <= Double(window) * smallFall * momentum.objective { break }
  }
  var start = Start(w: momentum.w, ht: momentum.ht)
  start.scale(for: problem)
  return start
}
