import Matrices
import NMFIO
import Testing

@Suite struct NameFileTests {
  private let files: TemporaryFolder

  init() throws { files = try TemporaryFolder() }

  private let counts = "%%MatrixMarket matrix coordinate integer general\n2 3 2\n1 1 4\n2 3 1\n"

  private func read(features: String, transpose: Bool = false) throws -> LabeledMatrix<Double> {
    var options = ReadOptions()
    options.featureNames = try files.write(features, "terms.txt")
    options.transpose = transpose
    return try readMatrix(try files.write(counts, "x.mtx"), options: options).table
  }

  private func message(_ features: String) -> String {
    do {
      _ = try read(features: features)
      return ""
    } catch { return "\(error)" }
  }

  @Test func `names come from a file of their own`() throws {
    #expect(try read(features: "sun\nrain\r\nsun\n\n").columnNames == ["sun", "rain", "sun-1"])
    #expect(try read(features: "a\nb\n", transpose: true).columnNames == ["a", "b"])
    var options = ReadOptions()
    options.observationNames = try files.write("May\nJune", "months.txt")
    #expect(
      try readMatrix(try files.write(counts, "x.mtx"), options: options, as: Double.self)
        .table.rowNames == ["May", "June"])
  }

  @Test func `too few names, and empty ones, are refused with their place`() {
    #expect(
      message("sun\nrain\n").contains("terms.txt: 2 lines found, but the matrix has 3 columns"))
    #expect(message("sun\n\nrain\n").contains("terms.txt, line 2: the line is empty"))
  }
}
