import Matrices
import Testing

@testable import NMF
@testable import NMFReport

@Suite struct ComparisonPictureTests {
  @Test func `each component brings its leading features, and names the first three`() throws {
    let basis = try DenseMatrix<Double>(
      rows: 2, columns: 4, elements: [0, 3, -5, 1, 4, 0, 2, 0])
    let leading = LeadingFeatures(basis, components: 2)
    #expect(leading.columns == [2, 1, 3, 0])
    var context = ReportContext(
      title: "x", dataPath: "x.csv", shape: Shape(5, 4))
    context.columnNames = ["alpha", "beta", "a name of more than 24 letters", ""]
    let names = leading.names(context)
    #expect(names[0].map(\.text) == ["a name of more than 24 …", "beta", "column 4"])
    #expect(names[0].map(\.isNegative) == [true, false, false])
    #expect(names[1].map(\.text) == ["alpha", "a name of more than 24 …"])
  }

  @Test func `every letter of ASCII has a shape of its own`() {
    let shapes = (32..<127).map { Letters.columns(Character(Unicode.Scalar(UInt8($0)))) }
    #expect(Set(shapes).count == shapes.count)
    #expect(Letters.columns("中") == Letters.columns("é"))
    #expect(Letters.shortened("long name", to: 5) == "long…")
  }
}
