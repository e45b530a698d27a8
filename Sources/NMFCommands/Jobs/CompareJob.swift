internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// Methods side by side: read, look, fit, measure, write.
struct CompareJob {
  var path: String
  var reading = ReadOptions()
  var options: ComparisonOptions
  /// Rows to show, counted from 1; empty for three of them.
  var shownRows: [Int] = []
  var labelsPath: String?
  var outputPath: String
  var replacesOutput = false
  var verbosity = Verbosity()
  var command: String
  var console: Console

  /// Does the job; Ctrl-C ends it at once, and nothing is written.
  ///
  /// - Throws: An error with one sentence for a person.
  func run() throws {
    let interruption = Interruption(console: console)
    try interruption.watchingSignals {
      let output = try OutputFolder(outputPath, force: replacesOutput)
      let unfinished = output.path(for: "")
      interruption.onAbort { try? FileManager.default.removeItem(atPath: unfinished) }
      defer { interruption.onAbort(nil) }
      do {
        try run(into: output)
      } catch {
        output.discard()
        throw error
      }
    }
  }

  private func run(into output: OutputFolder) throws {
    let data = try CheckedData<Double>(path: path, reading: reading)
    try data.requireFittable()
    let table = data.file.table
    // NMF accepts more parts than the others; the rank is judged by the most that any can give.
    try data.requireRank(options.fit.rank)
    let rows = try rowsToShow(of: table.matrix.rows)
    var options = options
    options.imageSize = table.imageSize
    if let labelsPath {
      options.labels = try readLabels(
        labelsPath, rowNames: table.rowNames, rows: table.matrix.rows)
    }
    if !verbosity.isQuiet {
      for note in data.file.notes { console.note("\(path): \(note)") }
    }
    let comparison = try compare(table.matrix, options: options)
    var context = ReportContext(
      title: URL(fileURLWithPath: path).lastPathComponent, dataPath: path, data: table)
    context.command = command
    context.version = programVersion
    context.date = Date.now.formatted(.iso8601)
    context.notes = data.file.notes
    let originals = rows.map { row in
      (row: row, values: (0..<table.matrix.columns).map { table.matrix[row, $0] })
    }
    let results = CompareResults(
      comparison: comparison, context: context, originals: originals)
    try results.write(to: output)
    try output.commit()
    finish(results)
  }

  private func compare(
    _ x: DataMatrix<Double>, options: ComparisonOptions
  ) throws -> Comparison {
    var line = ProgressLine(console: console, isQuiet: verbosity.isQuiet)
    defer { line.finish() }
    do {
      return try NMF.compare(x, options: options) { line.show([$0]) }
    } catch let error as FitError {
      throw CommandFailure("\(path): \(sentence(for: error))")
    }
  }

  private func rowsToShow(of count: Int) throws -> [Int] {
    guard shownRows.isEmpty else {
      for row in shownRows where !(1...max(1, count)).contains(row) {
        throw CommandFailure(
          "--show \(row): \(path) has rows 1 to \(groupedCount(count)); name rows among them.")
      }
      return shownRows.map { $0 - 1 }
    }
    var rows: [Int] = []
    for row in [count / 6, count / 2, count * 5 / 6] where !rows.contains(row) { rows.append(row) }
    return rows
  }

  private func finish(_ results: CompareResults) {
    if verbosity.printsJSON {
      console.print(results.json.trimmingLineEnd)
      return
    }
    guard !verbosity.isQuiet else { return }
    for result in results.comparison.results {
      if let reason = result.failure {
        console.warn("\(result.method.title) could not be fitted: \(reason)")
      }
      for note in result.notes { console.warn(note) }
    }
    let sentences = ComparisonSentences(results.comparison).sentences
    let lines =
      [results.textTable, ""] + sentences
      + [
        "", "Results       \(outputPath)", "Open          \(outputPath)/\(CompareResults.pageName)",
      ]
    console.print(lines.joined(separator: "\n").replacing("\u{A0}", with: " "))
  }
}
