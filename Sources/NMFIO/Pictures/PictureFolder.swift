import Foundation
import Matrices

/// The names of the files in a folder that are seen, in natural order: `s2` before `s10`.
func visibleFiles(in path: String) throws -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { !$0.hasPrefix(".") && !isDirectory(path + "/" + $0) }
      .sorted(by: comesFirst)
  } catch {
    throw MatrixFileError("the folder cannot be listed.")
  }
}

/// Whether a name stands before another when runs of digits are compared as numbers.
func comesFirst(_ first: String, _ second: String) -> Bool {
  var a = Array(first.utf8)[...]
  var b = Array(second.utf8)[...]
  func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  while let x = a.first, let y = b.first {
    if isDigit(x) && isDigit(y) {
      let m = a.prefix(while: isDigit).drop { $0 == 0x30 }
      let n = b.prefix(while: isDigit).drop { $0 == 0x30 }
      if m.count != n.count { return m.count < n.count }
      if !m.elementsEqual(n) { return m.lexicographicallyPrecedes(n) }
      a = a.drop(while: isDigit)
      b = b.drop(while: isDigit)
    } else {
      if x != y { return x < y }
      a = a.dropFirst()
      b = b.dropFirst()
    }
  }
  if a.isEmpty && b.isEmpty { return first < second }
  return a.isEmpty
}

/// Reads a folder of 10x Genomics counts or of pictures.
func readFolder<Scalar: MatrixScalar>(
  _ path: String, options: ReadOptions, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  let files = try visibleFiles(in: path)
  let hasCounts = files.contains("matrix.mtx") || files.contains("matrix.mtx.gz")
  switch options.format {
  case .tenx: return try readTenX(path, files: files, as: type)
  case .images: return try readPictures(path, files: files, options: options, as: type)
  case nil:
    return hasCounts
      ? try readTenX(path, files: files, as: type)
      : try readPictures(path, files: files, options: options, as: type)
  case .some(let format):
    throw MatrixFileError("this is a folder, and \(format.rawValue) is read from a file.")
  }
}

/// Reads a folder of pictures, one row a picture, as grey levels from 0 to 255.
private func readPictures<Scalar: MatrixScalar>(
  _ path: String, files: [String], options: ReadOptions, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  var names: [String] = []
  var ignored: [String] = []
  var elements: [Scalar] = []
  var first: (name: String, size: ImageSize)?
  var scaled = 0
  for name in files {
    let source = try FileInput(path: path + "/" + name).source
    guard isPicture(try source.bytes(at: 0, count: 16)) else {
      ignored.append(name)
      continue
    }
    let bytes = try source.bytes(at: 0, count: source.count)
    let (levels, stored, white) = try greyLevels(bytes, path: path + "/" + name)
    if white != 255 { scaled += 1 }
    let size = options.resize ?? stored
    if let first, first.size != size {
      throw MatrixFileError(
        "\(first.name) is \(first.size) pixels and \(name) is \(size), but all pictures must have "
          + "one size. Bring them to it with --resize "
          + "\(first.size.width)x\(first.size.height).")
    }
    first = first ?? (name, size)
    names.append(name)
    elements += resized(levels, from: stored, to: size).map { Scalar($0) }
  }
  guard let first else {
    throw MatrixFileError(
      "the folder holds neither pictures (PNG or PGM) nor matrix.mtx with its tables.")
  }
  var notes = ["The folder holds \(counted(names.count, "picture")) of \(first.size) pixels."]
  if let size = options.resize { notes.append("The pictures were brought to \(size) pixels.") }
  if scaled > 0 {
    notes.append("The grey levels of \(counted(scaled, "picture")) were scaled to 0 to 255.")
  }
  if !ignored.isEmpty {
    let list = ignored.prefix(5).joined(separator: ", ") + (ignored.count > 5 ? ", …" : "")
    notes.append(
      "\(counted(ignored.count, "file that is no picture was", "files that are no pictures were")) "
        + "ignored: \(list).")
  }
  let matrix = try DenseMatrix(rows: names.count, columns: first.size.count, elements: elements)
  let table = LabeledMatrix(.dense(matrix), rowNames: names, imageSize: first.size)
  return MatrixFile(
    table: table, path: path, format: .images, notes: notes, storedType: "grey levels")
}

/// The grey levels of a picture file from 0 to 255, its size, and its own white level.
private func greyLevels(
  _ bytes: [UInt8], path: String
) throws -> (levels: [Double], size: ImageSize, white: Int) {
  do {
    if bytes.first == UInt8(ascii: "P") {
      let picture = try decodePGM(bytes)
      let scale = 255 / Double(picture.white)
      let levels = picture.levels.map { picture.white == 255 ? Double($0) : Double($0) * scale }
      return (levels, ImageSize(width: picture.width, height: picture.height), picture.white)
    }
    let picture = try PNGCodec.decode(bytes, channels: .grey)
    let size = ImageSize(width: picture.width, height: picture.height)
    return (picture.pixels.map { Double($0) }, size, 255)
  } catch let error as PictureError {
    throw MatrixFileError(error.description, path: path)
  }
}
