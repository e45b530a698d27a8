import Matrices
import NMFIO
import Testing

@testable import NMFReport

@Suite struct MontageTests {
  @Test func `a picture is white at zero and black at its own largest value`() throws {
    let parts = try DenseMatrix<Float>(rows: 2, columns: 4, elements: [0, 1, 2, 4, 0, 0, 0.1, 0.2])
    let montage = Montage(parts: parts, imageSize: ImageSize(width: 2, height: 2), scale: 1)
    #expect(montage.picture(of: 0).pixels == [255, 191, 128, 0])
    #expect(montage.picture(of: 1).pixels == [255, 255, 128, 0])
    #expect(montage.picture(of: 0).channels == 1)
  }

  @Test func `negative values are red and positive ones gray to black`() throws {
    let parts = try DenseMatrix<Double>(rows: 1, columns: 3, elements: [-2, 0, 1])
    let picture = Montage(parts: parts, imageSize: ImageSize(width: 3, height: 1)).picture(of: 0)
    #expect(picture.channels == 3)
    #expect(picture.pixels == [255, 0, 0, 255, 255, 255, 128, 128, 128])
  }

  @Test(arguments: [(49, 7, 7), (50, 8, 7), (3, 2, 2), (1, 1, 1)])
  func `parts stand in a square`(_ count: Int, _ columns: Int, _ rows: Int) {
    let montage = Montage(
      parts: DenseMatrix<Double>(rows: count, columns: 6),
      imageSize: ImageSize(width: 3, height: 2), scale: 1)
    #expect(montage.columns == columns)
    #expect(montage.rows == rows)
    #expect(montage.picture().width == columns * 4 + 1)
    #expect(montage.picture().height == rows * 3 + 1)
  }

  @Test(arguments: [(8, 8), (64, 2), (32, 4), (19, 6), (200, 1)])
  func `small pictures are enlarged by whole numbers`(_ side: Int, _ scale: Int) {
    let montage = Montage(
      parts: DenseMatrix<Float>(rows: 1, columns: side * side),
      imageSize: ImageSize(width: side, height: side))
    #expect(montage.scale == scale)
  }

  @Test func `tiles are placed with lines between and the last places are left white`() throws {
    let parts = try DenseMatrix<Double>(rows: 3, columns: 1, elements: [1, 1, 1])
    let picture = Montage(
      parts: parts, imageSize: ImageSize(width: 1, height: 1), columns: 2, scale: 1
    ).picture()
    let line: UInt8 = 205
    #expect(
      picture.pixels == [
        line, line, line, line, line,
        line, 0, line, 0, line,
        line, line, line, line, line,
        line, 0, line, 255, line,
        line, line, line, line, line,
      ])
  }

  @Test func `a large picture is reduced by means of squares`() {
    let picture = Picture(
      width: 3, height: 2, channels: 1, pixels: [0, 100, 50, 100, 200, 70])
    let reduced = picture.reduced(toFit: 2)
    #expect(reduced == Picture(width: 2, height: 1, channels: 1, pixels: [100, 60]))
    #expect(picture.reduced(toFit: 3) == picture)
  }

  @Test func `a part that is zero throughout is white`() {
    let parts = DenseMatrix<Double>(rows: 1, columns: 2)
    let picture = Montage(parts: parts, imageSize: ImageSize(width: 2, height: 1)).picture(of: 0)
    #expect(picture.pixels == [255, 255])
  }
}
