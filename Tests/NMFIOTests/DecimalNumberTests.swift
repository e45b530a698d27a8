// C wrapper: the C library's reading of numbers is the oracle.
import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct DecimalNumberTests {
  /// Reads one number a line through the text reader.
  func parsed<Scalar: MatrixScalar>(_ texts: [String], as type: Scalar.Type) throws -> [Scalar] {
    let folder = try TemporaryFolder()
    let path = try folder.write(texts.joined(separator: "\n"), "numbers.csv")
    var options = ReadOptions()
    options.header = false
    options.rowNames = false
    let file = try readMatrix(path, options: options, as: type)
    #expect(file.table.matrix.columns == 1)
    return file.table.matrix.storedValues
  }

  func check(_ texts: [String], comment: Comment) throws {
    let doubles = try parsed(texts, as: Double.self)
    let floats = try parsed(texts, as: Float.self)
    try #require(doubles.count == texts.count && floats.count == texts.count)
    for (index, text) in texts.enumerated() {
      let expected = unsafe strtod(text, nil)
      #expect(doubles[index].bitPattern == expected.bitPattern, "\(text) \(comment)")
      let expectedFloat = unsafe strtof(text, nil)
      #expect(floats[index].bitPattern == expectedFloat.bitPattern, "\(text) as Float \(comment)")
    }
  }

  @Test func `nasty numbers are rounded as strtod rounds them`() throws {
    try check(
      [
        "0", "-0", "+1", ".5", "5.", "-.25", "1e5", "1E-5", "1e+05", "0e999", "1e400", "-1e400",
        "1e-400", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
        "2.2250738585072014e-308", "2.2250738585072011e-308", "1.7976931348623157e308",
        "1.7976931348623159e308", "9007199254740993", "9007199254740992.5",
        "9007199254740993.0000000000000000000000001", "123456789012345678901234567890",
        "0.000000000000000000000000000001234567890123456789", "00000000000000000000000000001.5",
        "0.1", "0.3", "1.1", "2.675", "1e22", "1e23", "8.5e22", "123456789012345678e-5",
        "7.2057594037927933e16", "1.00000005960464477539062", "16777217", "33554435",
        "1.000000059604644775390625", "1.0000000596046447753906251", "3.4028236e38",
        "1.17549435e-38", "1.1754942e-38", "1e-45", "7e-46", "6.02214076e23", "1e-110", "1e-111",
        "9.999999999999999e60", "1e61", "9999999999999999999", "18446744073709551615",
        "18446744073709551616", "1" + String(repeating: "0", count: 300),
        "0." + String(repeating: "0", count: 300) + "1",
      ], comment: "")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `random numbers are rounded as strtod rounds them`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var texts: [String] = []
    for _ in 0..<20_000 {
      let bits = Double(bitPattern: random.next())
      if bits.isFinite { texts.append("\(bits)") }
      texts.append("\(Double.random(in: 0..<1, using: &random))")
      texts.append(String(format: "%.6f", Double.random(in: -1000..<1000, using: &random)))
      texts.append(String(format: "%.*e", Int.random(in: 0...21, using: &random), bits))
      // Midway between two Floats, and a little beside it.
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if float.isFinite {
        let middle = (Double(float) + Double(float.nextUp)) / 2
        texts.append(String(format: "%.25e", middle))
        texts.append("\(middle.nextUp)")
      }
      let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in
        Character("\(Int.random(in: 0...9, using: &random))")
      }
      texts.append(String(digits) + "e\(Int.random(in: -130...80, using: &random))")
    }
    try check(texts.filter { !$0.contains("n") }, comment: "seed \(seed)")
  }
}
