internal import Matrices
internal import NMFIO

/// Writes a data set that ships with the program to a `.csv` or `.npy` file.
///
/// - Throws: An error with one sentence for a person.
func writeShippedData(_ name: ShippedData, to path: String, replacing: Bool) throws {
  let file = try TableFile(path: path, replacing: replacing)
  try file.write(name.load(), corner: "")
}

/// The data sets that ship with the program, a line each.
func shippedDataList() -> String {
  ShippedData.allCases.map { name in
    "\(name.rawValue)\(String(repeating: " ", count: max(1, 10 - name.rawValue.count)))"
      + name.about.description + "\n          " + name.attribution
  }.joined(separator: "\n")
}

extension ShippedData {
  /// What a person is told about a set: how to fit it, what it is, and what to see in its parts.
  var about: (description: String, story: String, image: ImageSize) {
    switch self {
    case .digits:
      (
        "1,797 handwritten digits, 8 × 8 pixels (--image 8x8)",
        "Handwritten digits, as sums of parts, by Poisson likelihood. No part is a digit: "
          + "parts are strokes\nand loops that several digits share.",
        ImageSize(width: 8, height: 8)
      )
    case .swimmer:
      (
        "256 pictures of a swimmer, 32 × 32 pixels (--image 32x32)",
        "A swimmer: a torso, and four limbs in four positions each, by least squares. The 17 parts are "
          + "16 limbs\nand a torso; as the torso is in every picture, it can be shared among the limbs.",
        ImageSize(width: 32, height: 32)
      )
    }
  }
}
