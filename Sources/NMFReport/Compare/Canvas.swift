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

  /// Values as squares of `cell` pixels, row after row.
  mutating func draw(
    _ values: some Sequence<Double>, across: Int, x: Int, y: Int, cell: Int, scale: Double
  ) {
    for (index, value) in values.enumerated() {
      fill(
        x: x + index % across * cell, y: y + index / across * cell, width: cell, height: cell,
        Canvas.color(value, scale: scale))
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

  /// Words in capital letters, `size` pixels a dot; letters without a shape here are left out.
  mutating func write(_ text: String, x: Int, y: Int, size: Int) {
    for (place, letter) in text.uppercased().enumerated() {
      guard let rows = Canvas.letters[letter] else { continue }
      for (row, bits) in rows.enumerated() {
        for column in 0..<5 where bits & (16 >> column) != 0 {
          fill(
            x: x + (place * 6 + column) * size, y: y + row * size, width: size, height: size,
            (60, 60, 60))
        }
      }
    }
  }

  /// The letters of the names of methods and of the signs between pictures, five dots by seven.
  private static let letters: [Character: [Int]] = [
    "A": [14, 17, 17, 31, 17, 17, 17], "C": [14, 17, 16, 16, 16, 17, 14],
    "E": [31, 16, 16, 30, 16, 16, 31], "F": [31, 16, 16, 30, 16, 16, 16],
    "G": [14, 17, 16, 19, 17, 17, 14], "H": [17, 17, 17, 31, 17, 17, 17],
    "I": [14, 4, 4, 4, 4, 4, 14], "L": [16, 16, 16, 16, 16, 16, 31],
    "M": [17, 27, 21, 21, 17, 17, 17], "N": [17, 25, 21, 21, 19, 17, 17],
    "O": [14, 17, 17, 17, 17, 17, 14], "P": [30, 17, 17, 30, 16, 16, 16],
    "Q": [14, 17, 17, 17, 21, 18, 13], "R": [30, 17, 17, 30, 20, 18, 17],
    "S": [15, 16, 16, 14, 1, 1, 30], "T": [31, 4, 4, 4, 4, 4, 4], "V": [17, 17, 17, 17, 17, 10, 4],
    "Y": [17, 17, 10, 4, 4, 4, 4], "×": [0, 17, 10, 4, 10, 17, 0], "=": [0, 0, 31, 0, 31, 0, 0],
    "+": [0, 4, 4, 31, 4, 4, 0],
  ]
}
