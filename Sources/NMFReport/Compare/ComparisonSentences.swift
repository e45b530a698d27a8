import Foundation
import Matrices
public import NMF

/// What the table says about the data, in three sentences made of its numbers.
public struct ComparisonSentences: Sendable {
  /// The sentences: how well, made of what, and how sure.
  public let sentences: [String]

  /// Reads the table.
  public init(_ comparison: Comparison) {
    var rows: [Row] = []
    for result in comparison.results {
      guard let measures = result.measures else { continue }
      rows.append(Row(method: result.method, measures: measures))
    }
    sentences =
      comparison.varies
      ? sentencesOf(
        rows, rank: comparison.options.fit.rank, features: comparison.shape.columns)
      : ["All observations are the same, so there is nothing that a method could tell about them."]
  }
}

// A function of its own: within `init`, Swift 6.3's optimiser fails.
@inline(never)
private func sentencesOf(_ rows: [Row], rank: Int, features: Int) -> [String] {
  guard !rows.isEmpty else {
    return ["None of the methods can be used on these data at this rank."]
  }
  let sentences = [
    fidelity(rows, rank: rank), features > 1 ? parts(rows, rank: rank) : "", certainty(rows),
  ]
  return sentences.filter { !$0.isEmpty }
}

private struct Row {
  let method: ComparisonMethod
  let measures: ComparisonMeasures
  var title: String { method.title }
}

private func percent(_ share: Double) -> String { NumberFormat.percent(share) }

/// The row with the largest value; of equals the first.
private func best(
  _ rows: [Row], by value: (ComparisonMeasures) -> Double?
) -> (row: Row, value: Double)? {
  var found: (row: Row, value: Double)?
  for row in rows {
    guard let number = value(row.measures) else { continue }
    // What looks the same when it is printed is the same.
    if number > (found?.value ?? -.infinity) + 5e-4 { found = (row, number) }
  }
  return found
}

/// `PCA 94 %, NMF 92 % and VQ 79 %`, the largest first; methods with one value share it.
private func ranking(_ rows: [Row], by value: (ComparisonMeasures) -> Double?) -> String {
  let values = rows.compactMap { row in value(row.measures).map { (row.title, percent($0), $0) } }
    .sorted { $0.2 > $1.2 }
  var groups: [(titles: [String], text: String)] = []
  for (title, text, _) in values {
    if let last = groups.last, last.text == text {
      groups[groups.count - 1].titles.append(title)
    } else {
      groups.append(([title], text))
    }
  }
  return NumberFormat.list(groups.map { NumberFormat.list($0.titles) + " " + $0.text })
}

/// How well the methods describe what they saw, and what they did not.
private func fidelity(_ rows: [Row], rank: Int) -> String {
  var text =
    "With \(NumberFormat.count(rank, "component")) the share of the variation described is "
    + ranking(rows) { $0.varianceExplained }
  let seen = best(rows) { $0.varianceExplained }
  let hidden = best(rows) { $0.heldOutVarianceExplained }
  guard let seen, let hidden else { return text + "." }
  text +=
    "; of entries that were hidden from the fit it is "
    + ranking(rows) { $0.heldOutVarianceExplained }
  guard hidden.value > 0 else {
    return text + ", so at this rank none of them foretells new entries better than the mean does."
  }
  let foretold = seen.row.measures.heldOutVarianceExplained ?? seen.value
  let isNMFAhead = hidden.row.method == .nmf && hidden.value > foretold + 0.005
  let lost = seen.value > 0 ? (seen.value - foretold) / seen.value : 0
  if lost > 0.2 {
    let share = lost < 1 ? "\(Int((100 * lost).rounded()))\(NumberFormat.space)%" : "all"
    text +=
      ", so \(share) of what \(seen.row.title) describes holds for the entries it saw and no others"
    if isNMFAhead, seen.row.method != .nmf {
      text += ", and NMF, which describes less, foretells more"
    }
  } else if isNMFAhead, seen.row.method != .nmf {
    text += ", where NMF is ahead though it describes less of what it saw"
  }
  return text + "."
}

/// What the components are like.
private func parts(_ rows: [Row], rank: Int) -> String {
  func number(_ value: Double) -> String { NumberFormat.fixed(value, 2) }
  let sparse = rows.map { ($0, $0.measures.basisSparseness) }.sorted { $0.1 > $1.1 }
  guard let first = sparse.first else { return "" }
  var text: String
  let others = sparse.filter { $0.0.method != .nmf }
  if let next = others.first, let nmf = sparse.first(where: { $0.0.method == .nmf }) {
    let list = NumberFormat.list(others.map { "\($0.0.title) \(number($0.1))" })
    if nmf.1 > next.1 + 0.05 {
      // Below that no component is confined to some of the features.
      text =
        (nmf.1 > 0.3
          ? "NMF is the one whose components are parts" : "NMF has the sparsest components")
        + " (sparseness \(number(nmf.1)) against \(list))"
    } else if nmf.1 > next.1 - 0.05 {
      text =
        "Components of NMF are about as sparse as those of \(next.0.title) (\(number(nmf.1)); \(list))"
    } else {
      text =
        "Here NMF does not have the sparsest components: \(next.0.title) has (\(number(next.1)); NMF \(number(nmf.1)))"
    }
  } else {
    text = "The sparseness of \(first.0.title)'s components is \(number(first.1))"
  }
  let signed = rows.filter { $0.measures.negativeBasisFraction > 0.01 }
  if rank > 1, !signed.isEmpty {
    let list = NumberFormat.list(
      signed.map { "\($0.title) (\(percent($0.measures.negativeBasisFraction)))" })
    let amount = signed.contains { $0.measures.negativeBasisFraction >= 0.1 } ? "many" : "some"
    text +=
      ", while \(amount) entries of \(list) are negative: "
      + "\(signed.count == 1 ? "its" : "their") components cancel each other, and cannot be read one by one"
  }
  return text + "."
}

/// How many components an observation needs, whether they come again, and what groups they make.
private func certainty(_ rows: [Row]) -> String {
  var clauses: [String] = []
  if let nmf = rows.first(where: { $0.method == .nmf }) {
    let used = NumberFormat.number(nmf.measures.partsPerObservation, digits: 2)
    let others = rows.filter { $0.method != .nmf }.map {
      "\($0.title) \(NumberFormat.number($0.measures.partsPerObservation, digits: 2))"
    }
    clauses.append(
      "An observation is made of about \(used) \(used == "1" ? "component" : "components") of NMF"
        + (others.isEmpty ? "" : " (" + NumberFormat.list(others) + ")"))
    // The verdict is on the number as it is printed.
    if let stability = nmf.measures.stability.map({ ($0 * 100).rounded() / 100 }) {
      let verdict =
        stability >= 0.95
        ? "other starts find the same ones"
        : stability >= 0.8
          ? "other starts find similar ones, so read them with some care"
          : "other starts find rather different ones, so do not read much into a single one"
      clauses.append("\(verdict) (matched cosine \(NumberFormat.fixed(stability, 2)))")
    }
  }
  let agreements = rows.compactMap { row in
    row.measures.adjustedRandIndex.map { (row: row, text: NumberFormat.fixed($0, 2), value: $0) }
  }
  if let most = agreements.max(by: { $0.value < $1.value }) {
    // What looks the same when it is printed is the same.
    let leaders = agreements.filter { $0.text == most.text }.map(\.row.title)
    let names = NumberFormat.list(leaders)
    let nmf = agreements.first { $0.row.method == .nmf }
    let own = nmf.map { leaders.contains("NMF") ? "" : "; NMF \($0.text)" } ?? ""
    clauses.append(
      most.value < 0.1
        ? "no method's groups match the labels (best adjusted Rand index \(most.text), \(names))"
        : "the groups of \(names) match the labels best (adjusted Rand index \(most.text), 1 is perfect\(own))"
    )
  }
  let text = clauses.joined(separator: "; ")
  return text.isEmpty ? "" : text.prefix(1).uppercased() + text.dropFirst() + "."
}
