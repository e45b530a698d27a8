import Matrices
import NMF
import Testing

@testable import NMFCommands

@Suite struct WordingTests {
  @Test(arguments: [
    ("counts.csv", "counts.nnmf"), ("a/b/counts.CSV.gz", "counts.nnmf"),
    ("matrix.mtx.gz", "matrix.nnmf"), ("faces/", "faces.nnmf"), ("my.data.tsv", "my.data.nnmf"),
    ("-", "stdin.nnmf"), ("table", "table.nnmf"), (".csv", ".csv.nnmf"),
  ])
  func `results are named after the data`(path: String, name: String) {
    #expect(defaultOutputName(for: path) == name)
  }

  @Test func `a command can be pasted into a shell`() {
    #expect(
      shellCommand(["nnmf", "fit", "my data.csv", "-r", "3", "it's", ""])
        == "nnmf fit 'my data.csv' -r 3 'it'\\''s' ''")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12345, "-12,345"),
    (1_000_001, "1,000,001"),
  ])
  func `counts are grouped by thousands`(count: Int, text: String) {
    #expect(groupedCount(count) == text)
  }

  @Test(arguments: [
    (0.4234, "0.42 s"), (12.34, "12.3 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"),
  ])
  func `durations are for people`(seconds: Double, text: String) {
    #expect(duration(seconds) == text)
  }

  @Test func `a finding names the place by number and name and says what to do`() throws {
    let matrix = try DenseMatrix<Double>(rows: 2, columns: 2, elements: [1, -2, -3.5, 4])
    let table = LabeledMatrix(
      .dense(matrix), rowNames: ["anna", "ben"], columnNames: ["CD3D", "CD8A"])
    let words = FindingSentences(table: table, isTransposed: false)
    let finding = try #require(inspect(table).findings.first)
    #expect(
      words.sentence(for: finding)
        == "2 negative entries cannot be factorised; the first is -2 in row 1 (anna), "
        + "column 2 (CD8A); the lowest is -3.5 in row 2 (ben), column 1 (CD3D); "
        + "shift, clip or split the data so that every entry is at least 0.")
  }

  @Test func `a long list of rows ends in dots`() throws {
    let table = LabeledMatrix(.dense(DenseMatrix<Float>(rows: 9, columns: 1)))
    let words = FindingSentences(table: table, isTransposed: false)
    let sentence = words.sentence(for: .zeroRows(count: 9, first: [0, 1, 2]))
    #expect(sentence.hasPrefix("9 rows all zero (row 1, row 2, row 3, …): "))
  }
}
