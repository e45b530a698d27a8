internal import Foundation

extension RankScan {
  /// Schwarz's criterion at each rank of which all of X (or the rows drawn from it) was fitted.
  ///
  /// The deviance plus log(n p) for each of r (n + p − r) free parameters; least squares counts
  /// n p log(residual sum of squares / n p) instead of the deviance. It takes the likelihood at its
  /// word: counts that vary more than Poisson counts do, or numbers that are no counts, mislead it.
  public var bayesianInformation: [(rank: Int, value: Double)] {
    stability.map { entry in
      let n = Double(entry.rows)
      let p = Double(columns)
      let r = Double(entry.rank)
      let fit =
        options.fit.loss == .poisson
        ? 2 * entry.objective
        : n * p * Foundation.log(max(entry.objective, .leastNormalMagnitude) * 2 / (n * p))
      return (entry.rank, fit + r * (n + p - r) * Foundation.log(n * p))
    }
  }
}
