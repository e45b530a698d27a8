internal import Foundation
internal import NMF
internal import Synchronization

/// What a rank scan has found so far, one line of JSON a trial, written as it comes.
///
/// While the scan runs the journal lies beside the results as `OUTPUT.journal`; when it is complete it
/// becomes `trials.jsonl` in the results. The first line says which data and options it belongs to.
final class RankJournal: Sendable {
  /// What must agree for trials to be used again.
  struct Subject: Codable, Equatable, Sendable {
    var fingerprint: String
    /// Another version may score otherwise.
    var version = programVersion
    var options: RankScanOptions

    init(fingerprint: String, options: RankScanOptions) {
      self.fingerprint = fingerprint
      // Ranks, threads and time say how much is done, not what comes out.
      self.options = options
      self.options.ranks = nil
      self.options.fit.threads = nil
      self.options.fit.timeLimit = nil
    }
  }

  private struct Line: Codable {
    var subject: Subject?
    var trial: RankTrial?
    var stability: RankStability?
  }

  /// The name of the file in a results folder.
  static let fileName = "trials.jsonl"

  let path: String
  private let handle: Mutex<FileHandle>

  /// The path of the journal of results that are not complete yet.
  static func path(for output: String) -> String { output + ".journal" }

  /// What an earlier scan stored: beside the results, or in them.
  ///
  /// - Throws: `CommandFailure` when it belongs to other data or options.
  static func read(
    output: String, subject: Subject
  ) throws -> (trials: [RankTrial], stability: [RankStability]) {
    var trials: [RankTrial] = []
    var stability: [RankStability] = []
    for path in [output + "/" + fileName, path(for: output)] {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
      for (number, line) in text.split(separator: "\n").enumerated() {
        let entry = try? JSONDecoder().decode(Line.self, from: Data(line.utf8))
        if number == 0, entry?.subject != subject {
          throw CommandFailure(
            "\(path) was written for other data or other options, or by another version of nnmf, so "
              + "--resume cannot use it; leave out --resume to begin anew.")
        }
        // A line that a kill cut off is as if it had not been written.
        guard let entry else { continue }
        if let trial = entry.trial,
          !trials.contains(where: {
            $0.kind == trial.kind && $0.rank == trial.rank && $0.fold == trial.fold
          })
        {
          trials.append(trial)
        }
        if let found = entry.stability, !stability.contains(where: { $0.rank == found.rank }) {
          stability.append(found)
        }
      }
    }
    return (trials, stability)
  }

  /// Begins a journal with what is known already.
  ///
  /// - Throws: `CommandFailure` when it cannot be written.
  init(
    output: String, subject: Subject,
    known: (trials: [RankTrial], stability: [RankStability])
  ) throws {
    path = Self.path(for: output)
    let lines =
      [Line(subject: subject)] + known.trials.map { Line(trial: $0) }
      + known.stability.map { Line(stability: $0) }
    let encoded = try lines.map { try Self.encode($0) }
    do {
      try Data(encoded.joined()).write(to: URL(fileURLWithPath: path), options: .atomic)
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.seekToEnd()
      self.handle = Mutex(handle)
    } catch {
      throw CommandFailure(
        "\(path) cannot be written, where the scan keeps what it has found so far: "
          + "\((error as NSError).localizedDescription)")
    }
  }

  private static func encode(_ line: Line) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(line) + Data("\n".utf8)
  }

  /// Adds what has just been found; a full disk is noticed when the results are written.
  func append(_ progress: RankProgress) {
    guard progress.trial != nil || progress.stability != nil,
      let data = try? Self.encode(Line(trial: progress.trial, stability: progress.stability))
    else { return }
    handle.withLock { try? $0.write(contentsOf: data) }
  }

  /// All of it, for the results.
  func contents() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// Removes it, once the results stand.
  func remove() {
    handle.withLock { try? $0.close() }
    try? FileManager.default.removeItem(atPath: path)
  }
}
