import Foundation
public import NMF

/// What a rank scan says, in words.
public struct RankSentences: Sendable {
  /// The answer in one sentence.
  public let answer: String
  /// How sure it is: what cannot be told apart.
  public let range: String
  /// What each other kind of evidence says, a sentence each.
  public let evidence: [String]
  /// Where the kinds of evidence disagree, or what was left out; may be empty.
  public let cautions: [String]

  /// Finds the words.
  public init(_ scan: RankScan, _ verdict: RankVerdict) {
    let r = verdict.rank
    let first = verdict.scores.first { $0.rank == 1 }
    let chosen = verdict.scores.first { $0.rank == r }
    let unit = scan.options.fit.loss == .poisson ? "deviance" : "squared error"
    if verdict.hasNoStructure {
      answer = "No structure beyond one part: more parts do not predict hidden entries better."
    } else {
      let gain = (first?.heldOut).map {
        1 - (chosen?.heldOut ?? $0) / max($0, .leastNormalMagnitude)
      }
      answer =
        "Take \(r) parts: they predict hidden entries with "
        + "\(NumberFormat.percent(gain ?? 0)) less \(unit) than one part does."
    }
    let others = verdict.plausible
    let step =
      verdict.best == r ? "is the best" : "is within a standard error of the best, \(verdict.best)"
    range =
      others.count == 1
      ? "Rank \(r) \(step), and every neighbour is clearly worse."
      : "Rank \(r) \(step); ranks \(NumberFormat.ranges(others)) cannot be told apart."
    evidence = Self.evidence(scan, verdict, unit: unit)
    cautions = Self.cautions(scan, verdict)
  }

  private static func evidence(
    _ scan: RankScan, _ verdict: RankVerdict, unit: String
  ) -> [String] {
    let r = verdict.rank
    var sentences: [String] = []
    let nulls = verdict.scores.compactMap { score in score.null.map { (score.rank, $0) } }
    if let one = nulls.first(where: { $0.0 == 1 })?.1, one > 0,
      let other = nulls.first(where: { $0.0 == max(r, 2) })?.1
    {
      let change = other / one - 1
      let amount =
        change > 10
        ? "more than ten times worse"
        : "\(NumberFormat.percent(abs(change))) \(change >= 0 ? "worse" : "better")"
      sentences.append(
        "Chance: in the same data with shuffled columns, \(max(r, 2)) parts predict \(amount) than "
          + "one.")
    }
    if let here = scan.stability.first(where: { $0.rank == r }) {
      let cosines = [
        here.restartCosine.map { "\(NumberFormat.fixed($0, 3)) over random starts" },
        here.bootstrapCosine.map { "\(NumberFormat.fixed($0, 3)) over resampled rows" },
      ].compactMap { $0 }
      if !cosines.isEmpty {
        sentences.append(
          "Stability at \(r): matched parts have a cosine of \(NumberFormat.list(cosines)) "
            + "(1 is the same parts every time; below 0.9 do not read much into them).")
      }
      if let cophenetic = here.copheneticCorrelation, let dispersion = here.dispersion {
        sentences.append(
          "Consensus at \(r): cophenetic correlation \(NumberFormat.fixed(cophenetic, 4)), dispersion "
            + "\(NumberFormat.fixed(dispersion, 3)) (1 is perfect).")
      }
    }
    if let relevant = scan.relevant, let largest = scan.largestRelevant {
      sentences.append(
        "Relevance: of \(largest) parts, automatic relevance determination keeps \(relevant).")
    }
    if let bayes = scan.bayesianInformation.min(by: { $0.value < $1.value }) {
      sentences.append("Bayesian information criterion: lowest at \(bayes.rank).")
    }
    return sentences
  }

  private static func cautions(_ scan: RankScan, _ verdict: RankVerdict) -> [String] {
    let r = verdict.rank
    var sentences: [String] = []
    if scan.isIncomplete {
      let seen = verdict.scores.map(\.rank)
      sentences.append(
        "The scan was ended early: only ranks \(NumberFormat.ranges(seen)) were looked at in every "
          + "fold; --resume goes on.")
    }
    if verdict.isOnEdge, let last = verdict.scores.last?.rank {
      sentences.append(
        "The evidence does not stop at \(last), the largest rank looked at: look further, with "
          + "--resume and a wider range.")
    }
    if verdict.plausible.count > max(4, verdict.scores.count / 2) {
      sentences.append(
        "The data do not decide: too many ranks predict about equally well. Take the smallest that "
          + "serves, and do not lean on the number.")
    }
    if let stable = verdict.stableUpTo, stable < r {
      sentences.append(
        "Prediction and stability disagree: parts are found again reliably only up to rank \(stable)."
      )
    }
    if let relevant = scan.relevant, let upper = verdict.plausible.last, relevant > upper + 2,
      scan.options.fit.loss == .poisson
    {
      sentences.append(
        "Relevance determination keeps more parts than predict well: a sign that the counts vary "
          + "more than Poisson counts do.")
    }
    let lost = scan.trials.filter { $0.kind == .data && $0.rank == r }
      .reduce(0) { $0 + $1.unpredictable }
    if lost > 0 {
      sentences.append(
        "\(NumberFormat.count(lost)) hidden entries were not scored, because all that was left of "
          + "their row or column was zero.")
    }
    return sentences
  }
}
