internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO

/// Memberships of new observations, with the parts of a model held fixed.
struct TransformJob {
  var modelPath: String
  var dataPath: String
  var reading = ReadOptions()
  var threads: Int?
  /// A `.csv` or `.npy` file; nil prints CSV.
  var outputPath: String?
  var replacesOutput = false
  var console: Console

  /// Does the job.
  ///
  /// - Throws: An error with one sentence for a person.
  func run() throws {
    let output = try outputPath.map { try TableFile(path: $0, replacing: replacesOutput) }
    let folder = try ModelFolder(path: modelPath)
    if folder.manifest.data.precision == Float.precisionName {
      try run(folder, output, as: Float.self)
    } else {
      try run(folder, output, as: Double.self)
    }
  }

  private func run<Scalar: MatrixScalar>(
    _ folder: ModelFolder, _ output: TableFile?, as type: Scalar.Type
  ) throws {
    let model = try folder.model(as: type)
    let data = try CheckedData<Scalar>(path: dataPath, reading: reading)
    try requireSameFeatures(data, folder.manifest)
    try data.requireFittable()
    let memberships = try model.transform(data.file.table.matrix, threads: threads)
    let table = LabeledMatrix(
      .dense(memberships), rowNames: data.file.table.rowNames,
      columnNames: componentNames(model.rank))
    if let output {
      try output.write(table, corner: "observation")
      console.note("wrote \(output.path)")
    } else {
      let scratch = FileManager.default.temporaryDirectory
        .appendingPathComponent("nnmf-\(UUID().uuidString).csv")
      defer { try? FileManager.default.removeItem(at: scratch) }
      try TableFile(path: scratch.path, replacing: false).write(table, corner: "observation")
      console.print(try String(contentsOf: scratch, encoding: .utf8).trimmingLineEnd)
    }
  }

  private func requireSameFeatures<Scalar: MatrixScalar>(
    _ data: CheckedData<Scalar>, _ manifest: ModelManifest
  ) throws {
    let table = data.file.table
    guard table.matrix.columns == manifest.columns else {
      let hint =
        table.matrix.rows == manifest.columns ? "; --transpose exchanges rows and columns" : ""
      throw CommandFailure(
        "\(dataPath) has \(counted(table.matrix.columns, "column")), but the model in \(modelPath) "
          + "has \(counted(manifest.columns, "feature"))\(hint).")
    }
    guard let expected = manifest.columnNames, let found = table.columnNames,
      let column = expected.indices.first(where: { expected[$0] != found[$0] })
    else { return }
    throw CommandFailure(
      "\(dataPath): column \(column + 1) is named \(found[column]), but the model in \(modelPath) "
        + "has \(expected[column]) there; put the columns into the order of the model.")
  }
}
