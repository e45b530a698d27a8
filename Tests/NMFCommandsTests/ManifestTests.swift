import Foundation
import Matrices
import NMF
import Testing

@testable import NMFCommands

@Suite struct ManifestTests {
  private func example() throws -> ModelManifest {
    let report = """
      {"stopReason": "iterationLimit", "iterations": 2, "seconds": 0.25, "objective": 1.5,
       "kktResidual": 0.1, "nullObjective": 6, "logLikelihood": -3.25,
       "history": [{"iteration": 1, "seconds": 0.1, "objective": 2.5},
                   {"iteration": 2, "seconds": 0.2, "objective": 1.5, "kktResidual": 0.1}],
       "restarts": [{"index": 0, "objective": 1.5, "iterations": 2, "stopReason": "iterationLimit"}]}
      """
    var options = FitOptions(rank: 2)
    options.seed = .max
    return ModelManifest(
      command: "nnmf fit 'a \"b\".csv' -r 2", created: "2026-01-01T00:00:00Z",
      data: DataDescription(
        path: "a \"b\".csv", format: "csv", bytes: 12, transposed: false, storage: "dense",
        storedEntries: 6, nonzeroEntries: 5, storedType: "text numbers", precision: "double"),
      rows: 2, columns: 3, options: options,
      startFiles: nil,
      report: try JSONDecoder().decode(FitReport.self, from: Data(report.utf8)),
      imageSize: ImageSize(width: 3, height: 1), notes: ["a note\nof two lines\t\u{1}"],
      rowNames: nil, columnNames: ["x", "ÿ", "z\\"])
  }

  @Test func `what is written is what is read`() throws {
    let manifest = try example()
    let text = manifest.json()
    #expect(try JSONDecoder().decode(ModelManifest.self, from: Data(text.utf8)) == manifest)
  }

  @Test func `the keys that scripts rely on come first, in a fixed order`() throws {
    let lines = try example().json().split(separator: "\n")
    let keys = lines.compactMap { line -> String? in
      guard line.hasPrefix("  \""), let end = line.dropFirst(3).firstIndex(of: "\"") else {
        return nil
      }
      return String(line.dropFirst(3)[..<end])
    }
    #expect(
      keys.prefix(11) == [
        "loss", "rank", "seed", "rows", "columns", "converged", "stopReason", "iterations",
        "seconds", "objective", "kktResidual",
      ])
    #expect(keys.last == "history")
  }

  @Test func `the brief form has neither history nor names`() throws {
    let text = try example().json(.brief)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["history"] == nil && object["columnNames"] == nil)
    #expect(object["objective"] as? Double == 1.5)
    #expect(object["deviance"] as? Double == 3)
    #expect(object["explained"] as? Double == 0.75)
    #expect(object["converged"] as? Bool == false)
  }

  @Test func `numbers keep all their digits and infinity is absent`() {
    #expect(JSONText.number(0.1 + 0.2).text == "0.30000000000000004\n")
    #expect(JSONText.number(.infinity).text == "null\n")
    #expect(JSONText.number(.leastNonzeroMagnitude).text == "5e-324\n")
  }
}
