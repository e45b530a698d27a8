import Foundation
import Matrices
import NMF
import NMFIO
import Testing
import _NMFTestSupport

/// Published figures, on data that are there only beside a checkout with the shared data.
@Suite struct KnownAnswers {
  static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/data")

  static func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: shared.appendingPathComponent(name).path)
  }

  /// The first 200 genes in the order of Brunet et al. (2004), by 38 samples.
  static func golub() throws -> DataMatrix<Double> {
    let table = try readMatrix(shared.appendingPathComponent("golub/golub.csv").path).table
    let list = try #require(
      Bundle.module.url(forResource: "Fixtures/golub-first-200-genes", withExtension: "txt"))
    let genes = try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(
      String.init)
    let names = try #require(table.columnNames)
    let columns = genes.compactMap { names.firstIndex(of: $0) }
    #expect(columns.count == 200)
    var x = DenseMatrix<Double>(rows: table.matrix.rows, columns: columns.count)
    for i in 0..<x.rows {
      for (j, column) in columns.enumerated() { x[i, j] = table.matrix[i, column] }
    }
    return .dense(x)
  }

  /// The R package NMF's vignette prints 543 535.7 for `brunet`; the optimum is just below.
  @Test(.enabled(if: has("golub/golub.csv")), arguments: 1...5)
  func `leukaemia, 200 genes, Poisson: the optimum of the literature`(_ seed: UInt64) throws {
    var options = FitOptions(rank: 3)
    options.initialization = .random
    options.seed = seed
    options.tolerance = 1e-8
    let model = try fit(Self.golub(), options: options)
    #expect(abs(model.report.objective - 543_534.98993) < 1e-3)
  }

  /// The R package NMF's vignette prints 673 513 120.5 for `lee`; the optimum is below.
  @Test(.enabled(if: has("golub/golub.csv")))
  func `leukaemia, 200 genes, least squares: the best of five starts`() throws {
    var options = FitOptions(rank: 3, loss: .frobenius)
    options.initialization = .random
    options.restarts = 5
    options.tolerance = 1e-8
    let model = try fit(Self.golub(), options: options)
    #expect(abs(model.report.objective / 673_453_258.28 - 1) < 1e-6)
    #expect(model.report.restarts.count == 5)
  }

  @Test(.enabled(if: has("faces-olivetti/faces-olivetti.npy")))
  func `faces at rank 40: relative error within 200 iterations`() throws {
    let file = shared("faces-olivetti/faces-olivetti.npy")
    let x = try readMatrix(file, as: Float.self).table.matrix
    var options = FitOptions(rank: 40, loss: .frobenius)
    options.initialization = .random
    options.maxIterations = 200
    let report = try fit(x, options: options).report
    #expect((report.objective / report.nullObjective).squareRoot() <= 0.0983)
  }

  private func shared(_ name: String) -> String { Self.shared.appendingPathComponent(name).path }

  /// Donoho & Stodden's swimmer: exact at 17 parts from every start, at 16 from some.
  @Test(arguments: 1...6)
  func `swimmer at rank 17 is factorised exactly`(_ seed: UInt64) throws {
    #expect(try Self.swimmerError(rank: 17, seed: seed) < 1e-6)
  }

  @Test func `swimmer at rank 16 is factorised exactly from one of ten starts`() throws {
    let errors = try (1...10).map { try Self.swimmerError(rank: 16, seed: $0) }
    #expect(errors.contains { $0 < 1e-6 })
  }

  static func swimmerError(rank: Int, seed: UInt64) throws -> Double {
    let x = try ShippedData.swimmer.load().matrix
    var options = FitOptions(rank: rank, loss: .frobenius)
    options.initialization = .random
    options.seed = seed
    let report = try fit(x, options: options).report
    return (report.objective / report.nullObjective).squareRoot()
  }
}
