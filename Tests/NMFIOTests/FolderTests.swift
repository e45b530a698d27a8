import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct FolderTests {
  func message(_ path: String, _ options: ReadOptions = ReadOptions()) -> String {
    do {
      return "read \(try readMatrix(path, options: options).table.matrix.shape)"
    } catch {
      return "\(error)"
    }
  }

  @Test func `a 10x folder becomes cells by genes`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 4\n3 1 5\n2 2 6\n", "matrix.mtx"
    )
    _ = try folder.write("E1\tA\tGene\nE2\tB\tGene\nE3\tA\tGene\n", "features.tsv")
    _ = try folder.write("AAC-1\nAAG-1\n", "barcodes.tsv")
    let file = try readMatrix(folder.path)
    #expect(file.format == .tenx)
    #expect(file.table.matrix.shape == Shape(2, 3))
    #expect(file.table.matrix[0, 2] == 5 && file.table.matrix[1, 1] == 6)
    #expect(file.table.rowNames == ["AAC-1", "AAG-1"])
    #expect(file.table.columnNames == ["A", "B", "A-1"])
    #expect(file.notes.count == 2)
    var options = ReadOptions()
    options.transpose = true
    #expect(try readMatrix(folder.path, options: options).table.rowNames == ["A", "B", "A-1"])
    _ = try folder.write("AAC-1\n", "barcodes.tsv")
    #expect(message(folder.path).contains("1 barcode found, but matrix.mtx has 2 columns"))
  }

  @Test func `a folder of pictures becomes one row a picture`() throws {
    let folder = try TemporaryFolder()
    let picture = Picture(width: 3, height: 2, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
    _ = try folder.write(try PNGCodec.encode(picture), "s10.png")
    _ = try folder.write(
      Array("P5\n# made by hand\n3 2\n255\n".utf8) + [9, 8, 7, 6, 5, 4], "s2.pgm")
    _ = try folder.write(
      Array("P5 3 2 65535\n".utf8) + [255, 255] + Array(repeating: 0, count: 10), "s3.pgm")
    _ = try folder.write("P2 3 2 255 1 2 3 4 5 255", "s1.pgm")
    _ = try folder.write("what they are", "README.md")
    let file = try readMatrix(folder.path)
    #expect(file.table.rowNames == ["s1.pgm", "s2.pgm", "s3.pgm", "s10.png"])
    #expect(file.table.imageSize == ImageSize(width: 3, height: 2))
    #expect(
      file.table.matrix.storedValues
        == [1, 2, 3, 4, 5, 255, 9, 8, 7, 6, 5, 4, 255, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6])
    #expect(file.notes.contains("1 file that is no picture was ignored: README.md."))
    #expect(message(folder.path + "/s2.pgm").contains("Give the folder"))
    _ = try folder.write(Array("P5 1 1 255\n".utf8) + [10], "s11.pgm")
    #expect(message(folder.path).contains("s1.pgm is 3×2 pixels and s11.pgm is 1×1"))
    var options = ReadOptions()
    options.resize = ImageSize(width: 1, height: 1)
    let small = try readMatrix(folder.path, options: options)
    #expect(small.table.matrix.shape == Shape(5, 1))
    #expect(abs(small.table.matrix[0, 0] - 45) < 1e-9)
    _ = try folder.write(Array("P5 3 2 255\n".utf8) + [10], "s0.pgm")
    #expect(message(folder.path).contains("s0.pgm: The PGM picture cannot be read"))
  }

  @Test func `enlarging keeps flat pictures flat and corners in place`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array("P5 2 1 255\n".utf8) + [0, 100], "a.pgm")
    var options = ReadOptions()
    options.resize = ImageSize(width: 4, height: 2)
    let x = try readMatrix(folder.path, options: options).table.matrix
    #expect(x.storedValues == [0, 25, 75, 100, 0, 25, 75, 100])
  }

  @Test func `other folders are refused`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("a,b\n1,2\n", "table.csv")
    #expect(message(folder.path).contains("neither pictures"))
    var options = ReadOptions()
    options.format = .csv
    #expect(message(folder.path, options).contains("folder"))
  }

  @Test func `the size of pictures must fit the columns`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("1,2,3,4\n5,6,7,8\n", "x.csv")
    var options = ReadOptions()
    options.imageSize = ImageSize(width: 2, height: 2)
    #expect(try readMatrix(path, options: options).table.imageSize?.count == 4)
    options.imageSize = ImageSize(width: 2, height: 3)
    #expect(message(path, options).contains("need 6 columns, but the matrix has 4"))
  }
}
