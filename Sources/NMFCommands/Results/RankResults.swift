internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// The files of a rank scan.
struct RankResults {
  let scan: RankScan
  let verdict: RankVerdict
  let context: ReportContext
  /// The fingerprint of X.
  let fingerprint: String

  /// The page to open.
  static let pageName = "report.html"
  /// The file with the answer.
  static let fileName = "rank.json"

  /// Writes all files into a folder that is not yet in its place.
  func write(to output: OutputFolder) throws {
    try output.write("rank.csv", text: table)
    if let consensus = scan.consensus {
      try output.write("consensus.png", bytes: PNGCodec.encode(consensusPicture(consensus)))
    }
    try output.write(Self.pageName, text: RankReport(scan, verdict, context: context).html())
    try output.write(Self.fileName, text: json)
  }

  private var bayes: [Int: Double] {
    Dictionary(
      scan.bayesianInformation.map { ($0.rank, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  private func stability(_ rank: Int) -> RankStability? {
    scan.stability.first { $0.rank == rank }
  }

  /// One line a rank.
  private var table: String {
    let bayes = bayes
    func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    var text = """
      rank,heldOut,standardError,aboveBest,aboveBestError,shuffled,visibleObjective,restartCosine,\
      bootstrapCosine,copheneticCorrelation,dispersion,bic\n
      """
    for score in verdict.scores {
      let found = stability(score.rank)
      let cells: [String] = [
        "\(score.rank)", cell(score.heldOut), cell(score.standardError), cell(score.excess),
        cell(score.excessError), cell(score.null), cell(score.objective),
        cell(found?.restartCosine), cell(found?.bootstrapCosine),
        cell(found?.copheneticCorrelation), cell(found?.dispersion), cell(bayes[score.rank]),
      ]
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  /// The text of `rank.json`.
  var json: String {
    let bayes = bayes
    let sentences = RankSentences(scan, verdict)
    let evidence: [(key: String, value: JSONText)] = [
      (
        "heldOut",
        .array(
          verdict.scores.map { score in
            .object([
              ("rank", .integer(score.rank)), ("mean", .number(score.heldOut)),
              ("standardError", .number(score.standardError)),
              ("aboveBest", .number(score.excess)),
              ("aboveBestError", .number(score.excessError)),
              ("shuffled", JSONText(score.null)), ("visibleObjective", .number(score.objective)),
            ])
          })
      ),
      ("best", .integer(verdict.best)),
      (
        "stability",
        .array(
          scan.stability.map { found in
            .object([
              ("rank", .integer(found.rank)), ("restartCosine", JSONText(found.restartCosine)),
              ("bootstrapCosine", JSONText(found.bootstrapCosine)),
              ("copheneticCorrelation", JSONText(found.copheneticCorrelation)),
              ("dispersion", JSONText(found.dispersion)), ("objective", .number(found.objective)),
              ("rows", .integer(found.rows)), ("bic", JSONText(bayes[found.rank])),
            ])
          })
      ),
      ("stableUpTo", JSONText(verdict.stableUpTo)),
      (
        "relevance",
        .object([("kept", JSONText(scan.relevant)), ("of", JSONText(scan.largestRelevant))])
      ),
      ("bic", JSONText(scan.bayesianInformation.min { $0.value < $1.value }?.rank)),
    ]
    return JSONText.object([
      ("rank", .integer(verdict.rank)),
      ("plausible", .array(verdict.plausible.map { .integer($0) })),
      (
        "verdict",
        .array(
          ([sentences.answer, sentences.range] + sentences.evidence + sentences.cautions).map {
            .string($0)
          })
      ),
      ("evidence", .object(evidence)),
      ("loss", .string(scan.options.fit.loss.rawValue)),
      ("seed", .unsigned(scan.options.fit.seed)),
      ("folds", .integer(scan.options.folds)), ("repeats", .integer(scan.options.repeats)),
      ("restarts", .integer(scan.options.restarts)),
      ("bootstraps", .integer(scan.options.bootstraps)),
      ("complete", .boolean(!scan.isIncomplete)),
      ("onEdge", .boolean(verdict.isOnEdge)),
      ("rows", .integer(scan.rows)), ("columns", .integer(scan.columns)),
      ("fingerprint", .string(fingerprint)),
      ("seconds", .number(scan.seconds)),
      ("version", .string(context.version)), ("command", .string(context.command)),
      ("created", .string(context.date)),
    ]).text
  }
}

/// What `fit -r auto` reads of a rank scan.
struct RankAnswer: Decodable {
  var rank: Int
  var plausible: [Int]
  var loss: Loss
  var fingerprint: String

  /// The answer in a results folder; nil when there is none that can be understood.
  init?(folder: String) {
    let url = URL(fileURLWithPath: folder).appendingPathComponent(RankResults.fileName)
    guard let data = try? Data(contentsOf: url),
      let answer = try? JSONDecoder().decode(RankAnswer.self, from: data)
    else { return nil }
    self = answer
  }
}
