internal import Foundation
internal import Matrices
internal import NMF

/// What `model.json` says about a fit: what was asked, what came out, and how it went.
///
/// The factors are beside it: `memberships.npy` and `parts.npy`.
struct ModelManifest: Sendable, Equatable {
  /// The version of the program that wrote it.
  var version = programVersion
  /// The command that reproduces it, quoted for a shell.
  var command: String
  /// When it was written, as ISO 8601 in UTC.
  var created: String
  /// Where the data came from.
  var data: DataDescription
  /// N, the number of observations.
  var rows: Int
  /// The number of features p.
  var columns: Int
  /// What was asked for.
  var options: FitOptions
  /// Files the fit started from, instead of an initialisation.
  var startFiles: StartFiles?
  /// How the fit went.
  var report: FitReport
  /// The size of the pictures when each row is one.
  var imageSize: ImageSize?
  /// What was detected, and what was odd.
  var notes: [String]
  /// N names, or nil when the data have none.
  var rowNames: [String]?
  /// One name a feature, or nil when the data have none.
  var columnNames: [String]?

  /// The name of the file in a results folder.
  static let fileName = "model.json"
}

/// The data of a fit, as they were read.
struct DataDescription: Sendable, Equatable, Codable {
  /// The path as given.
  var path: String
  /// The format it was read as.
  var format: String
  /// The size of the file in bytes; nil for a folder or a stream.
  var bytes: Int?
  /// Whether rows and columns were exchanged.
  var transposed: Bool
  /// `dense` or `sparse`.
  var storage: String
  /// Entries in memory.
  var storedEntries: Int
  /// Entries other than zero.
  var nonzeroEntries: Int
  /// The type of number in the file.
  var storedType: String
  /// The precision of the fit.
  var precision: String
  /// The fingerprint of X as it was read; nil in folders of versions that did not write it.
  var fingerprint: String?
}

/// The files of a given start.
struct StartFiles: Sendable, Equatable, Codable {
  /// The path of W.
  var w: String
  /// The path of H.
  var h: String
}

extension ModelManifest {
  /// How much of the manifest to write.
  enum Extent {
    /// Everything, as in `model.json`.
    case complete
    /// Without the history and the names, as on the terminal.
    case brief
  }

  /// The text of `model.json`, with its keys in a fixed order and every number in full.
  func json(_ extent: Extent = .complete) -> String {
    var members: [(key: String, value: JSONText)] = [
      ("loss", .string(options.loss.rawValue)),
      ("rank", .integer(options.rank)),
      ("seed", .unsigned(options.seed)),
      ("rows", .integer(rows)),
      ("columns", .integer(columns)),
      ("converged", .boolean(report.converged)),
      ("stopReason", .string(report.stopReason.rawValue)),
      ("iterations", .integer(report.iterations)),
      ("seconds", .number(report.seconds)),
      ("objective", .number(report.objective)),
      ("kktResidual", .number(report.kktResidual)),
      ("logLikelihood", JSONText(report.logLikelihood)),
      ("deviance", .number(report.deviance)),
      ("explained", .number(report.explained)),
      ("nullObjective", .number(report.nullObjective)),
      ("version", .string(version)),
      ("command", .string(command)),
      ("created", .string(created)),
      ("data", data.json),
      ("options", options.json(startFiles)),
      ("imageSize", imageSize?.json ?? .null),
      ("notes", .array(notes.map { .string($0) })),
      ("startsAgreed", .integer(report.startsAgreed)),
      ("restarts", .array(report.restarts.map(\.json))),
    ]
    if extent == .complete {
      members.append(("rowNames", JSONText(rowNames)))
      members.append(("columnNames", JSONText(columnNames)))
      members.append(("history", .array(report.history.map(\.json))))
    }
    return JSONText.object(members).text
  }
}

extension DataDescription {
  fileprivate var json: JSONText {
    .object([
      ("path", .string(path)),
      ("format", .string(format)),
      ("bytes", JSONText(bytes)),
      ("transposed", .boolean(transposed)),
      ("storage", .string(storage)),
      ("storedEntries", .integer(storedEntries)),
      ("nonzeroEntries", .integer(nonzeroEntries)),
      ("storedType", .string(storedType)),
      ("precision", .string(precision)),
      ("fingerprint", JSONText(fingerprint)),
    ])
  }
}

extension FitOptions {
  fileprivate func json(_ startFiles: StartFiles?) -> JSONText {
    .object([
      ("rank", .integer(rank)),
      ("loss", .string(loss.rawValue)),
      ("solver", .string(solver.rawValue)),
      ("initialization", .string(initialization.rawValue)),
      ("seed", .unsigned(seed)),
      ("restarts", .integer(restarts)),
      ("threads", JSONText(threads)),
      ("maxIterations", .integer(maxIterations)),
      ("tolerance", .number(tolerance)),
      ("timeLimit", JSONText(timeLimit)),
      (
        "start",
        startFiles.map { .object([("w", .string($0.w)), ("h", .string($0.h))]) } ?? .null
      ),
    ])
  }
}

extension ImageSize {
  fileprivate var json: JSONText {
    .object([("width", .integer(width)), ("height", .integer(height))])
  }
}

extension RestartSummary {
  fileprivate var json: JSONText {
    .object([
      ("index", .integer(index)), ("objective", .number(objective)),
      ("iterations", .integer(iterations)), ("stopReason", .string(stopReason.rawValue)),
      ("angleToBest", JSONText(angleToBest)),
    ])
  }
}

extension HistoryEntry {
  fileprivate var json: JSONText {
    .object([
      ("iteration", .integer(iteration)), ("seconds", .number(seconds)),
      ("objective", .number(objective)), ("kktResidual", JSONText(kktResidual)),
    ])
  }
}
