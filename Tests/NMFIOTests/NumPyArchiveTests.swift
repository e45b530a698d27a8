import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct NumPyArchiveTests {
  let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/"

  func read(_ name: String) throws -> MatrixFile<Double> { try readMatrix(fixtures + name) }

  func message(_ name: String) -> String {
    do { return "read \(try read(name).table.matrix)" } catch { return "\(error)" }
  }

  @Test(arguments: ["csr.npz", "csc.npz", "one.npz", "stored.npz"])
  func `archives of NumPy and SciPy are read`(name: String) throws {
    let x = try read(name).table.matrix
    let dense = (0..<x.rows).map { row in (0..<x.columns).map { x[row, $0] } }
    let value = name == "csc.npz" ? 1 : 1.5
    #expect(dense == [[0, value, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]])
    if case .sparse(let sparse) = x { #expect(sparse.storedCount == 4) }
  }

  @Test func `sparse entries at one place are added`() throws {
    let file = try read("duplicates.npz")
    #expect(file.notes == ["1 duplicate entry was added."])
    guard case .sparse(let x) = file.table.matrix else { return }
    #expect(x.values == [2, 4])
    #expect(x.columnIndices == [0, 2])
  }

  @Test func `archives that do not fit are refused`() throws {
    #expect(message("coo.npz").contains("CSR"))
    #expect(message("outside.npz").contains("outside 0..<3"))
    #expect(message("falling.npz").contains("does not rise at place 1"))
    #expect(message("several.npz").contains("first, second"))
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: fixtures + "one.npz")))
    let folder = try TemporaryFolder()
    for cut in stride(from: 10, to: bytes.count, by: 17) {
      let path = try folder.write(Array(bytes.prefix(cut)), "cut.npz")
      #expect(throws: MatrixFileError.self) { try readMatrix(path) }
    }
    // No change of a byte may do more than be refused.
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0xFF
      _ = try? readMatrix(try folder.write(changed, "changed.npz"))
    }
  }
}
