/// A grey picture as a file stores it, with its own white level.
struct GreyLevels {
  var width: Int
  var height: Int
  /// The number that means white; 255 in most files.
  var white: Int
  var levels: [UInt16]
}

/// Reads a PGM picture: binary (P5) or plain (P2), of 8 or 16 bits.
func decodePGM(_ bytes: [UInt8]) throws -> GreyLevels {
  var position = 2
  func failure(_ reason: String) -> PictureError { .undecodablePGM(reason: reason) }
  func skipBlanks() {
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      } else if bytes[position] <= 0x20 {
        position += 1
      } else {
        return
      }
    }
  }
  func number() throws -> Int {
    skipBlanks()
    var value = 0
    let start = position
    while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39,
      position - start < 9
    {
      value = value * 10 + Int(bytes[position] - 0x30)
      position += 1
    }
    guard position > start else { throw failure("a number is missing at byte \(position)") }
    return value
  }
  guard bytes.count > 2, bytes[0] == UInt8(ascii: "P"), bytes[1] == 0x35 || bytes[1] == 0x32 else {
    throw failure("it begins with neither P5 nor P2")
  }
  let isBinary = bytes[1] == 0x35
  let width = try number()
  let height = try number()
  let white = try number()
  guard width > 0, height > 0, (1...65535).contains(white) else {
    throw failure("the size \(width)×\(height) with white level \(white) is impossible")
  }
  try PNGCodec.checkSize(width: width, height: height)
  let count = width * height
  var levels: [UInt16] = []
  if isBinary {
    position += 1
    let size = white > 255 ? 2 : 1
    guard bytes.count - position >= count * size else {
      throw failure("it is cut short: \(count * size) bytes of pixels expected")
    }
    levels =
      size == 1
      ? bytes[position..<position + count].map { UInt16($0) }
      : (0..<count).map { index in
        UInt16(bytes[position + 2 * index]) << 8 | UInt16(bytes[position + 2 * index + 1])
      }
  } else {
    guard bytes.count - position >= 2 * count - 1 else { throw failure("it is cut short") }
    levels.reserveCapacity(count)
    for _ in 0..<count { levels.append(UInt16(clamping: try number())) }
  }
  guard levels.allSatisfy({ $0 <= white }) else {
    throw failure("a pixel is brighter than the white level \(white)")
  }
  return GreyLevels(width: width, height: height, white: white, levels: levels)
}
