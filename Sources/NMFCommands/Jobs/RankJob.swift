internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport
internal import Synchronization

/// How many parts: read, look, scan, write.
struct RankJob {
  var path: String
  var reading = ReadOptions()
  var options: RankScanOptions
  var outputPath: String
  var replacesOutput = false
  var resumes = false
  var verbosity = Verbosity()
  var command: String
  var console: Console

  /// What came of it.
  struct Outcome {
    var verdict: RankVerdict
    var exitStatus: Int32
  }

  /// Does the job.
  ///
  /// - Throws: An error with one sentence for a person.
  func run() throws -> Outcome {
    let interruption = Interruption(console: console)
    return try interruption.watchingSignals { try run(interruption) }
  }

  private func run(_ interruption: Interruption) throws -> Outcome {
    let output = try OutputFolder(outputPath, force: replacesOutput || resumes)
    let unfinished = output.path(for: "")
    interruption.onAbort { try? FileManager.default.removeItem(atPath: unfinished) }
    defer { interruption.onAbort(nil) }
    do {
      let data = try CheckedData<Double>(path: path, reading: reading)
      try data.requireFittable()
      let x = data.file.table.matrix
      let fingerprint = x.fingerprint
      let subject = RankJournal.Subject(fingerprint: fingerprint, options: options)
      let known = resumes ? try RankJournal.read(output: outputPath, subject: subject) : ([], [])
      let journal = try RankJournal(output: outputPath, subject: subject, known: known)
      let scan: RankScan
      do {
        scan = try self.scan(x, known: known, journal: journal, interruption: interruption)
      } catch {
        // A scan that could not begin has nothing to go on with.
        journal.remove()
        throw error
      }
      guard let verdict = RankVerdict(scan) else {
        throw CommandFailure(
          "the scan was ended before any rank had been looked at in every fold; "
            + "--resume goes on with what is in \(journal.path).")
      }
      var context = ReportContext(title: "", dataPath: path, shape: x.shape)
      context.title = URL(fileURLWithPath: path).lastPathComponent
      context.command = command
      context.version = programVersion
      context.date = Date.now.formatted(.iso8601)
      context.notes = data.file.notes
      let results = RankResults(
        scan: scan, verdict: verdict, context: context, fingerprint: fingerprint)
      try results.write(to: output)
      // Another run into the same folder may have taken the journal away; the results stand without.
      if let trials = try? journal.contents() {
        try output.write(RankJournal.fileName, text: trials)
      }
      try output.commit()
      journal.remove()
      finish(results)
      return Outcome(
        verdict: verdict, exitStatus: interruption.isRequested ? interruption.exitStatus : 0)
    } catch {
      output.discard()
      throw error
    }
  }

  private func scan(
    _ x: DataMatrix<Double>, known: (trials: [RankTrial], stability: [RankStability]),
    journal: RankJournal, interruption: Interruption
  ) throws -> RankScan {
    try scanWithProgress(
      x, options: options, path: path, console: console, isQuiet: verbosity.isQuiet,
      interruption: interruption, known: known, journal: journal)
  }

  private func finish(_ results: RankResults) {
    if verbosity.printsJSON {
      console.print(results.json.trimmingLineEnd)
      return
    }
    guard !verbosity.isQuiet else { return }
    let sentences = RankSentences(results.scan, results.verdict)
    let lines =
      [sentences.answer, sentences.range] + sentences.evidence.map { "  " + $0 }
      + sentences.cautions.map { "Note: " + $0 }
      + ["Results       \(outputPath)", "Open          \(outputPath)/\(RankResults.pageName)"]
    console.print(lines.joined(separator: "\n").replacing("\u{A0}", with: " "))
  }
}

/// Scans ranks with a bar on the terminal; Ctrl-C ends the scan with what there is.
///
/// - Throws: `CommandFailure` with the path of the data.
func scanWithProgress(
  _ x: DataMatrix<Double>, options: RankScanOptions, path: String, console: Console, isQuiet: Bool,
  interruption: Interruption,
  known: (trials: [RankTrial], stability: [RankStability]) = ([], []),
  journal: RankJournal? = nil
) throws -> RankScan {
  let line = Mutex(ProgressLine(console: console, isQuiet: isQuiet))
  defer { line.withLock { $0.finish() } }
  do {
    return try interruption.whileFitting {
      try scanRanks(x, options: options, known: known) { progress in
        journal?.append(progress)
        if let outlook = progress.outlook, outlook.seconds > 20, !isQuiet,
          console.messagesAreOnTerminal
        {
          line.withLock { $0.finish() }
          console.note(
            "\(groupedCount(outlook.fits)) fits to do, about \(duration(outlook.seconds)); "
              + "Ctrl-C ends with what there is, --resume goes on")
        }
        line.withLock { $0.show(progressParts(progress)) }
        return interruption.isRequested ? .stop : .proceed
      }
    }
  } catch let error as FitError {
    throw CommandFailure("\(path): \(sentence(for: error))")
  } catch let error as RankScanError {
    throw CommandFailure("\(path): \(error.description)")
  }
}

/// A bar, the share that is done, the rank at hand and the time that is left.
private func progressParts(_ progress: RankProgress) -> [String] {
  let width = 24
  let share = min(1, progress.share)
  let filled = Int(Double(width) * share)
  let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
  var parts = [bar, String(format: "%3.0f %%", 100 * share), "rank \(progress.rank)"]
  if share > 0.01 {
    parts.append("about \(duration(progress.seconds * (1 - share) / share)) left")
  }
  return parts
}
