import Foundation
import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct PreferenceTests {
  /// Scattered memberships without pure rows, parts without zeros, and noise of a given level.
  private func planted(decibels: Double?) -> (x: DenseMatrix<Double>, h: DenseMatrix<Double>) {
    var random = SplitMix64(seed: 12)
    let w = PlantedFactors.scattered(rows: 60, rank: 3, mix: 0.25, &random)
    let h = PlantedFactors.positive(rows: 3, columns: 12, &random)
    var x = PlantedFactors.product(w, h)
    guard let decibels else { return (x, h) }
    let power = x.elements.reduce(0) { $0 + $1 * $1 } / Double(x.elements.count)
    let deviation = (power * pow(10, -decibels / 10)).squareRoot()
    for i in 0..<x.rows {
      for j in 0..<x.columns {
        x[i, j] = max(0, x[i, j] + deviation * PlantedFactors.normal(&random))
      }
    }
    return (x, h)
  }

  @Test(arguments: Loss.allCases, [nil, 40.0] as [Double?])
  func `the smallest volume recovers scattered parts from any start, where a plain fit does not`(
    _ loss: Loss, _ decibels: Double?
  ) throws {
    let (x, h) = planted(decibels: decibels)
    var solutions: [DenseMatrix<Double>] = []
    var plain: [Double] = []
    for seed in 1...UInt64(PlantedFactors.count(20)) {
      var options = FitOptions(rank: 3, loss: loss)
      options.initialization = .random
      options.seed = seed
      options.tolerance = 1e-7
      let model = try fit(.dense(x), options: options)
      plain.append(PlantedFactors.worstCosine(h, model.h))
      let chosen = try preferredSolution(
        .minimumVolume, .dense(x), model: model, tolerance: 0.01 * model.report.objective)
      #expect(chosen.isWithinTolerance)
      solutions.append(chosen.model.h)
      let cosine = PlantedFactors.worstCosine(h, chosen.model.h)
      #expect(cosine >= (decibels == nil ? 0.99 : 0.95), "seed \(seed): \(cosine)")
    }
    for other in solutions.dropFirst() {
      #expect(PlantedFactors.worstCosine(solutions[0], other) >= 0.999)
    }
    let worst = solutions.map { PlantedFactors.worstCosine(h, $0) }.min() ?? 0
    print(
      "smallest volume, \(loss), \(decibels ?? .infinity) dB: worst cosine \(worst), plain \(plain.min() ?? 0)"
    )
    #expect((plain.min() ?? 1) < min(0.985, worst), "a plain fit: \(plain)")
  }

  @Test(arguments: Loss.allCases)
  func `the sparsest solution recovers scattered parts of dense memberships from any start`(
    _ loss: Loss
  ) throws {
    var random = SplitMix64(seed: 13)
    let h = PlantedFactors.scattered(rows: 40, rank: 3, mix: 0.25, &random).transposed()
    let w = PlantedFactors.positive(rows: 15, columns: 3, &random)
    let x = PlantedFactors.product(w, h)
    var solutions: [DenseMatrix<Double>] = []
    for seed in 1...UInt64(PlantedFactors.count(20)) {
      let model = try PlantedFactors.fitted(x, loss, seed: seed, tolerance: 1e-7)
      let chosen = try preferredSolution(.sparse, .dense(x), model: model, tolerance: 0)
      solutions.append(chosen.model.h)
      #expect(PlantedFactors.worstCosine(h, chosen.model.h) >= 0.99)
    }
    for other in solutions.dropFirst() {
      #expect(PlantedFactors.worstCosine(solutions[0], other) >= 0.999)
    }
  }

  @Test func `separable parts are found as the observations that they are`() throws {
    var random = SplitMix64(seed: 14)
    let w = PlantedFactors.separable(rows: 30, rank: 4, &random)
    let h = PlantedFactors.positive(rows: 4, columns: 12, &random)
    let x = DataMatrix.dense(PlantedFactors.product(w, h))
    let model = try fit(x, options: FitOptions(rank: 4, loss: .frobenius))
    let chosen = try preferredSolution(.separable, x, model: model, tolerance: 0)
    #expect(!chosen.picksFeatures)
    // Some of the other rows may have come out pure as well.
    let pure = chosen.picked.map { i in (0..<4).filter { w[i, $0] > 0 } }
    #expect(Set(pure) == [[0], [1], [2], [3]])
    #expect(PlantedFactors.worstCosine(h, chosen.model.h) > 0.9999)
  }
}
