import Foundation
import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct RoomTests {
  static let elevenPoints = DataMatrix.dense(
    (try? DenseMatrix<Double>(
      rows: 11, columns: 2, elements: ShearTests.points.flatMap { [$0.0, $0.1] }))
      ?? DenseMatrix(rows: 11, columns: 2))

  @Test(arguments: Loss.allCases)
  func `parts of eleven points in the plane may turn to the points and to the axes`(
    _ loss: Loss
  ) throws {
    var options = UniquenessOptions(rank: 2, loss: loss)
    options.fit.restarts = 5
    let result = try examineUniqueness(Self.elevenPoints, options: options)
    #expect(result.verdict == .notUnique)
    let ranges = try (0..<2).map { try #require(result.directionDegrees(of: $0)) }
      .sorted { $0.lowerBound < $1.lowerBound }
    #expect(abs(ranges[0].lowerBound - 0) < 1e-6)
    #expect(abs(ranges[0].upperBound - ShearTests.degrees(1, 0.5)) < 1e-6)
    #expect(abs(ranges[1].lowerBound - ShearTests.degrees(0.9, 1.3)) < 1e-6)
    #expect(abs(ranges[1].upperBound - 90) < 1e-6)
  }

  @Test(arguments: Loss.allCases)
  func `of eleven points the smallest volume lies on the points, the sparsest on the axes`(
    _ loss: Loss
  ) throws {
    for (preference, wanted) in [
      (Preference.minimumVolume, [ShearTests.degrees(1, 0.5), ShearTests.degrees(0.9, 1.3)]),
      (.sparse, [0, 90]),
    ] {
      var options = FitOptions(rank: 2, loss: loss)
      options.initialization = .random
      let model = try fit(Self.elevenPoints, options: options)
      let chosen = try preferredSolution(
        preference, Self.elevenPoints, model: model, tolerance: 0)
      let found = (0..<2).map { ShearTests.degrees(chosen.model.h[$0, 0], chosen.model.h[$0, 1]) }
        .sorted()
      #expect(abs(found[0] - wanted[0]) < 1e-4 && abs(found[1] - wanted[1]) < 1e-4, "\(found)")
      #expect(chosen.isWithinTolerance)
    }
  }

  /// Whether a triangle with a corner at v, two on the outer polygon, encloses the inner one.
  private func canBePartByTrial(_ plane: PartPlane, _ v: PlanePoint, samples: Int) -> Bool {
    let outline = plane.outer.indices.flatMap { index -> [PlanePoint] in
      let (a, b) = (plane.outer[index], plane.outer[(index + 1) % plane.outer.count])
      return (0..<samples).map { step in
        let t = Double(step) / Double(samples)
        return PlanePoint(x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y))
      }
    }
    let isInside = plane.outer.indices.allSatisfy { index in
      plane.outer[index].cross(plane.outer[(index + 1) % plane.outer.count], v) >= 0
    }
    guard isInside else { return false }
    func encloses(_ a: PlanePoint, _ b: PlanePoint) -> Bool {
      plane.inner.allSatisfy { q in
        v.cross(a, q) >= -1e-9 && a.cross(b, q) >= -1e-9 && b.cross(v, q) >= -1e-9
      }
    }
    for a in outline where plane.inner.allSatisfy({ v.cross(a, $0) >= -1e-9 }) {
      if outline.contains(where: { encloses(a, $0) }) { return true }
    }
    return false
  }

  @Test func `what three parts can be agrees with trying all triangles`() {
    var random = SplitMix64(seed: 3)
    var disagreements = 0
    var tried = 0
    for _ in 0..<4 {
      let w = PlantedFactors.positive(rows: 8, columns: 3, &random)
      let h = PlantedFactors.positive(rows: 3, columns: 5, &random)
      let plane = PartPlane(Geometry(w: w, h: h))
      let box = plane.outer
      let (left, right) = (box.map(\.x).min() ?? 0, box.map(\.x).max() ?? 1)
      let (low, high) = (box.map(\.y).min() ?? 0, box.map(\.y).max() ?? 1)
      for _ in 0..<12 {
        let point = PlanePoint(
          x: left + random.uniform() * (right - left), y: low + random.uniform() * (high - low))
        tried += 1
        if plane.canBePart(point) != canBePartByTrial(plane, point, samples: 30) {
          disagreements += 1
        }
      }
    }
    // Points within a sample's width of the border may be told apart wrongly by trial.
    #expect(disagreements <= tried / 20)
  }

  @Test func `three parts: moving one at a time stays within what is exact, and turns no further`()
  {
    var random = SplitMix64(seed: 5)
    for _ in 0..<5 {
      let w = PlantedFactors.positive(rows: 12, columns: 3, &random)
      let h = PlantedFactors.positive(rows: 3, columns: 6, &random)
      let geometry = Geometry(w: w, h: h)
      let exact = geometry.roomOfThree().parts
      for k in 0..<3 {
        let inner = geometry.room(of: k, allEntries: true)
        #expect(inner.angleDegrees <= exact[k].angleDegrees + 1e-3)
        for j in 0..<6 {
          #expect(inner.lowest[j] >= exact[k].lowest[j] - 2e-3)
          #expect(inner.highest[j] <= exact[k].highest[j] + 2e-3)
        }
      }
    }
  }

  @Test func `extremes found by programmes are factorisations of the same product`() throws {
    var random = SplitMix64(seed: 6)
    let w = PlantedFactors.positive(rows: 15, columns: 5, &random)
    let h = PlantedFactors.positive(rows: 5, columns: 9, &random)
    let x = PlantedFactors.product(w, h)
    let room = roomToMove(w: w, h: h)
    #expect(room.method == .linearProgrammes)
    for part in room.parts {
      let extreme = try #require(part.extremes.first)
      #expect(part.angleDegrees > 0.1)
      var moved = h
      for j in 0..<9 { moved[part.component, j] = extreme[j] }
      let model = NMFModel(
        w: w, h: moved, options: FitOptions(rank: 5, loss: .frobenius),
        report: try fit(.dense(x), options: FitOptions(rank: 1)).report)
      let refitted = PlantedFactors.product(try model.transform(.dense(x)), moved)
      for (a, b) in zip(refitted.elements, x.elements) { #expect(abs(a - b) < 1e-6) }
    }
  }
}
