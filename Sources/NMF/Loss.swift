/// What a fit minimises over W ≥ 0 and H ≥ 0, with V = WH.
public enum Loss: String, CaseIterable, Codable, Sendable {
  /// Σ x log(x / v) − x + v, the generalised Kullback–Leibler divergence.
  ///
  /// Its minimum is the maximum of the Poisson log-likelihood Σ x log v − v (ESL equation 14.73).
  case poisson
  /// ½‖X − V‖², least squares.
  case frobenius
}
