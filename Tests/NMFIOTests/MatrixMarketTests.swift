import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct MatrixMarketTests {
  func read(_ text: String) throws -> MatrixFile<Double> {
    let folder = try TemporaryFolder()
    return try readMatrix(try folder.write(text, "matrix.mtx"))
  }

  func message(_ text: String) -> String {
    do {
      return "read \(try read(text).table.matrix)"
    } catch let error as MatrixFileError {
      var placeless = error
      placeless.path = ""
      return placeless.description
    } catch {
      return "\(error)"
    }
  }

  func dense(_ file: MatrixFile<Double>) -> [[Double]] {
    let x = file.table.matrix
    return (0..<x.rows).map { row in (0..<x.columns).map { x[row, $0] } }
  }

  @Test(arguments: [
    "1 1 2\n1 3 5\n2 2 -1e1\n", "1 1 2\n2 2 -10\n1 3 5\n", "1 3 5\n2 2 -10\n1 1 2\n",
  ])
  func `entries are read in any order`(entries: String) throws {
    let file = try read(
      "%%MatrixMarket matrix coordinate real general\n% hello\n\n2 3 3\n" + entries)
    #expect(dense(file) == [[2, 0, 5], [0, -10, 0]])
    guard case .sparse(let x) = file.table.matrix else {
      Issue.record("the matrix should be sparse")
      return
    }
    #expect(x.storedCount == 3)
    #expect(file.notes.isEmpty)
  }

  @Test func `duplicates are added and zeros dropped`() throws {
    let file = try read(
      "%%MatrixMarket matrix coordinate integer general\n2 2 5\n1 1 2\n1 1 3\n2 1 0\n2 2 1\n1 2 4\n"
    )
    #expect(dense(file) == [[5, 4], [0, 1]])
    #expect(file.notes == ["1 duplicate entry was added."])
    #expect(file.storedType == "integer")
    guard case .sparse(let x) = file.table.matrix else { return }
    #expect(x.storedCount == 3)
  }

  @Test func `patterns and symmetric matrices are filled in`() throws {
    let pattern = try read("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n2 1\n")
    #expect(dense(pattern) == [[0, 1], [1, 0]])
    let half = try read("%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 3\n2 1 7\n")
    #expect(dense(half) == [[3, 7], [7, 0]])
    let array = try read("%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n")
    #expect(dense(array) == [[1, 3, 5], [2, 4, 6]])
    let triangle = try read("%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n")
    #expect(dense(triangle) == [[1, 2, 3], [2, 4, 5], [3, 5, 6]])
  }

  @Test func `mistakes are named with their line`() {
    let start = "%%MatrixMarket matrix coordinate real general\n"
    #expect(message(start + "2 2 2\n1 1 1\n").contains("2 entries are stated and 1 found"))
    #expect(message(start + "2 2 1\n1 1 1\n1 2 1\n").hasPrefix("line 4: more than"))
    #expect(message(start + "2 2 1\n3 1 1\n").hasPrefix("line 3: the place (3, 1) is outside"))
    #expect(message(start + "2 2 1\n0 1 1\n").contains("counted from 1"))
    #expect(message(start + "2 2 1\n1 1\n").contains("a row, a column and a number"))
    #expect(message(start + "2 2 1\n1 1 1 1\n").contains("nothing else"))
    #expect(message(start + "2 2 1\n1 x 1\n").hasPrefix("line 3:"))
    #expect(message(start + "2 2 1\n99999999999999999999999 1 1\n").hasPrefix("line 3:"))
    #expect(message(start + "2000 2000 900000\n1 1 1\n").contains("room"))
    #expect(message(start + "9999999999999 2 1\n1 1 1\n").contains("2³¹"))
    #expect(message(start + "2000000000 2000000000 4611686018427387904\n").contains("room"))
    #expect(message(start + "99999999999999999999 2 1\n1 1 1\n").contains("expected"))
    #expect(message(start).contains("sizes"))
    #expect(message(start + "2147483647 2147483647 1\n1 1 1\n").hasPrefix("line 2: a matrix of"))
    for banner in [
      "coordinate complex general", "coordinate real hermitian", "array pattern general",
      "coordinate real skew-symmetric", "vector real general",
    ] {
      #expect(message("%%MatrixMarket matrix \(banner)\n1 1 1\n1 1 1\n").hasPrefix("line 1"))
    }
    #expect(
      message("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n").contains("cut short"))
    #expect(message("%%MatrixMarket matrix array real general\n1 2\n1\n2\n3\n").contains("more"))
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "../shared/data/newsgroups/matrix.mtx.gz")))
  func `the newsgroups are read from their compressed file`() throws {
    let file = try readMatrix("../shared/data/newsgroups/matrix.mtx.gz", as: Float.self)
    #expect(file.table.matrix.shape == Shape(18774, 55911))
    #expect(file.table.matrix.storedValues.count == 2_429_942)
  }
}
