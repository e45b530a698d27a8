public import Matrices

/// Data sets that ship with the library.
public enum ShippedData: String, CaseIterable, Sendable {
  /// 1797 handwritten digits of 8×8 pixels.
  case digits
  /// 256 swimmers of 32×32 pixels with limbs in all positions.
  case swimmer

  /// What the data are, where they come from, and their licence.
  public var attribution: String {
    switch self {
    case .digits:
      "Optical Recognition of Handwritten Digits (test part), E. Alpaydin and C. Kaynak, UCI Machine "
        + "Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0."
    case .swimmer:
      "Swimmer, drawn after D. Donoho and V. Stodden, When does non-negative matrix factorization "
        + "give a correct decomposition into parts? NIPS 16, 2003. Generated; free of rights."
    }
  }

  /// The data, one row a picture.
  ///
  /// - Returns: The pictures, with names of rows and columns and the size of the pictures.
  /// - Throws: `MatrixFileError` if the embedded data are damaged.
  public func load() throws -> LabeledMatrix<Double> {
    switch self {
    case .digits: try loadDigits()
    case .swimmer: try drawSwimmers()
    }
  }
}

private func loadDigits() throws -> LabeledMatrix<Double> {
  let stored = ByteSource.memory(PackageResources.digits_bin_gz)
  let bytes = try InflatingReader(RangeReader(stored, 0..<stored.count), .gzip).allBytes()
  let size = ImageSize(width: 8, height: 8)
  let count = bytes.count / (size.count + 1)
  let pixels = bytes.prefix(count * size.count).map { Double($0) }
  let matrix = try DenseMatrix(rows: count, columns: size.count, elements: pixels)
  let names = bytes.suffix(count).enumerated().map { "digit \($1) #\($0 + 1)" }
  return LabeledMatrix(
    .dense(matrix), rowNames: names, columnNames: pixelNames(size), imageSize: size)
}

/// Names such as `x3y7`, counted from 0.
func pixelNames(_ size: ImageSize) -> [String] {
  (0..<size.count).map { "x\($0 % size.width)y\($0 / size.width)" }
}
