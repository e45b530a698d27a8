import Matrices

/// One of the swimmer's four limbs: where it is joined to the torso, and which way it points.
private struct Limb {
  let name: String
  /// The six pixels of each of its four positions.
  let positions: [[(x: Int, y: Int)]]

  /// A limb whose pixels start beside the torso and go along four directions.
  init(_ name: String, from start: (x: Int, y: Int), directions: [(x: Int, y: Int)]) {
    self.name = name
    positions = directions.map { direction in
      // The first pixel is already a step out, so that no two positions share one.
      (1...6).map { step in (start.x + direction.x * step, start.y + direction.y * step) }
    }
  }
}

/// Draws the swimmers of Donoho and Stodden: a torso and four limbs, each in one of four positions.
///
/// The torso has 12 pixels, a limb 6; no pixel belongs to two parts. The rank is 13: the positions of
/// a limb sum to 1, which costs one dimension for each limb but leaves the torso's.
func drawSwimmers() throws -> LabeledMatrix<Double> {
  let size = ImageSize(width: 32, height: 32)
  // Seen from above, head up: x to the right, y down.
  let torso = (10...21).map { (x: 15, y: $0) }
  let up = (x: 0, y: -1)
  let left = [(x: -1, y: -1), (x: -1, y: 0), (x: -1, y: 1)]
  let right = [(x: 2, y: -1), (x: 2, y: 0), (x: 2, y: 1)]
  let down = (x: 0, y: 1)
  let limbs = [
    Limb("left arm", from: (14, 11), directions: [up] + left),
    Limb("right arm", from: (16, 11), directions: [up] + right),
    Limb("left leg", from: (14, 20), directions: left + [down]),
    Limb("right leg", from: (16, 20), directions: right + [down]),
  ]
  var elements: [Double] = []
  var names: [String] = []
  for picture in 0..<256 {
    var pixels = [Double](repeating: 0, count: size.count)
    for place in torso { pixels[place.y * size.width + place.x] = 1 }
    var words: [String] = []
    for (index, limb) in limbs.enumerated() {
      let position = picture >> (2 * (3 - index)) & 3
      for place in limb.positions[position] { pixels[place.y * size.width + place.x] = 1 }
      words.append("\(limb.name) \(position + 1)")
    }
    elements += pixels
    names.append(words.joined(separator: ", "))
  }
  let matrix = try DenseMatrix(rows: 256, columns: size.count, elements: elements)
  return LabeledMatrix(
    .dense(matrix), rowNames: names, columnNames: pixelNames(size), imageSize: size)
}
