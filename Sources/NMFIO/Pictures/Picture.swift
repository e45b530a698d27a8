/// A picture of 8-bit pixels, grey or colour, row after row from the top.
public struct Picture: Sendable, Equatable {
  /// Pixels across.
  public var width: Int
  /// Pixels down.
  public var height: Int
  /// Numbers a pixel: 1 for grey, 3 for red, green and blue.
  public var channels: Int
  /// `width * height * channels` numbers; those of one pixel stand together.
  public var pixels: [UInt8]

  /// Creates a picture from its pixels.
  ///
  /// - Parameters:
  ///   - width: Pixels across, at least 1.
  ///   - height: Pixels down, at least 1.
  ///   - channels: 1 for grey, 3 for red, green and blue.
  ///   - pixels: `width * height * channels` numbers.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    precondition(channels == 1 || channels == 3, "a picture has 1 or 3 channels")
    precondition(pixels.count == width * height * channels, "the pixels do not fill the picture")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Creates a picture of one colour.
  public init(width: Int, height: Int, channels: Int, repeating value: UInt8) {
    self.init(
      width: width, height: height, channels: channels,
      pixels: Array(repeating: value, count: width * height * channels))
  }

  /// The picture in grey.
  ///
  /// Colour becomes luma as in Rec. 601, 0.299 R + 0.587 G + 0.114 B, rounded.
  public func grey() -> Picture {
    guard channels == 3 else { return self }
    let grey = (0..<width * height).map { index in
      let red = Int(pixels[3 * index])
      let green = Int(pixels[3 * index + 1])
      let blue = Int(pixels[3 * index + 2])
      return UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
    }
    return Picture(width: width, height: height, channels: 1, pixels: grey)
  }
}

/// What is wrong with a picture file.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  /// The PNG bytes cannot be decoded; the reason comes from libpng.
  case undecodablePNG(reason: String)
  /// The picture cannot be encoded; the reason comes from libpng.
  case unencodablePNG(reason: String)
  /// The PGM bytes cannot be decoded.
  case undecodablePGM(reason: String)
  /// The picture is larger than a reader accepts.
  case tooLarge(width: Int, height: Int)

  /// One sentence that says what is wrong.
  public var description: String {
    switch self {
    case .undecodablePNG(let reason): "The PNG picture cannot be read: \(reason)."
    case .unencodablePNG(let reason): "The PNG picture cannot be written: \(reason)."
    case .undecodablePGM(let reason): "The PGM picture cannot be read: \(reason)."
    case .tooLarge(let width, let height):
      "A picture of \(width)×\(height) pixels is too large; the limit is 2²⁸ pixels."
    }
  }
}
