internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport
internal import Synchronization

/// How unique a factorisation is: read, fit from many starts, examine, write.
struct UniqueJob {
  /// The results folder of a fit to examine; nil to examine the best start.
  var modelPath: String?
  var path: String
  var reading = ReadOptions()
  var options: UniquenessOptions
  /// Whether a model that had not converged is fitted to its end.
  var refits = false
  var outputPath: String
  var replacesOutput = false
  var verbosity = Verbosity()
  var command: String
  var console: Console

  /// Does the job.
  ///
  /// - Returns: The exit status.
  /// - Throws: An error with one sentence for a person.
  func run() throws -> Int32 {
    let interruption = Interruption(console: console)
    return try interruption.watchingSignals { try run(interruption) }
  }

  private func run(_ interruption: Interruption) throws -> Int32 {
    let folder = try modelPath.map { try ModelFolder(path: $0) }
    if folder == nil, isResultsFolder(path) {
      throw CommandFailure(
        "\(path) is the results folder of a fit; name its data too: nnmf unique \(path) DATA.")
    }
    if folder == nil, options.fit.rank < 1 {
      throw CommandFailure(rankSentence(options.fit.rank, largest: 0))
    }
    let output = try OutputFolder(outputPath, force: replacesOutput)
    let unfinished = output.path(for: "")
    interruption.onAbort { try? FileManager.default.removeItem(atPath: unfinished) }
    defer { interruption.onAbort(nil) }
    do {
      let data = try CheckedData<Double>(path: path, reading: reading)
      try data.requireFittable()
      var options = options
      var model: NMFModel<Double>?
      if let folder {
        try requireSameData(folder, data)
        let found = try folder.model(as: Double.self)
        try requireConverged(found, folder)
        options.fit.rank = found.rank
        options.fit.loss = found.options.loss
        options.fit.solver = found.options.solver
        model = found
      }
      try data.requireRank(options.fit.rank)
      let result = try examine(data, options, model, interruption)
      let results = UniqueResults(
        result: result, options: options,
        context: context(data, imageSize: folder?.manifest.imageSize), data: data.file.table,
        fingerprint: data.file.table.matrix.fingerprint, modelPath: modelPath)
      try results.write(to: output)
      try output.commit()
      finish(results)
      return interruption.isRequested ? interruption.exitStatus : 0
    } catch {
      output.discard()
      throw error
    }
  }

  private func examine(
    _ data: CheckedData<Double>, _ options: UniquenessOptions, _ model: NMFModel<Double>?,
    _ interruption: Interruption
  ) throws -> Uniqueness<Double> {
    let line = Mutex(ProgressLine(console: console, isQuiet: verbosity.isQuiet))
    defer { line.withLock { $0.finish() } }
    do {
      return try interruption.whileFitting {
        try examineUniqueness(data.file.table.matrix, options: options, given: model) { progress in
          line.withLock { line in
            switch progress {
            case .starts(let done, let count): line.show(["start \(done) of \(count)"])
            case .stage(let name): line.show([name])
            }
          }
          return interruption.isRequested ? .stop : .proceed
        }
      }
    } catch let error as FitError {
      throw CommandFailure("\(path): \(sentence(for: error))")
    }
  }

  private func context(_ data: CheckedData<Double>, imageSize: ImageSize?) -> ReportContext {
    var context = ReportContext(
      title: URL(fileURLWithPath: path).lastPathComponent, dataPath: path, data: data.file.table)
    context.imageSize = context.imageSize ?? imageSize
    context.command = command
    context.version = programVersion
    context.date = Date.now.formatted(.iso8601)
    context.notes = data.file.notes
    return context
  }

  private func isResultsFolder(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + ModelManifest.fileName)
  }

  /// Refuses data that the model was not fitted to.
  private func requireSameData(_ folder: ModelFolder, _ data: CheckedData<Double>) throws {
    let manifest = folder.manifest
    let found = data.file.table.matrix.shape
    let wanted = Shape(manifest.rows, manifest.columns)
    guard found == wanted else {
      let hint = Shape(found.columns, found.rows) == wanted ? "; --transpose exchanges them" : ""
      throw CommandFailure(
        "\(path) is \(found), but the model in \(folder.path) was fitted to data of "
          + "\(wanted)\(hint).")
    }
    guard let expected = manifest.data.fingerprint,
      expected != data.file.table.matrix.fingerprint
    else { return }
    // A fit in single precision has read the numbers as such.
    if manifest.data.precision == Float.precisionName {
      let single = try readMatrix(path, options: reading, as: Float.self).table.matrix
      if single.fingerprint == expected { return }
    }
    throw CommandFailure(
      "\(path) has the shape of the data that the model in \(folder.path) was fitted to, but other "
        + "numbers in it: name the data of the fit, or fit these with nnmf unique \(path) "
        + "-r \(manifest.options.rank).")
  }

  private func requireConverged(_ model: NMFModel<Double>, _ folder: ModelFolder) throws {
    let reason = model.report.stopReason
    guard reason != .converged, reason != .precisionLimit, !refits else { return }
    let cause =
      switch reason {
      case .iterationLimit: "its limit of \(model.report.iterations) iterations"
      case .timeLimit: "its time limit"
      case .converged, .precisionLimit, .stopped, .dropped: "a signal"
      }
    throw CommandFailure(
      "the fit in \(folder.path) had not converged when \(cause) stopped it, so how far its parts "
        + "could move would mean nothing: --refit goes on with it to the end.")
  }

  private func finish(_ results: UniqueResults) {
    if verbosity.printsJSON {
      console.print(results.json.trimmingLineEnd)
      return
    }
    guard !verbosity.isQuiet else { return }
    let sentences = UniquenessSentences(results.result)
    let lines =
      [sentences.answer] + sentences.evidence.map { "  " + $0 }
      + ["Results       \(outputPath)", "Open          \(outputPath)/\(UniqueResults.pageName)"]
    console.print(lines.joined(separator: "\n").replacing("\u{A0}", with: " "))
  }
}
