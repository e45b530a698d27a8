import Foundation
import Matrices
import Testing
import _NMFTestSupport

@testable import NMF

@Suite struct SmallestVolumeTests {
  /// Memberships on a circle within the triangle, so that neither factor is sufficiently scattered.
  private func ring(isEven: Bool) -> DenseMatrix<Double> {
    var random = SplitMix64(seed: 15)
    // The search takes the square of this, and debug builds are slow.
    let count = PlantedFactors.isFull ? 40 : 14
    var w = DenseMatrix<Double>(rows: count, columns: 3)
    for i in 0..<count {
      let angle = 2 * Double.pi * (isEven ? Double(i) / Double(count) : random.uniform())
      let size = 0.5 + random.uniform()
      for k in 0..<3 { w[i, k] = size * (1 + 0.6 * cos(angle - 2 * .pi * Double(k) / 3)) }
    }
    return PlantedFactors.product(w, PlantedFactors.positive(rows: 3, columns: 8, &random))
  }

  @Test(arguments: Loss.allCases, Preference.allCases)
  func `a choice is the same from any start, though the parts could be anywhere on a ring`(
    _ loss: Loss, _ preference: Preference
  ) throws {
    for isEven in [false, true] {
      let x = ring(isEven: isEven)
      var solutions: [DenseMatrix<Double>] = []
      for seed in 1...UInt64(PlantedFactors.count(20)) {
        let model = try PlantedFactors.fitted(x, loss, seed: seed, tolerance: 1e-6)
        solutions.append(
          try preferredSolution(preference, .dense(x), model: model, tolerance: 0).model.h)
      }
      let worst =
        solutions.dropFirst().map { PlantedFactors.worstCosine(solutions[0], $0) }.min() ?? 1
      #expect(worst >= 0.999)
    }
  }

  @Test func `the smallest triangle between two polygons is no larger than any of a fine grid`()
    throws
  {
    for seed in 0..<UInt64(PlantedFactors.count(20)) {
      var random = SplitMix64(seed: 900 + seed)
      let w =
        seed % 2 == 0
        ? PlantedFactors.positive(rows: 12, columns: 3, &random)
        : PlantedFactors.separable(rows: 12, rank: 3, &random)
      let geometry = Geometry(w: w, h: PlantedFactors.positive(rows: 3, columns: 7, &random))
      let plane = try #require(PartPlane(geometry))
      let triangles = plane.smallestTriangles()
      let found = try #require(triangles.first)
      for (a, b) in zip(found.corners, found.corners.dropFirst() + found.corners.prefix(1)) {
        #expect(plane.contains(a))
        #expect(plane.inner.allSatisfy { a.cross(b, $0) > -1e-7 })
      }
      // Lines that touch the observations, 90 directions, three at a time.
      let lines = (0..<90).map { step -> HalfPlane in
        let (a, b) = (cos(Double(step) * .pi / 45), sin(Double(step) * .pi / 45))
        return HalfPlane(a: a, b: b, c: -(plane.inner.map { a * $0.x + b * $0.y }.min() ?? 0))
      }
      var least = Double.infinity
      for i in 0..<88 {
        for j in (i + 1)..<89 {
          for k in (j + 1)..<90 {
            guard j - i < 45, k - j < 45, 90 - k + i < 45 else { continue }
            let corners = [(i, j), (j, k), (k, i)].map { first, second -> PlanePoint in
              let (m, n) = (lines[first], lines[second])
              let turn = m.a * n.b - m.b * n.a
              return PlanePoint(
                x: (m.b * n.c - n.b * m.c) / turn, y: (n.a * m.c - m.a * n.c) / turn)
            }
            guard corners.allSatisfy(plane.contains) else { continue }
            least = min(least, corners[0].cross(corners[1], corners[2]).magnitude)
          }
        }
      }
      #expect(found.size <= least * (1 + 1e-6), "seed \(seed)")
    }
  }
}
