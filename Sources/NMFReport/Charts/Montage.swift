public import Matrices
public import NMFIO

/// Pictures side by side: white is 0, black the largest value of each picture, red below zero.
///
/// This is the look of figure 14.33 of The Elements of Statistical Learning, so that parts of NMF
/// (never red) and components of PCA (black and red) can stand beside each other.
public struct Montage: Sendable {
  /// One picture a row, r × (width · height).
  public let parts: DenseMatrix<Double>
  /// The size of each picture.
  public let imageSize: ImageSize
  /// Pictures across.
  public let columns: Int
  /// How many pixels wide and high a pixel of the data is drawn.
  public let scale: Int
  /// Whether any entry is negative, so that colour is needed.
  private let isSigned: Bool

  /// The gray of the lines between pictures.
  private static let separator: UInt8 = 205

  /// Creates a montage.
  ///
  /// - Parameters:
  ///   - parts: One picture a row; may have negative entries.
  ///   - imageSize: The size of each picture; its `count` is the number of columns.
  ///   - columns: Pictures across; nil for a square (49 pictures as 7 × 7).
  ///   - scale: Pixels drawn for a pixel of the data; nil for pictures of about 64 to 128 pixels.
  public init<Scalar: MatrixScalar>(
    parts: DenseMatrix<Scalar>, imageSize: ImageSize, columns: Int? = nil, scale: Int? = nil
  ) {
    precondition(imageSize.count == parts.columns, "a part must have one entry a pixel")
    self.parts = parts.converted(to: Double.self)
    self.imageSize = imageSize
    isSigned = parts.elements.contains { $0 < 0 }
    let square = Int(Double(max(1, parts.rows)).squareRoot().rounded(.up))
    self.columns = max(1, columns ?? square)
    let side = max(1, imageSize.width, imageSize.height)
    self.scale = max(1, scale ?? min(8, 128 / side))
  }

  /// Pictures down.
  public var rows: Int { (parts.rows + columns - 1) / columns }

  /// The width of the lines between pictures and around them, in pixels.
  public var separatorWidth: Int { scale > 1 ? 2 : 1 }

  /// All pictures in one.
  public func picture() -> Picture {
    let tileWidth = imageSize.width * scale
    let tileHeight = imageSize.height * scale
    let line = separatorWidth
    let width = columns * (tileWidth + line) + line
    let height = rows * (tileHeight + line) + line
    let channels = isSigned ? 3 : 1
    var pixels = [UInt8](repeating: Self.separator, count: width * height * channels)
    for slot in 0..<columns * rows {
      let left = line + (slot % columns) * (tileWidth + line)
      let top = line + (slot / columns) * (tileHeight + line)
      let values = slot < parts.rows ? tile(slot, channels: channels) : nil
      for y in 0..<tileHeight {
        for x in 0..<tileWidth {
          let source = ((y / scale) * imageSize.width + x / scale) * channels
          let target = ((top + y) * width + left + x) * channels
          for channel in 0..<channels {
            pixels[target + channel] = values?[source + channel] ?? 255
          }
        }
      }
    }
    return Picture(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// One part as a picture of its own, one pixel a pixel of the data, without lines.
  public func picture(of part: Int) -> Picture {
    let channels = isSigned ? 3 : 1
    return Picture(
      width: imageSize.width, height: imageSize.height, channels: channels,
      pixels: tile(part, channels: channels))
  }

  /// The pixels of one part, scaled by its own largest magnitude.
  private func tile(_ part: Int, channels: Int) -> [UInt8] {
    let values = parts.row(part)
    let largest = values.reduce(0.0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(values.count * channels)
    for value in values {
      let share = largest > 0 && value.isFinite ? value.magnitude / largest : 0
      let light = UInt8((255 * (1 - share)).rounded())
      pixels.append(value < 0 ? 255 : light)
      if channels == 3 { pixels += [light, light] }
    }
    return pixels
  }
}
