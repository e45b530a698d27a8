internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// The files of a results folder.
struct FitResults<Scalar: MatrixScalar> {
  let model: NMFModel<Scalar>
  let manifest: ModelManifest
  let context: ReportContext

  /// The page to open.
  static var pageName: String { "report.html" }

  /// Writes all files into a folder that is not yet in its place.
  func write(to output: OutputFolder) throws {
    let components = componentNames(model.rank)
    try output.write("memberships.csv") { path in
      try writeCSV(
        model.w, rowNames: manifest.rowNames, columnNames: components, corner: "observation",
        to: path)
    }
    try output.write("parts.csv") { path in
      try writeCSV(
        model.h, rowNames: components, columnNames: manifest.columnNames, corner: "part", to: path)
    }
    try output.write("memberships.npy") { try writeNPY(model.w, to: $0) }
    try output.write("parts.npy") { try writeNPY(model.h, to: $0) }
    if let size = manifest.imageSize {
      let montage = Montage(parts: model.h, imageSize: size)
      try output.write("parts.png", bytes: PNGCodec.encode(montage.picture()))
    }
    try output.write(Self.pageName, text: Report(model, context: context).html())
    try output.write(ModelManifest.fileName, text: manifest.json())
  }
}

/// How components are named in tables: `part1`, `part2`, …
func componentNames(_ rank: Int) -> [String] {
  (1...max(1, rank)).map { "part\($0)" }
}

extension ModelManifest {
  /// What the report and the summary are told about the data.
  func reportContext(nonzeroCount: Int?) -> ReportContext {
    var context = ReportContext(
      title: URL(fileURLWithPath: data.path).lastPathComponent, dataPath: data.path,
      shape: Shape(rows, columns))
    context.rowNames = rowNames
    context.columnNames = columnNames
    context.imageSize = imageSize
    context.isSparse = data.storage == "sparse"
    context.nonzeroCount = nonzeroCount
    context.precision = data.precision
    context.command = command
    context.version = version
    context.date = created
    context.notes = notes
    return context
  }
}
