import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct NumPyTests {
  /// A NumPy array as bytes.
  func array(_ type: String, _ shape: String, _ data: [UInt8], fortran: Bool = false) -> [UInt8] {
    let order = fortran ? "True" : "False"
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + data
  }

  func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
  }

  func read(_ bytes: [UInt8]) throws -> MatrixFile<Double> {
    let folder = try TemporaryFolder()
    return try readMatrix(try folder.write(bytes, "x.npy"))
  }

  func message(_ bytes: [UInt8]) -> String {
    do { return "read \(try read(bytes).table.matrix)" } catch { return "\(error)" }
  }

  @Test func `numbers of every type are read`() throws {
    let expected: [Double] = [1, 2, 3, 4, 5, 6]
    let small: [Int] = [1, 2, 3, 4, 5, 6]
    let cases: [(String, [UInt8])] = [
      ("<f8", bytes(expected.map(\.bitPattern))),
      (">f8", bytes(expected.map(\.bitPattern.byteSwapped))),
      ("<f4", bytes(expected.map { Float($0).bitPattern })),
      ("<f2", bytes([0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600] as [UInt16])),
      ("|i1", bytes(small.map { Int8($0) })), ("|u1", bytes(small.map { UInt8($0) })),
      ("<i2", bytes(small.map { Int16($0) })), (">u2", bytes(small.map { UInt16($0).byteSwapped })),
      ("<i4", bytes(small.map { Int32($0) })), ("<u4", bytes(small.map { UInt32($0) })),
      ("<i8", bytes(small.map { Int64($0) })), (">u8", bytes(small.map { UInt64($0).byteSwapped })),
    ]
    for (type, data) in cases {
      #expect(
        try read(array(type, "(2, 3)", data)).table.matrix.storedValues == expected, "\(type)")
    }
    let turned = try read(array("<f8", "(2, 3)", cases[0].1, fortran: true))
    #expect(turned.table.matrix.storedValues == [1, 3, 5, 2, 4, 6])
    #expect(turned.storedType == "float64")
    let flags = try read(array("|b1", "(1, 2)", [0, 1]))
    #expect(flags.table.matrix.storedValues == [0, 1])
    let pictures = try read(array("|u1", "(1, 2, 3)", [1, 2, 3, 4, 5, 6]))
    #expect(pictures.table.imageSize == ImageSize(width: 3, height: 2))
  }

  @Test func `headers that lie are refused`() {
    #expect(message(array("<f8", "(2, 3)", Array(repeating: 0, count: 40))).contains("cut short"))
    #expect(
      message(array("<f8", "(2, 3)", Array(repeating: 0, count: 50))).contains("2 bytes follow"))
    #expect(message(array("<f8", "(4611686018427387904, 4)", [])).contains("too many"))
    #expect(message(array("<f8", "(1152921504606846976, 2)", [])).contains("cut short"))
    #expect(message(array("<f8", "(2, x)", [])).contains("shape"))
    #expect(message(array("<f8", "(-2, 3)", [])).contains("shape"))
    #expect(message(array("<f8", "(2,)", Array(repeating: 0, count: 16))).contains("reshape"))
    #expect(message(array("<c16", "(1, 1)", Array(repeating: 0, count: 16))).contains("type"))
    #expect(message(array("|O", "(1, 1)", [0])).contains("type"))
    #expect(message(array("<f8", "(0, 3)", [])).contains("nothing"))
    #expect(message(array("<i8", "(1, 1)", bytes([Int64(1) << 53 + 1]))).contains("2⁵³"))
    #expect(message([0x93] + Array("NUMPY".utf8) + [1, 0, 200]).contains("cut short"))
    #expect(message([0x93] + Array("NUMPY".utf8) + [9, 0, 200, 0]).contains("version"))
  }

  @Test func `what is written reads back`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.npy"
    let x = try DenseMatrix(rows: 2, columns: 3, elements: [0.1, 2, -3, .infinity, 5e-300, 1 / 3])
    try writeNPY(x, to: path)
    #expect(try readMatrix(path).table.matrix == .dense(x))
    let single = x.converted(to: Float.self)
    try writeNPY(single, to: path)
    let file = try readMatrix(path, as: Float.self)
    #expect(file.table.matrix == .dense(single))
    #expect(file.storedType == "float32")
  }
}
