public import Matrices

/// The formats a matrix can be read from.
public enum MatrixFileFormat: String, CaseIterable, Sendable {
  /// Text separated by commas (or semicolons), RFC 4180.
  case csv
  /// Text separated by tabs.
  case tsv
  /// Text separated by spaces or tabs.
  case text
  /// A NumPy array.
  case npy
  /// An archive of NumPy arrays, or a sparse matrix saved by SciPy.
  case npz
  /// A Matrix Market file.
  case mtx
  /// A folder of single-cell counts as 10x Genomics writes it.
  case tenx = "10x"
  /// A folder of PNG or PGM pictures.
  case images
}

/// How a matrix file is to be read; what is nil is detected.
public struct ReadOptions: Sendable {
  /// The format; by default found from the content, then from the file's ending.
  public var format: MatrixFileFormat?
  /// Whether the first line of a text table holds column names.
  public var header: Bool?
  /// Whether the first column of a text table holds row names.
  public var rowNames: Bool?
  /// Whether rows and columns are exchanged after reading.
  public var transpose = false
  /// A file with a name for each row, one a line; it replaces the names that the data have.
  public var observationNames: String?
  /// A file with a name for each column, one a line; it replaces the names that the data have.
  public var featureNames: String?
  /// The size of the picture that each row is.
  public var imageSize: ImageSize?
  /// The size to which the pictures of a folder are brought.
  public var resize: ImageSize?
  /// How many threads parse text; by default one a processor.
  public var threads: Int?

  /// Creates options that leave everything to detection.
  public init() {}
}

/// A matrix with where it came from and what was noticed on the way.
public struct MatrixFile<Scalar: MatrixScalar>: Sendable {
  /// The matrix with its names.
  public var table: LabeledMatrix<Scalar>
  /// The path that was read.
  public var path: String
  /// The format that was found or asked for.
  public var format: MatrixFileFormat
  /// What was detected, a sentence each.
  public var notes: [String]
  /// How the file stores its numbers: `integer`, `float32`, `text numbers`.
  public var storedType: String

  /// Notes how many names had come before.
  fileprivate mutating func note(_ changed: Int, _ side: String) {
    guard changed > 0 else { return }
    notes.append(
      "\(counted(changed, "\(side) name")) that came before got the endings -1, -2 and so on.")
  }
}

/// Reads a matrix from a file, a folder, or standard input (`-`).
///
/// Missing entries become NaN. Sparse formats stay sparse. A dense text file needs little more memory
/// than its matrix; `transpose` needs a second matrix for a moment.
///
/// - Parameters:
///   - path: A file, a folder of pictures or of 10x Genomics counts, or `-`.
///   - options: What is not to be detected.
///   - type: The precision of the matrix; numbers are rounded to it once, exactly.
/// - Returns: The matrix, names and notes.
/// - Throws: `MatrixFileError`, which names the place in the file and the way out.
/// - Complexity: O(bytes of the file).
public func readMatrix<Scalar: MatrixScalar>(
  _ path: String, options: ReadOptions = ReadOptions(), as type: Scalar.Type = Double.self
) throws -> MatrixFile<Scalar> {
  do {
    var file = try readAsStored(path, options: options, as: type)
    if options.transpose {
      file.table = file.table.transposed()
      file.notes.append("Rows and columns were exchanged.")
    }
    if let names = options.observationNames {
      let (rows, changed) = try readNames(names, count: file.table.matrix.rows, side: "row")
      file.table.rowNames = rows
      file.note(changed, "row")
    }
    if let names = options.featureNames {
      let (columns, changed) = try readNames(
        names, count: file.table.matrix.columns, side: "column")
      file.table.columnNames = columns
      file.note(changed, "column")
    }
    if let size = options.imageSize {
      guard size.count == file.table.matrix.columns else {
        throw MatrixFileError(
          "pictures of \(size) pixels need \(size.count) columns, but the matrix has "
            + "\(file.table.matrix.columns). Give the size as --image WIDTHxHEIGHT, or --transpose "
            + "if each column is a picture.")
      }
      file.table.imageSize = size
    }
    return file
  } catch var error as MatrixFileError {
    if error.path.isEmpty { error.path = path }
    throw error
  } catch let error as PictureError {
    throw MatrixFileError(error.description, path: path)
  }
}

private func readAsStored<Scalar: MatrixScalar>(
  _ path: String, options: ReadOptions, as type: Scalar.Type
) throws -> MatrixFile<Scalar> {
  if path != "-", isDirectory(path) {
    return try readFolder(path, options: options, as: type)
  }
  let input = try FileInput(path: path)
  let format = try options.format ?? detectFormat(of: input, path: path)
  if options.resize != nil {
    throw MatrixFileError("--resize applies to a folder of pictures, and this is a file.")
  }
  switch format {
  case nil, .csv, .tsv, .text:
    return try readDelimitedText(input, path: path, options: options, as: type)
  case .npy: return try readNPYFile(input, path: path, as: type)
  case .npz: return try readNPZFile(input, path: path, as: type)
  case .mtx: return try readMatrixMarketFile(input, path: path, as: type)
  case .tenx:
    throw MatrixFileError(
      "10x data is a folder with matrix.mtx, features.tsv and barcodes.tsv. Give the folder.")
  case .images:
    throw MatrixFileError(
      "this is one picture, and a data matrix needs many. Give the folder that holds them.")
  }
}
