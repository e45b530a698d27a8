import Foundation
import Matrices
import NMFIO
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct UniquenessTests {
  private func examined(
    _ x: DenseMatrix<Double>, rank: Int, loss: Loss = .frobenius, seed: UInt64
  ) throws -> Uniqueness<Double> {
    var options = UniquenessOptions(rank: rank, loss: loss)
    options.fit.restarts = 3
    options.fit.seed = seed
    options.fit.maxIterations = 20_000
    options.fit.tolerance = 1e-9
    return try examineUniqueness(.dense(x), options: options)
  }

  @Test func `matrices built to be unique are never proved not to be, and many are proved unique`()
    throws
  {
    let count = PlantedFactors.count(120)
    var exact = 0
    var proved = 0
    for seed in 0..<UInt64(count) {
      var random = SplitMix64(seed: 100 + seed)
      let rank = 2 + Int(seed % 4)
      let isSeparable = seed % 2 == 0 || rank == 2
      let mix = 0.1 + 0.25 * random.uniform()
      let w =
        isSeparable
        ? PlantedFactors.separable(rows: 24, rank: rank, &random)
        : PlantedFactors.scattered(rows: 30, rank: rank, mix: mix, &random)
      let h =
        (isSeparable
        ? PlantedFactors.separable(rows: 16, rank: rank, &random)
        : PlantedFactors.scattered(rows: 26, rank: rank, mix: mix, &random)).transposed()
      let result = try examined(PlantedFactors.product(w, h), rank: rank, seed: seed)
      // A start that has not reached an exact fit speaks about another matrix.
      guard result.model.report.objective < 1e-9 * result.model.report.nullObjective else {
        continue
      }
      exact += 1
      #expect(result.verdict != .notUnique, "seed \(seed): \(result.reason)")
      #expect(!result.checks.contains { $0.evidence == .provesNotUnique }, "seed \(seed)")
      if result.verdict == .unique {
        proved += 1
        #expect(PlantedFactors.worstCosine(h, result.model.h) > 0.9999, "seed \(seed)")
      }
    }
    print("proved unique: \(proved) of \(exact), from \(count)")
    #expect(exact * 10 >= count * 8 && proved * 10 >= exact * 8, "\(proved), \(exact) of \(count)")
  }

  /// Laurberg et al. (2008), "Theorems on positive data": HᵀH of this H is unique until α = ½.
  @Test(arguments: [
    (0.3, true), (0.45, true), (0.49, true), (0.51, false), (0.55, false), (0.7, false),
  ])
  func `three parts are unique up to the published bound`(_ a: Double, _ isUnique: Bool) throws {
    let h = try DenseMatrix(
      rows: 3, columns: 6,
      elements: [
        a, 1, 1, a, 0, 0,
        1, a, 0, 0, a, 1,
        0, 0, a, 1, 1, a,
      ])
    let result = try examined(PlantedFactors.product(h.transposed(), h), rank: 3, seed: 1)
    #expect(result.verdict == (isUnique ? .unique : .notUnique), "\(result.reason)")
    if isUnique { #expect(PlantedFactors.worstCosine(h, result.model.h) > 1 - 1e-9) }
  }

  @Test
  func
    `matrices with a known family are proved not unique, and their intervals hold the family`()
    throws
  {
    let count = PlantedFactors.count(120)
    var found = 0
    var contained = 0
    for seed in 0..<UInt64(count) {
      var random = SplitMix64(seed: 500 + seed)
      let rank = 2 + Int(seed % 4)
      var w = PlantedFactors.separable(rows: 24, rank: rank, &random)
      let h = PlantedFactors.separable(rows: 16, rank: rank, &random).transposed()
      // Part 0 never occurs without part 1, so that h₀ + t h₁ is as good, for t up to the least ratio.
      let t = 0.3 + 0.4 * random.uniform()
      for i in 0..<w.rows where w[i, 0] > 0 { w[i, 1] = max(w[i, 1], t * w[i, 0]) }
      let least = (0..<w.rows).filter { w[$0, 0] > 0 }.map { w[$0, 1] / w[$0, 0] }.min() ?? 0
      let result = try examined(
        PlantedFactors.product(w, h), rank: rank, loss: seed % 3 == 0 ? .poisson : .frobenius,
        seed: seed)
      guard result.model.report.objective < 1e-9 * result.model.report.nullObjective else {
        continue
      }
      found += 1
      #expect(result.verdict == .notUnique, "seed \(seed): \(result.reason)")
      #expect(!result.checks.contains { $0.evidence == .provesUnique }, "seed \(seed)")
      let isContained = [0, least / 2, least].allSatisfy { shift in
        let part = (0..<h.columns).map { h[0, $0] + shift * h[1, $0] }
        let sum = part.reduce(0, +)
        let shares = part.map { $0 / sum }
        return result.room.parts.contains { worstExcess(shares, $0) < 2e-3 }
      }
      #expect(isContained, "seed \(seed)")
      contained += isContained ? 1 : 0
    }
    print("families contained: \(contained) of \(found)")
    #expect(found * 10 >= count * 8, "\(found) of \(count)")
  }

  /// How far outside the intervals a part is, at most.
  private func worstExcess(_ part: [Double], _ room: PartRoom) -> Double {
    part.indices.map { max(room.lowest[$0] - part[$0], part[$0] - room.highest[$0]) }.max() ?? 0
  }

  @Test func `rigid factors stand still, and a joint movement of all parts is found`() {
    var random = SplitMix64(seed: 2)
    let w = PlantedFactors.separable(rows: 20, rank: 4, &random)
    let h = PlantedFactors.separable(rows: 14, rank: 4, &random).transposed()
    let rigid = Rigidity(Geometry(w: w, h: h))
    #expect(rigid.isRigid == true && rigid.rank == 12)
    let loose = Rigidity(
      Geometry(
        w: PlantedFactors.positive(rows: 20, columns: 4, &random),
        h: PlantedFactors.positive(rows: 4, columns: 14, &random)))
    #expect(loose.isRigid == false)
  }

  @Test func `one part is unique`() throws {
    var options = UniquenessOptions(rank: 1)
    options.fit.restarts = 2
    let result = try examineUniqueness(PlantedProblem.counts.x, options: options)
    #expect(result.verdict == .unique)
    #expect(result.room.parts[0].angleDegrees == 0)
  }

  @Test func `swimmer is unique up to the torso`() throws {
    let x = try ShippedData.swimmer.load().matrix
    var options = UniquenessOptions(rank: 17, loss: .frobenius)
    options.fit.restarts = 6
    let result = try examineUniqueness(x, options: options)
    #expect(result.verdict == .notUnique)
    let core = try #require(result.core)
    // The torso is all that is in every picture: twelve pixels.
    let always = (0..<x.columns).filter { j in (0..<x.rows).allSatisfy { x[$0, j] > 0 } }
    #expect(always.count == 12)
    #expect(core.contested == always)
    #expect(core.agreeing.count >= 16)
  }

  @Test func `the examination is the same at any number of threads`() throws {
    var options = UniquenessOptions(rank: 3)
    options.fit.restarts = 4
    options.fit.threads = 1
    let one = try examineUniqueness(PlantedProblem.counts.x, options: options)
    options.fit.threads = 3
    let three = try examineUniqueness(PlantedProblem.counts.x, options: options)
    #expect(one.room == three.room && one.families == three.families)
  }

  @Test func `fit records how many starts agreed`() throws {
    var options = FitOptions(rank: 3)
    options.restarts = 6
    options.tolerance = 1e-7
    let report = try fit(PlantedProblem.counts.x, options: options).report
    #expect(report.restarts.allSatisfy { $0.angleToBest != nil })
    #expect(report.startsAgreed >= 2)
    options.restarts = 1
    #expect(try fit(PlantedProblem.counts.x, options: options).report.startsAgreed == 1)
  }
}
