import Foundation
import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct ProfileIntervalTests {
  /// Counts with planted, identified factors; parts sum to 1.
  private func planted(_ seed: UInt64) -> (x: DenseMatrix<Double>, h: DenseMatrix<Double>) {
    var random = SplitMix64(seed: seed)
    let w = PlantedFactors.separable(rows: 40, rank: 3, &random)
    var h = PlantedFactors.separable(rows: 10, rank: 3, &random).transposed()
    for k in 0..<3 {
      let sum = h.row(k).reduce(0, +)
      for j in 0..<10 { h[k, j] /= sum }
    }
    var x = PlantedFactors.product(w, h)
    for i in 0..<40 {
      for j in 0..<10 {
        // Few Poisson counts at a time, as the generator multiplies uniforms.
        var total = 0
        let mean = 300 * x[i, j]
        let pieces = max(1, Int(mean / 20))
        for _ in 0..<pieces { total += random.poisson(mean / Double(pieces)) }
        x[i, j] = Double(total)
      }
    }
    return (x, h)
  }

  @Test func `an interval ends where the deviance has risen by its tolerance`() throws {
    let (x, _) = planted(1)
    for loss in Loss.allCases {
      var options = FitOptions(rank: 3, loss: loss)
      options.tolerance = 1e-8
      let model = try fit(.dense(x), options: options)
      let rise = allowedRise(model, x: .dense(x), share: nil)
      let entries = largestEntries(model, count: 2)
      let search = ProfileSearch(.dense(x), model: model, rise: rise)
      for interval in try profileIntervals(.dense(x), model: model, entries: entries, rise: rise) {
        #expect(interval.lowest < interval.value && interval.value < interval.highest)
        for end in [interval.lowest, interval.highest] {
          let found = search.riseAt(end, part: interval.part, feature: interval.feature)
          #expect(abs(found / rise - 1) < 0.1, "\(loss) \(interval): \(found / rise)")
        }
      }
    }
  }

  @Test func `95 % intervals cover planted entries`() throws {
    // Where the planted value is inside, its displacement costs less than 1.92.
    let cases = PlantedFactors.count(48)
    var covered = 0
    var total = 0
    for seed in 0..<UInt64(cases) {
      let (x, h) = planted(1000 + seed)
      var options = FitOptions(rank: 3)
      options.tolerance = 1e-8
      let model = try fit(.dense(x), options: options)
      guard PlantedFactors.worstCosine(h, model.h) > 0.98 else { continue }
      let order = matchedAngles(unitParts(h), unitParts(model.h)).order
      let search = ProfileSearch(.dense(x), model: model, rise: 1.92)
      for k in 0..<3 {
        for j in 0..<10 where h[k, j] > 0.05 {
          total += 1
          if search.riseAt(h[k, j], part: order[k], feature: j) <= 1.92 { covered += 1 }
        }
      }
    }
    let coverage = Double(covered) / Double(total)
    print("coverage \(covered) of \(total)")
    let slack = PlantedFactors.isFull ? 0 : 3 * (0.05 * 0.95 / Double(total)).squareRoot()
    #expect(coverage >= 0.93 - slack && coverage <= 0.97 + slack, "\(covered) of \(total)")
  }
}
