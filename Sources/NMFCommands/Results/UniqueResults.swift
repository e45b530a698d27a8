internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO
internal import NMFReport

/// The files of an examination.
struct UniqueResults {
  let result: Uniqueness<Double>
  let options: UniquenessOptions
  let context: ReportContext
  let data: LabeledMatrix<Double>
  let fingerprint: String
  let modelPath: String?

  /// The page to open.
  static let pageName = "report.html"
  /// The file with the answer.
  static let fileName = "unique.json"

  /// Writes all files into a folder that is not yet in its place.
  func write(to output: OutputFolder) throws {
    let components = componentNames(result.model.rank)
    try output.write("intervals.csv", text: intervals)
    try writeCSV(
      result.model.h, rowNames: components, columnNames: data.columnNames, corner: "part",
      to: output.path(for: "parts.csv"))
    if let chosen = result.chosen {
      try writeCSV(
        chosen.model.w, rowNames: data.rowNames, columnNames: components, corner: "observation",
        to: output.path(for: "chosen-memberships.csv"))
      try writeCSV(
        chosen.model.h, rowNames: components, columnNames: data.columnNames, corner: "part",
        to: output.path(for: "chosen-parts.csv"))
      try writeNPY(chosen.model.w, to: output.path(for: "chosen-memberships.npy"))
      try writeNPY(chosen.model.h, to: output.path(for: "chosen-parts.npy"))
    }
    try output.write(
      Self.pageName,
      text: UniquenessReport(result, context: context, data: data.matrix).html())
    try output.write(Self.fileName, text: json)
  }

  /// One line an entry that is not zero or can be other than zero.
  ///
  /// All values are shares of the part: its entries sum to 1.
  private var intervals: String {
    func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    var profiles: [Int: ProfileInterval] = [:]
    let columns = result.model.h.columns
    for profile in result.profiles { profiles[profile.part * columns + profile.feature] = profile }
    var text =
      "part,feature,name,value,lowest,highest,outerLowest,outerHighest,profileLowest,profileHighest\n"
    for room in result.room.parts {
      for j in room.part.indices where room.highest[j] > 1e-12 {
        let profile = profiles[room.component * columns + j]
        let name = data.columnNames?[j] ?? ""
        let cells = [
          "\(room.component + 1)", "\(j + 1)", csvName(name), "\(room.part[j])",
          "\(room.lowest[j])", "\(room.highest[j])", cell(result.outer?.lowest[j]),
          cell(result.outer?.highest[j]), cell(profile?.lowest), cell(profile?.highest),
        ]
        text += cells.joined(separator: ",") + "\n"
      }
    }
    return text
  }

  private func csvName(_ name: String) -> String {
    name.contains { ",\"\n\r".contains($0) } ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
  }

  /// The text of `unique.json`.
  var json: String {
    JSONText.object([
      ("verdict", .string(result.verdict.rawValue)),
      ("reason", .string(result.reason)),
      ("families", .array(result.families.map(familyJSON))),
      ("parts", .array(result.room.parts.map(partJSON))),
      (
        "checks",
        .array(
          result.checks.map { check in
            .object([
              ("check", .string(check.name.rawValue)),
              ("evidence", .string(check.evidence.rawValue)),
              ("favorsUnique", check.favorsUnique.map { .boolean($0) } ?? .null),
              ("finding", .string(check.finding)),
            ])
          })
      ),
      ("core", result.core.map(coreJSON) ?? .null),
      ("method", .string(result.room.method.rawValue)),
      ("tolerance", .number(result.tolerance)),
      ("objective", .number(result.model.report.objective)),
      ("converged", .boolean(result.model.report.converged)),
      ("chosen", result.chosen.map(chosenJSON) ?? .null),
      ("rank", .integer(result.model.rank)),
      ("loss", .string(options.fit.loss.rawValue)),
      ("seed", .unsigned(options.fit.seed)),
      ("restarts", .integer(options.fit.restarts)),
      (
        "familyRule",
        .object([
          ("angleDegrees", .number(options.rule.angleDegrees)),
          ("objectiveShare", .number(options.rule.objectiveShare)),
        ])
      ),
      ("rows", .integer(context.shape.rows)),
      ("columns", .integer(context.shape.columns)),
      ("model", JSONText(modelPath)),
      ("fingerprint", .string(fingerprint)),
      ("version", .string(context.version)),
      ("command", .string(context.command)),
      ("created", .string(context.date)),
    ]).text
  }

  private func familyJSON(_ family: Family) -> JSONText {
    let best = result.families.first?.objective ?? family.objective
    return .object([
      ("starts", .array(family.members.map { .integer($0.start + 1) })),
      ("objective", .number(family.objective)),
      ("aboveBest", .number(family.objective - best)),
      ("asGood", .boolean(family.isAsGood)),
      ("spreadDegrees", .number(family.spreadDegrees)),
      (
        "differingParts",
        .array(
          family.differingParts(beyond: options.rule.angleDegrees).map { .integer($0 + 1) })
      ),
      ("anglesToBestDegrees", .array(family.anglesToBest.map { .number($0) })),
    ])
  }

  private func coreJSON(_ core: CommonCore) -> JSONText {
    .object([
      ("solutions", .integer(core.solutions)),
      ("contestedFeatures", .array(core.contested.map { .integer($0 + 1) })),
      ("carryingFeatures", .integer(core.carrying)),
      ("agreeingParts", .array(core.agreeing.map { .integer($0 + 1) })),
    ])
  }

  private func partJSON(_ room: PartRoom) -> JSONText {
    var members: [(key: String, value: JSONText)] = [
      ("part", .integer(room.component + 1)),
      ("angleDegrees", .number(room.angleDegrees)),
      ("movable", .boolean(room.isMovable)),
      ("exact", .boolean(room.isExact)),
    ]
    if let range = result.directionDegrees(of: room.component) {
      members.append(
        ("directionDegrees", .array([.number(range.lowerBound), .number(range.upperBound)])))
    }
    return .object(members)
  }

  private func chosenJSON(_ chosen: ChosenSolution<Double>) -> JSONText {
    var members: [(key: String, value: JSONText)] = [
      ("preference", .string(chosen.preference.rawValue)),
      ("objective", .number(chosen.model.report.objective)),
      ("allowedObjective", JSONText(chosen.allowedObjective)),
      ("withinTolerance", .boolean(chosen.isWithinTolerance)),
      ("weight", JSONText(chosen.weight)),
      ("equallySmall", .integer(chosen.ties)),
      ("startsWithSameFit", .integer(result.startsWithSameFit)),
    ]
    if !chosen.picked.isEmpty {
      members.append(
        (
          chosen.picksFeatures ? "pickedFeatures" : "pickedObservations",
          .array(chosen.picked.map { .integer($0 + 1) })
        ))
    }
    return .object(members)
  }
}
