import Matrices

/// Reads the numbers of a NumPy array, converted.
///
/// - Throws: `MatrixFileError` when the data end early, and for 64-bit integers above 2⁵³.
@specialized(where Scalar == Double)
@specialized(where Scalar == Float)
func readNumbers<Scalar: MatrixScalar>(
  _ reader: any ByteReader, count: Int, element: NPYElement, as type: Scalar.Type
) throws -> [Scalar] {
  guard count > 0 else { return [] }
  let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  defer { unsafe chunk.deallocate() }
  let perChunk = chunk.count / element.size
  return unsafe try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard let output = buffer.baseAddress else { return }
    unsafe askForLargePages(output, byteCount: count * MemoryLayout<Scalar>.stride)
    var done = 0
    while done < count {
      let wanted = min(perChunk, count - done) * element.size
      var filled = 0
      while filled < wanted {
        let read = unsafe try reader.read(
          into: UnsafeMutableRawBufferPointer(rebasing: chunk[filled..<wanted]))
        guard read > 0 else {
          throw MatrixFileError("the data end early: \(count) numbers expected, \(done) found.")
        }
        filled += read
      }
      let numbers = wanted / element.size
      // Safe: `done + numbers` never exceeds `count`.
      unsafe try convert(
        UnsafeRawBufferPointer(rebasing: chunk[..<wanted]), numbers, element, to: output + done)
      done += numbers
    }
    initialized = count
  }
}

@inline(__always)
private func convert<Scalar: MatrixScalar>(
  _ bytes: UnsafeRawBufferPointer, _ count: Int, _ element: NPYElement,
  to output: UnsafeMutablePointer<Scalar>
) throws {
  let swapped = element.isBigEndian
  @inline(__always)
  func each<Bits: FixedWidthInteger>(_ type: Bits.Type, _ body: (Bits) -> Scalar) {
    for index in 0..<count {
      let bits = unsafe bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Bits>.size, as: type)
      unsafe output[index] = body(swapped ? bits.byteSwapped : bits)
    }
  }
  var isTooLarge = false
  switch (element.kind, element.size) {
  case (.float, 8): each(UInt64.self) { Scalar(Double(bitPattern: $0)) }
  case (.float, 4): each(UInt32.self) { Scalar(Float(bitPattern: $0)) }
  case (.float, _): each(UInt16.self) { Scalar(half($0)) }
  case (.signed, 8):
    each(Int64.self) { bits in
      if bits.magnitude > 1 << 53 { isTooLarge = true }
      return Scalar(bits)
    }
  case (.signed, 4): each(Int32.self) { Scalar($0) }
  case (.signed, 2): each(Int16.self) { Scalar($0) }
  case (.signed, _): each(Int8.self) { Scalar($0) }
  case (.unsigned, 8):
    each(UInt64.self) { bits in
      if bits > 1 << 53 { isTooLarge = true }
      return Scalar(bits)
    }
  case (.unsigned, 4): each(UInt32.self) { Scalar($0) }
  case (.unsigned, 2): each(UInt16.self) { Scalar($0) }
  case (.unsigned, _): each(UInt8.self) { Scalar($0) }
  case (.boolean, _): each(UInt8.self) { $0 == 0 ? 0 : 1 }
  case (.bytes, _), (.characters, _):
    throw MatrixFileError("the array holds text and no numbers.")
  }
  if isTooLarge {
    throw MatrixFileError(
      "a 64-bit integer lies beyond 2⁵³, where a float64 cannot hold it. Save the array as float64."
    )
  }
}

/// The value of a half-precision number (Float16 is missing on some processors).
private func half(_ bits: UInt16) -> Float {
  let sign: Float = bits >> 15 == 1 ? -1 : 1
  let exponent = Int(bits >> 10 & 0x1F)
  let fraction = Float(bits & 0x3FF) / 1024
  switch exponent {
  case 0: return sign * fraction * 0x1p-14
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default:
    return sign * (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}

/// Reads whole numbers of a NumPy array.
func readIntegers(_ reader: any ByteReader, count: Int, element: NPYElement) throws -> [Int] {
  guard element.kind == .signed || element.kind == .unsigned else {
    throw MatrixFileError("whole numbers expected, \(element.name) found.")
  }
  return try readNumbers(reader, count: count, element: element, as: Double.self).map { Int($0) }
}
