internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// A results folder that a fit has written.
struct ModelFolder {
  let path: String
  let manifest: ModelManifest

  /// Reads `model.json`.
  ///
  /// - Throws: `CommandFailure` when it is missing or cannot be understood.
  init(path: String) throws {
    self.path = path
    let url = URL(fileURLWithPath: path).appendingPathComponent(ModelManifest.fileName)
    guard let data = try? Data(contentsOf: url) else {
      throw CommandFailure(
        "\(path) is not a results folder of nnmf fit: it has no readable \(ModelManifest.fileName)."
      )
    }
    do {
      manifest = try JSONDecoder().decode(ModelManifest.self, from: data)
    } catch {
      throw CommandFailure(
        "\(path)/\(ModelManifest.fileName) cannot be understood: it is damaged, "
          + "or another version of nnmf wrote it.")
    }
  }

  /// The model with its factors.
  ///
  /// - Throws: `CommandFailure` when the factors do not fit the manifest.
  func model<Scalar: MatrixScalar>(as type: Scalar.Type) throws -> NMFModel<Scalar> {
    let w: DenseMatrix<Scalar> = try factor("memberships.npy")
    let h: DenseMatrix<Scalar> = try factor("parts.npy")
    let rank = manifest.options.rank
    guard w.shape == Shape(manifest.rows, rank), h.shape == Shape(rank, manifest.columns) else {
      throw CommandFailure(
        "\(path): the factors are \(w.shape) and \(h.shape), but model.json speaks of "
          + "\(Shape(manifest.rows, rank)) and \(Shape(rank, manifest.columns)).")
    }
    return NMFModel(restoringW: w, h: h, options: manifest.options, report: manifest.report)
  }

  /// The summary that the fit ended with.
  func summary() throws -> String {
    var context = manifest.reportContext(nonzeroCount: manifest.data.nonzeroEntries)
    context.resultsFolder = path
    context.reportPath = path + "/" + FitResults<Double>.pageName
    return manifest.data.precision == Float.precisionName
      ? NMFReport.summary(try model(as: Float.self), context)
      : NMFReport.summary(try model(as: Double.self), context)
  }

  private func factor<Scalar: MatrixScalar>(_ name: String) throws -> DenseMatrix<Scalar> {
    let file = try readMatrix("\(path)/\(name)", options: ReadOptions(), as: Scalar.self)
    return switch file.table.matrix {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.dense()
    }
  }
}
