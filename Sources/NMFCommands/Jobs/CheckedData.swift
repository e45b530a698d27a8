internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO

/// A data file as it was read, and what an inspection found in it.
struct CheckedData<Scalar: MatrixScalar> {
  /// The file.
  let file: MatrixFile<Scalar>
  /// What it holds.
  let inspection: Inspection
  /// Finds words for the findings.
  let words: FindingSentences<Scalar>

  /// Reads and inspects a file.
  ///
  /// - Throws: `MatrixFileError` when it cannot be read.
  init(path: String, reading: ReadOptions) throws {
    file = try readMatrix(path, options: reading, as: Scalar.self)
    inspection = inspect(file.table, threads: reading.threads)
    words = FindingSentences(table: file.table, isTransposed: reading.transpose)
  }

  /// Refuses data that no fit accepts.
  ///
  /// - Throws: `CommandFailure` with the place and the way out.
  func requireFittable() throws {
    guard let worst = inspection.findings.first, worst.severity == .error else { return }
    throw CommandFailure("\(file.path): \(words.sentence(for: worst))")
  }

  /// Refuses a rank that is impossible for data of this shape.
  ///
  /// - Throws: `CommandFailure` with what is possible.
  func requireRank(_ rank: Int) throws {
    guard (1...max(1, inspection.largestRank)).contains(rank) else {
      throw CommandFailure(
        "\(file.path): " + rankSentence(rank, largest: inspection.largestRank))
    }
    // A solver holds about four copies of both factors beside them and their Gram matrices.
    let sides = Double(inspection.shape.rows) + Double(inspection.shape.columns)
    let numbers = Double(rank) * (5 * sides + 4 * Double(rank))
    let needed = numbers * Double(MemoryLayout<Scalar>.size)
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard needed <= available else {
      throw CommandFailure(
        "\(file.path): a fit with -r \(groupedCount(rank)) needs about \(gigabytes(needed)) of memory "
          + "for its factors, and this machine has \(gigabytes(available)); ask for fewer parts.")
    }
  }

  /// What a person should know before a fit with these options, a sentence each.
  func warnings(for options: FitOptions) -> [String] {
    var sentences: [String] = []
    if options.rank > inspection.trivialRank {
      sentences.append(
        "-r \(options.rank) is more than \(groupedCount(inspection.trivialRank)), the smaller side "
          + "of the matrix, with which any matrix can be fitted exactly.")
    }
    for finding in inspection.findings where finding.severity == .warning {
      // The margins of pictures are empty as a rule.
      if case .zeroColumns = finding, file.table.imageSize != nil { continue }
      sentences.append(words.sentence(for: finding))
    }
    return sentences
  }

  /// What is worth knowing with these options, a sentence each.
  func remarks(for options: FitOptions) -> [String] {
    inspection.findings.filter { finding in
      switch finding {
      case .nonIntegers: options.loss == .poisson
      case .unequalScales: options.loss == .frobenius
      case .constantColumns, .duplicateRows: file.table.imageSize == nil
      default: false
      }
    }.map(words.sentence)
  }

  /// What a manifest says about the data.
  func description(transposed: Bool) -> DataDescription {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    let isFile = attributes?[.type] as? FileAttributeType == .typeRegular
    return DataDescription(
      path: file.path, format: file.format.rawValue,
      bytes: isFile ? (attributes?[.size] as? NSNumber)?.intValue : nil, transposed: transposed,
      storage: inspection.isSparse ? "sparse" : "dense", storedEntries: inspection.storedCount,
      nonzeroEntries: inspection.nonzeroCount,
      storedType: file.storedType, precision: Scalar.precisionName,
      fingerprint: file.table.matrix.fingerprint)
  }
}
