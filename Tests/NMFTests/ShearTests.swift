import Foundation
import Matrices
import Testing

@testable import NMF

@Suite struct ShearTests {
  /// Eleven points in the plane whose angles run from 26.565° to 55.305°.
  static let points: [(Double, Double)] = [
    (1.0, 0.5), (1.5, 1.0), (2.0, 1.2), (2.5, 2.0), (1.2, 1.5), (0.9, 1.3), (2.2, 2.8),
    (3.0, 1.8), (1.8, 2.4), (2.8, 3.0), (1.4, 0.8),
  ]

  static func degrees(_ x: Double, _ y: Double) -> Double { atan2(y, x) * 180 / .pi }

  /// The exact factorisation of the points by directions at two angles.
  static func factors(_ first: Double, _ second: Double) throws -> (
    w: DenseMatrix<Double>, h: DenseMatrix<Double>
  ) {
    let (a, b) = (first * .pi / 180, second * .pi / 180)
    let determinant = cos(a) * sin(b) - sin(a) * cos(b)
    let w = points.flatMap { x, y in
      [(x * sin(b) - y * cos(b)) / determinant, (y * cos(a) - x * sin(a)) / determinant]
    }
    return (
      try DenseMatrix(rows: points.count, columns: 2, elements: w),
      try DenseMatrix(rows: 2, columns: 2, elements: [cos(a), sin(a), cos(b), sin(b)])
    )
  }

  @Test(arguments: [(15.0, 70.0), (3.0, 88.0), (26.0, 56.0)])
  func `two components of eleven points may turn exactly to the points and to the axes`(
    _ first: Double, _ second: Double
  ) throws {
    let (w, h) = try Self.factors(first, second)
    let shear = Shear(w: w, h: h)
    func angle(_ k: Int, plus t: Double, of l: Int) -> Double {
      Self.degrees(h[k, 0] + t * h[l, 0], h[k, 1] + t * h[l, 1])
    }
    #expect(abs(angle(0, plus: shear.lower[0, 1], of: 1) - 0) < 1e-9)
    #expect(abs(angle(0, plus: shear.upper[0, 1], of: 1) - Self.degrees(1, 0.5)) < 1e-9)
    #expect(abs(angle(1, plus: shear.lower[1, 0], of: 0) - 90) < 1e-9)
    #expect(abs(angle(1, plus: shear.upper[1, 0], of: 0) - Self.degrees(0.9, 1.3)) < 1e-9)
    #expect(shear.isMovable())
  }

  @Test func `a move within the interval leaves the product and the signs`() throws {
    let (w, h) = try Self.factors(15, 70)
    let t = Shear(w: w, h: h).upper[0, 1]
    for i in 0..<w.rows {
      let moved = w[i, 1] - t * w[i, 0]
      #expect(moved > -1e-12)
      for j in 0..<2 {
        let before = w[i, 0] * h[0, j] + w[i, 1] * h[1, j]
        let after = w[i, 0] * (h[0, j] + t * h[1, j]) + moved * h[1, j]
        #expect(abs(before - after) < 1e-12)
      }
    }
  }

  @Test func `separable factors cannot be exchanged`() throws {
    let w = try DenseMatrix<Float>(rows: 3, columns: 2, elements: [1, 0, 0, 2, 1, 1])
    let h = try DenseMatrix<Float>(rows: 2, columns: 3, elements: [1, 0, 3, 0, 2, 1])
    let shear = Shear(w: w, h: h)
    #expect(shear.width.elements.allSatisfy { $0 == 0 })
    #expect(!shear.isMovable())
  }

  @Test func `a part that is always there can be given to a part that is sometimes there`() throws {
    // Component 0 is in all four rows, component 1 in two of them: half of 0 can move to 1.
    let w = try DenseMatrix<Double>(rows: 4, columns: 2, elements: [1, 1, 1, 1, 1, 0, 1, 0])
    let h = try DenseMatrix<Double>(rows: 2, columns: 4, elements: [1, 1, 0, 0, 0, 0, 1, 1])
    let shear = Shear(w: w, h: h)
    #expect(shear.upper[1, 0] == 1)
    #expect(shear.transferable[0, 1] == 0.5)
    #expect(shear.transferable[1, 0] == 0)
    #expect(shear.width[1, 0] == 1)
    #expect(shear.width[0, 1] == 0)
  }

  @Test func `entries below the threshold count as zero and empty components are left out`()
    throws
  {
    let w = try DenseMatrix<Double>(rows: 2, columns: 3, elements: [1, 1e-9, 0, 1e-9, 1, 0])
    let h = try DenseMatrix<Double>(rows: 3, columns: 2, elements: [1, 1e-9, 1e-9, 1, 0, 0])
    let shear = Shear(w: w, h: h)
    #expect(shear.width.elements.allSatisfy { $0 == 0 })
  }
}
