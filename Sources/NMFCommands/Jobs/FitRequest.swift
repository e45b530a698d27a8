internal import NMF
internal import NMFIO

/// All that `nnmf fit` is told.
struct FitRequest: Sendable {
  /// The data: a file or a folder.
  var path: String
  /// How to read it.
  var reading = ReadOptions()
  /// What to fit, and when to stop.
  var options: FitOptions
  /// Whether the rank in `options` is yet to be found.
  var findsRank = false
  /// The precision of the factors.
  var precision = Precision.double
  /// Files to start from instead of an initialisation.
  var startFiles: StartFiles?
  /// The CSV file for the history of the kept start.
  var tracePath: String?
  /// The folder for the results.
  var outputPath: String
  /// Whether results that are there may be replaced.
  var replacesOutput = false
  /// How much to say.
  var verbosity = Verbosity()
  /// The command that reproduces it.
  var command: String
}

/// What came of it.
struct FitOutcome: Sendable {
  /// The folder with the results.
  var folder: String
  /// What was written about the fit.
  var manifest: ModelManifest
  /// 0, or 128 + the signal that stopped the fit.
  var exitStatus: Int32
}
