import NMFIO
import Testing

@Suite struct PNGCodecTests {
  @Test(arguments: [1, 3])
  func `a picture comes back from its PNG unchanged`(channels: Int) throws {
    for (width, height) in [(1, 1), (7, 5), (64, 33), (300, 2)] {
      var state: UInt32 = 7
      let pixels = (0..<width * height * channels).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
      let picture = Picture(width: width, height: height, channels: channels, pixels: pixels)
      let bytes = try PNGCodec.encode(picture)
      #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      #expect(try PNGCodec.decode(bytes) == picture)
    }
  }

  @Test func `colour becomes luma and grey becomes colour on request`() throws {
    let colour = Picture(width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 10, 20, 30])
    let bytes = try PNGCodec.encode(colour)
    let grey = try PNGCodec.decode(bytes, channels: .grey)
    #expect(grey.channels == 1)
    #expect(grey.pixels == [76, 18])
    let back = try PNGCodec.decode(try PNGCodec.encode(grey), channels: .colour)
    #expect(back.pixels == [76, 76, 76, 18, 18, 18])
  }

  @Test func `a file cut short is refused`() throws {
    let picture = Picture(
      width: 90, height: 90, channels: 1, pixels: (0..<8100).map { UInt8($0 * $0 % 251) })
    let bytes = try PNGCodec.encode(picture)
    #expect(throws: PictureError.self) { try PNGCodec.decode(Array(bytes.prefix(200))) }
    #expect(throws: PictureError.self) { try PNGCodec.decode([]) }
    #expect(throws: PictureError.self) { try PNGCodec.decode(Array("not a picture".utf8)) }
  }
}
