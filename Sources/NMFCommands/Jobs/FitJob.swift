internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// The main job: read, look, fit, write.
struct FitJob {
  private let request: FitRequest
  private let console: Console
  private let interruption: Interruption

  init(request: FitRequest, console: Console, interruption: Interruption? = nil) {
    self.request = request
    self.console = console
    self.interruption = interruption ?? Interruption(console: console)
  }

  /// Does the job.
  ///
  /// Either the complete folder is there afterwards, or nothing has changed.
  ///
  /// - Throws: An error with one sentence for a person.
  func run() throws -> FitOutcome {
    try interruption.watchingSignals {
      switch request.precision {
      case .single: try run(as: Float.self)
      case .double: try run(as: Double.self)
      }
    }
  }

  private func run<Scalar: MatrixScalar>(as type: Scalar.Type) throws -> FitOutcome {
    if request.options.rank < 1, !request.findsRank {
      throw CommandFailure(rankSentence(request.options.rank, largest: 0))
    }
    // A place where nothing can be written is better known before the fit than after it.
    if let path = request.tracePath { try requireWritable(path) }
    let output = try OutputFolder(request.outputPath, force: request.replacesOutput)
    let unfinished = output.path(for: "")
    interruption.onAbort { try? FileManager.default.removeItem(atPath: unfinished) }
    defer { interruption.onAbort(nil) }
    do {
      let data = try CheckedData<Scalar>(path: request.path, reading: request.reading)
      try data.requireFittable()
      var options = request.options
      if request.findsRank { options.rank = try findRank(data) }
      try data.requireRank(options.rank)
      let warnings = data.warnings(for: options)
      tell(notes: data.file.notes, warnings: warnings)
      let model = try fitModel(data, options)
      let manifest = manifest(of: model, data: data, warnings: warnings)
      var context = manifest.reportContext(nonzeroCount: data.inspection.nonzeroCount)
      try FitResults(model: model, manifest: manifest, context: context).write(to: output)
      if let path = request.tracePath { try writeTrace(model.report.history, to: path) }
      try output.commit()
      context.resultsFolder = request.outputPath
      context.reportPath = request.outputPath + "/" + FitResults<Scalar>.pageName
      finish(manifest: manifest, summary: summary(model, context))
      return FitOutcome(
        folder: request.outputPath, manifest: manifest,
        exitStatus: interruption.isRequested ? interruption.exitStatus : 0)
    } catch {
      output.discard()
      throw error
    }
  }

  private func fitModel<Scalar: MatrixScalar>(
    _ data: CheckedData<Scalar>, _ options: FitOptions
  ) throws -> NMFModel<Scalar> {
    let start = try request.startFiles.map { files in
      (w: try readFactor(files.w, as: Scalar.self), h: try readFactor(files.h, as: Scalar.self))
    }
    var line = ProgressLine(console: console, isQuiet: request.verbosity.isQuiet)
    defer { line.finish() }
    do {
      return try interruption.whileFitting {
        try fit(data.file.table.matrix, options: options, start: start) { progress in
          line.show(progress)
          return interruption.isRequested ? .stop : .proceed
        }
      }
    } catch let error as FitError {
      throw CommandFailure("\(request.path): \(sentence(for: error))")
    }
  }

  /// The rank that a scan of these data found: one in this folder, or one made now.
  private func findRank<Scalar: MatrixScalar>(_ data: CheckedData<Scalar>) throws -> Int {
    let x = data.file.table.matrix.converted(to: Double.self)
    let folder = defaultOutputName(for: request.path, ending: ".rank")
    if let answer = RankAnswer(folder: folder), answer.loss == request.options.loss,
      answer.fingerprint == x.fingerprint
    {
      tell(notes: ["-r auto takes \(answer.rank), the answer in \(folder)"], warnings: [])
      return answer.rank
    }
    var options = RankScanOptions(loss: request.options.loss)
    options.fit.seed = request.options.seed
    options.fit.threads = request.options.threads
    // Stability is evidence for a person; the answer comes from prediction alone.
    options.restarts = 0
    options.bootstraps = 0
    let scan = try scanWithProgress(
      x, options: options, path: request.path, console: console,
      isQuiet: request.verbosity.isQuiet, interruption: interruption)
    guard let verdict = RankVerdict(scan), !interruption.isRequested else {
      throw CommandFailure("stopped before the rank was found; nothing was written.")
    }
    tell(
      notes: [
        "-r auto takes \(verdict.rank) (plausible: "
          + "\(verdict.plausible.map(String.init).joined(separator: ", "))); "
          + "nnmf rank shows the evidence"
      ], warnings: [])
    return verdict.rank
  }

  private func readFactor<Scalar: MatrixScalar>(
    _ path: String, as type: Scalar.Type
  ) throws -> DenseMatrix<Scalar> {
    switch try readMatrix(path, options: ReadOptions(), as: type).table.matrix {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.dense()
    }
  }

  private func manifest<Scalar: MatrixScalar>(
    of model: NMFModel<Scalar>, data: CheckedData<Scalar>, warnings: [String]
  ) -> ModelManifest {
    ModelManifest(
      command: request.command,
      created: Date.now.formatted(.iso8601),
      data: data.description(transposed: request.reading.transpose),
      rows: data.inspection.shape.rows,
      columns: data.inspection.shape.columns,
      options: model.options,
      startFiles: request.startFiles,
      report: model.report,
      imageSize: data.file.table.imageSize,
      notes: data.file.notes + warnings + data.remarks(for: request.options),
      rowNames: data.file.table.rowNames,
      columnNames: data.file.table.columnNames)
  }

  private func tell(notes: [String], warnings: [String]) {
    guard !request.verbosity.isQuiet else { return }
    for note in notes { console.note("\(request.path): \(note)") }
    for warning in warnings { console.warn("\(request.path): \(warning)") }
  }

  private func finish(manifest: ModelManifest, summary: String) {
    if request.verbosity.printsJSON {
      console.print(manifest.json(.brief).trimmingLineEnd)
    } else if !request.verbosity.isQuiet {
      console.print(summary)
    }
    if interruption.isRequested {
      let report = manifest.report
      console.note(
        report.converged
          ? "stopped during start \(report.restarts.count) of \(request.options.restarts); "
            + "the best so far is in \(request.outputPath)"
          : "stopped before it converged; what there was is in \(request.outputPath)")
    }
  }

  private func requireWritable(_ path: String) throws {
    if isFolder(path) {
      throw CommandFailure("\(path) is a folder, so --trace cannot write there.")
    }
    try requireWritableFolder(of: path)
  }

  private func writeTrace(_ history: [HistoryEntry], to path: String) throws {
    var text = "iteration,seconds,objective,kktResidual\n"
    for entry in history {
      let residual = entry.kktResidual.map { "\($0)" } ?? ""
      text += "\(entry.iteration),\(entry.seconds),\(entry.objective),\(residual)\n"
    }
    try replaceFile(path, text: text)
  }
}

extension String {
  /// The text without a line feed at its end.
  var trimmingLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
