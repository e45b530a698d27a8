/// Reads and writes PNG pictures, through libpng.
public enum PNGCodec {
  /// How the pixels of a decoded picture are stored.
  public enum Channels: Sendable {
    /// Grey stays grey, colour becomes red, green and blue.
    case asStored
    /// Grey; colour becomes Rec. 601 luma.
    case grey
    /// Red, green and blue, also when the file is grey.
    case colour
  }

  /// The PNG file of a picture.
  ///
  /// - Throws: `PictureError.unencodablePNG` or `PictureError.tooLarge`.
  /// - Complexity: One compression of the pixels.
  public static func encode(_ picture: Picture) throws -> [UInt8] {
    try checkSize(width: picture.width, height: picture.height)
    return try encodePNG(picture)
  }

  /// The picture in a PNG file.
  ///
  /// Palettes are resolved, 16-bit channels become 8-bit, and transparent pixels are laid over white.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - channels: Whether colour is kept.
  /// - Returns: The picture, grey or colour as asked for.
  /// - Throws: `PictureError.undecodablePNG` or `PictureError.tooLarge`.
  public static func decode(
    _ bytes: [UInt8], channels: Channels = .asStored
  ) throws -> Picture {
    let picture = try decodePNG(bytes, forceColour: channels == .colour)
    return channels == .grey ? picture.grey() : picture
  }

  /// Refuses sizes whose pixel count could overflow or exhaust memory.
  static func checkSize(width: Int, height: Int) throws {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, count <= 1 << 28 else {
      throw PictureError.tooLarge(width: width, height: height)
    }
  }
}
