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

  /// Whether a point can be a part, by definition: the triangle of its tangents encloses the rest.
  private func canBePart(_ plane: PartPlane, _ v: PlanePoint) -> Bool {
    guard plane.contains(v) else { return false }
    var left = plane.inner[0]
    var right = plane.inner[0]
    for q in plane.inner {
      if v.cross(left, q) > 0 { left = q }
      if v.cross(right, q) < 0 { right = q }
    }
    // Seen from inside the observations there are no tangents.
    guard plane.inner.allSatisfy({ v.cross(left, $0) <= 0 && v.cross(right, $0) >= 0 }) else {
      return false
    }
    let a = plane.exit(from: v, dx: right.x - v.x, dy: right.y - v.y).point
    let e = plane.exit(from: v, dx: left.x - v.x, dy: left.y - v.y).point
    return plane.inner.allSatisfy { a.cross(e, $0) >= 0 }
  }

  /// Whether a point lies inside an outline, by the crossings of a ray (even-odd).
  private func isInside(_ v: PlanePoint, _ outline: [PlanePoint]) -> Bool {
    var inside = false
    for (index, a) in outline.enumerated() {
      let b = outline[(index + 1) % outline.count]
      if (a.y > v.y) != (b.y > v.y), v.x < a.x + (v.y - a.y) / (b.y - a.y) * (b.x - a.x) {
        inside.toggle()
      }
    }
    return inside
  }

  /// Factors whose regions are a ring, apart, thin, and points.
  private func threeParts(_ seed: UInt64) -> (w: DenseMatrix<Double>, h: DenseMatrix<Double>) {
    var random = SplitMix64(seed: seed)
    switch seed % 4 {
    case 0:
      return (
        PlantedFactors.positive(rows: 8, columns: 3, &random),
        PlantedFactors.positive(rows: 3, columns: 6, &random)
      )
    case 1:
      return (
        PlantedFactors.separable(rows: 12, rank: 3, &random),
        PlantedFactors.positive(rows: 3, columns: 6, &random)
      )
    case 2:
      return (
        PlantedFactors.scattered(rows: 12, rank: 3, mix: 0.6, &random),
        PlantedFactors.separable(rows: 8, rank: 3, &random).transposed()
      )
    default:
      return (
        PlantedFactors.scattered(rows: 12, rank: 3, mix: 0.55, &random),
        PlantedFactors.scattered(rows: 9, rank: 3, mix: 0.7, &random).transposed()
      )
    }
  }

  @Test func `all that three parts can be agrees with trying the points of a grid`() throws {
    var tried = 0
    var feasible = 0
    for seed in 0..<UInt64(PlantedFactors.count(80)) {
      let (w, h) = threeParts(seed)
      let geometry = Geometry(w: w, h: h)
      let plane = try #require(PartPlane(geometry))
      let (rooms, found) = try #require(geometry.roomOfThree())
      let regions = found.regions + found.others
      let xs = plane.outer.map(\.x)
      let ys = plane.outer.map(\.y)
      let (left, right) = (xs.min() ?? 0, xs.max() ?? 1)
      let (low, high) = (ys.min() ?? 0, ys.max() ?? 1)
      for step in 0..<10_000 {
        let point = PlanePoint(
          x: left + (Double(step % 100) + 0.5) / 100 * (right - left),
          y: low + (Double(step / 100) + 0.5) / 100 * (high - low))
        let expected = canBePart(plane, point)
        tried += 1
        feasible += expected ? 1 : 0
        let inside = regions.contains { isInside(point, $0) }
        guard inside != expected else { continue }
        // The outline is straight between its points, so that only points beside it may differ.
        let nearest =
          regions.flatMap { outline in
            outline.indices.map { index -> Double in
              let (a, b) = (outline[index], outline[(index + 1) % outline.count])
              let length = a.distance(to: b)
              guard length > 1e-12 else { return point.distance(to: a) }
              let along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length
              if along < 0 || along > length { return point.distance(to: a) }
              return abs(a.cross(b, point)) / length
            }
          }.min() ?? .infinity
        #expect(nearest < 1e-5 * (right - left + high - low), "seed \(seed), \(point)")
      }
      // Each interval holds what rays from the part see of its region, and ends on feasible points.
      for (k, room) in rooms.enumerated() {
        let corner = PlanePoint(x: k == 0 ? 1 : 0, y: k == 1 ? 1 : 0)
        for degrees in stride(from: 0.0, to: 360, by: 2) {
          let (dx, dy) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
          var (near, far) = (0.0, 1e-3)
          func at(_ t: Double) -> PlanePoint {
            PlanePoint(x: corner.x + t * dx, y: corner.y + t * dy)
          }
          while canBePart(plane, at(far)) { (near, far) = (far, far * 1.3) }
          for _ in 0..<40 {
            let middle = (near + far) / 2
            if canBePart(plane, at(middle)) { near = middle } else { far = middle }
          }
          let point = at(near)
          let part = geometry.mix([point.x, point.y, 1 - point.x - point.y])
          for j in part.indices {
            #expect(part[j] > room.lowest[j] - 1e-8 && part[j] < room.highest[j] + 1e-8)
          }
          #expect(degreesBetween(room.part, part) < room.angleDegrees + 1e-3)
        }
      }
    }
    #expect(feasible > tried / 50)
  }

  @Test func `three parts in a kinetic experiment: intervals agree with a fine search`() throws {
    // A → B → C at rates 0.3 and 0.1, Gaussian bands: Poisson's chain and spectra that overlap.
    let times = (0..<30).map { 0.2 + Double($0) }
    let w = try DenseMatrix<Double>(
      rows: 30, columns: 3,
      elements: times.flatMap { t -> [Double] in
        let a = exp(-0.3 * t)
        let b = 0.3 / (0.1 - 0.3) * (exp(-0.3 * t) - exp(-0.1 * t))
        return [a, b, 1 - a - b]
      })
    let bands = [(30.0, 12.0), (50, 14), (72, 12)]
    let h = try DenseMatrix<Double>(
      rows: 3, columns: 20,
      elements: bands.flatMap { center, width in
        (0..<20).map { j in
          let z = (5 * Double(j) - center) / width
          return exp(-z * z / 2) + 0.02
        }
      })
    let geometry = Geometry(w: w, h: h)
    let plane = try #require(PartPlane(geometry))
    let (rooms, found) = try #require(geometry.roomOfThree())
    #expect(found.others.isEmpty)
    for (k, room) in rooms.enumerated() {
      #expect(room.isExact)
      let xs = found.regions[k].map(\.x)
      let ys = found.regions[k].map(\.y)
      let (left, right) = (xs.min() ?? 0, xs.max() ?? 1)
      let (low, high) = (ys.min() ?? 0, ys.max() ?? 1)
      // Points of a fine grid that can be a part, at a distance from the other regions.
      var lowest = room.part
      var highest = room.part
      for step in 0..<160_000 {
        let point = PlanePoint(
          x: left + Double(step % 400) / 399 * (right - left),
          y: low + Double(step / 400) / 399 * (high - low))
        guard canBePart(plane, point), isInside(point, found.regions[k]) else { continue }
        let part = geometry.mix([point.x, point.y, 1 - point.x - point.y])
        for j in part.indices {
          lowest[j] = min(lowest[j], part[j])
          highest[j] = max(highest[j], part[j])
        }
      }
      for j in lowest.indices {
        #expect(lowest[j] > room.lowest[j] - 1e-9 && lowest[j] < room.lowest[j] + 5e-4)
        #expect(highest[j] < room.highest[j] + 1e-9 && highest[j] > room.highest[j] - 5e-4)
      }
    }
  }

  @Test func `three parts: moving one at a time stays within what is exact, and turns no further`()
    throws
  {
    for seed in 0..<UInt64(PlantedFactors.count(80)) {
      let (w, h) = threeParts(seed)
      let geometry = Geometry(w: w, h: h)
      let exact = try #require(geometry.roomOfThree()).parts
      for k in 0..<3 {
        let inner = geometry.room(of: k, allEntries: true)
        #expect(inner.angleDegrees <= exact[k].angleDegrees + 1e-3, "seed \(seed)")
        for j in 0..<geometry.columns {
          #expect(inner.lowest[j] >= exact[k].lowest[j] - 1e-7, "seed \(seed)")
          #expect(inner.highest[j] <= exact[k].highest[j] + 1e-7, "seed \(seed)")
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
