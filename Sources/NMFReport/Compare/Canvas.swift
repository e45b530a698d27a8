import Matrices
import NMFIO

/// A white picture to draw on, red, green and blue.
struct Canvas {
  let width: Int
  let height: Int
  private var pixels: [UInt8]

  init(width: Int, height: Int) {
    self.width = max(1, width)
    self.height = max(1, height)
    pixels = [UInt8](repeating: 255, count: self.width * self.height * 3)
  }

  var picture: Picture { Picture(width: width, height: height, channels: 3, pixels: pixels) }

  /// The colour of a value: white is 0, black `scale`, red −`scale`.
  static func color(_ value: Double, scale: Double) -> (UInt8, UInt8, UInt8) {
    let share = scale > 0 && value.isFinite ? min(1, value.magnitude / scale) : 0
    let light = UInt8((255 * (1 - share)).rounded())
    return value < 0 ? (255, light, light) : (light, light, light)
  }

  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: (UInt8, UInt8, UInt8)) {
    for row in max(0, y)..<max(0, min(self.height, y + height)) {
      for column in max(0, x)..<max(0, min(self.width, x + width)) {
        let place = (row * self.width + column) * 3
        (pixels[place], pixels[place + 1], pixels[place + 2]) = color
      }
    }
  }

  /// Values as squares of `cell` pixels, or `tall` pixels high, row after row.
  mutating func draw(
    _ values: some Sequence<Double>, across: Int, x: Int, y: Int, cell: Int, tall: Int? = nil,
    scale: Double
  ) {
    for (index, value) in values.enumerated() {
      fill(
        x: x + index % across * cell, y: y + index / across * (tall ?? cell), width: cell,
        height: tall ?? cell, Canvas.color(value, scale: scale))
    }
  }

  /// A frame of one pixel around a rectangle.
  mutating func frame(x: Int, y: Int, width: Int, height: Int) {
    let grey: (UInt8, UInt8, UInt8) = (150, 150, 150)
    fill(x: x - 1, y: y - 1, width: width + 2, height: 1, grey)
    fill(x: x - 1, y: y + height, width: width + 2, height: 1, grey)
    fill(x: x - 1, y: y - 1, width: 1, height: height + 2, grey)
    fill(x: x + width, y: y - 1, width: 1, height: height + 2, grey)
  }

  /// Writes words, `size` pixels a dot.
  mutating func write(
    _ text: String, x: Int, y: Int, size: Int, color: (UInt8, UInt8, UInt8) = Canvas.ink
  ) {
    for (place, letter) in text.enumerated() {
      for (column, bits) in Letters.columns(letter).enumerated() {
        for row in 0..<8 where bits & (1 << UInt8(row)) != 0 {
          fill(
            x: x + (place * Letters.advance + column) * size, y: y + row * size, width: size,
            height: size, color)
        }
      }
    }
  }

  /// The colour of words.
  static let ink: (UInt8, UInt8, UInt8) = (60, 60, 60)
}
