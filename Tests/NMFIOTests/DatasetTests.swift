import Matrices
import NMFIO
import Testing

@Suite struct DatasetTests {
  @Test func `the digits are those of the UCI repository`() throws {
    let digits = try ShippedData.digits.load()
    #expect(digits.matrix.shape == Shape(1797, 64))
    #expect(digits.imageSize == ImageSize(width: 8, height: 8))
    let values = digits.matrix.storedValues
    #expect(values.count { $0 != 0 } == 58736)
    #expect(values.max() == 16)
    #expect(digits.rowNames?[0] == "digit 0 #1")
    #expect(digits.rowNames?[1796] == "digit 8 #1797")
  }

  @Test func `the swimmer has the parts it should`() throws {
    let swimmer = try ShippedData.swimmer.load()
    let x = swimmer.matrix
    #expect(x.shape == Shape(256, 1024))
    for row in 0..<256 { #expect((0..<1024).count { x[row, $0] == 1 } == 36) }
    // A part is the set of pixels that are on in the same pictures.
    var parts: [[Bool]: Int] = [:]
    for pixel in 0..<1024 { parts[(0..<256).map { x[$0, pixel] == 1 }, default: 0] += 1 }
    let sizes = parts.filter { $0.key.contains(true) }
    #expect(sizes.values.sorted() == Array(repeating: 6, count: 16) + [12])
    #expect(sizes.filter { $0.value == 6 }.keys.allSatisfy { $0.count { $0 } == 64 })
    #expect(rank(x) == 13)
    #expect(swimmer.rowNames?[1] == "left arm 1, right arm 1, left leg 1, right leg 2")
    #expect(swimmer.columnNames?[32 * 7 + 12] == "x12y7")
  }

  /// The rank by elimination with complete numbers: entries are small and exact.
  func rank(_ x: DataMatrix<Double>) -> Int {
    var rows = (0..<x.rows).map { row in (0..<x.columns).map { x[row, $0] } }
    var rank = 0
    for column in 0..<x.columns {
      guard let pivot = rows.indices.dropFirst(rank).first(where: { abs(rows[$0][column]) > 1e-9 })
      else { continue }
      rows.swapAt(rank, pivot)
      for row in rows.indices.dropFirst(rank + 1) where abs(rows[row][column]) > 1e-9 {
        let factor = rows[row][column] / rows[rank][column]
        for index in column..<x.columns { rows[row][index] -= factor * rows[rank][index] }
      }
      rank += 1
    }
    return rank
  }
}
