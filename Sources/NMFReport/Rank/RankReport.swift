import Foundation
import Matrices
public import NMF
public import NMFIO

/// A page about a rank scan: the answer in words, and the curves it rests on.
public struct RankReport: Sendable {
  private let scan: RankScan
  private let verdict: RankVerdict
  private let sentences: RankSentences
  private let context: ReportContext

  /// Gathers what the page will show.
  public init(_ scan: RankScan, _ verdict: RankVerdict, context: ReportContext) {
    self.scan = scan
    self.verdict = verdict
    self.context = context
    sentences = RankSentences(scan, verdict)
  }

  /// The page.
  public func html() -> String {
    Page(
      title: "\(context.title): how many parts?", header: header,
      sections: [predictionSection, stabilitySection, tableSection, reproduceSection],
      footer: """
        Held-out prediction: entries of X are hidden, zeros included, X is fitted to the others, and the \
        fit predicts the hidden ones. Too few parts miss structure, too many follow noise.\
        \(context.version.isEmpty ? "" : " Made by nnmf \(escaped(context.version)).")
        """
    ).html()
  }

  private var header: String {
    let observations = NumberFormat.count(context.shape.rows, "observation")
    let features = NumberFormat.count(context.shape.columns, "feature")
    var html = """
      <header>
      <h1>\(escaped(context.title)): how many parts?</h1>
      <p class="lead">\(escaped(sentences.answer)) \(escaped(sentences.range))</p>
      """
    if !sentences.cautions.isEmpty {
      html += #"<div class="warning" role="alert">"#
      html += sentences.cautions.map { "<p>\(escaped($0))</p>" }.joined() + "</div>"
    }
    html += #"<ul class="notes">"#
    html += (sentences.evidence + context.notes).map { "<li>\(escaped($0))</li>" }.joined()
    return html + """
      </ul>
      <p class="note">\(observations) × \(features), \
      \(scan.options.fit.loss == .poisson ? "Poisson likelihood" : "least squares").</p>
      </header>
      <nav aria-label="Sections"><a href="#prediction">Prediction</a>\
      <a href="#stability">Stability</a><a href="#table">Table</a>\
      <a href="#reproduce">Reproduce</a></nav>
      """
  }

  private func figure(_ chart: RankChart) -> String {
    guard let svg = chart.svg() else { return "" }
    return """
      <figure class="panel"><figcaption><b>\(escaped(chart.title))</b><br/>\
      \(escaped(chart.subtitle))</figcaption>\(svg)</figure>
      """
  }

  private func chart(
    _ title: String, _ subtitle: String, _ lines: [RankChart.Line], clips: Bool = false
  ) -> RankChart {
    RankChart(
      title: title, subtitle: subtitle, lines: lines, chosen: verdict.rank,
      plausible: verdict.plausible, clipsAbove: clips)
  }

  private var predictionSection: String {
    let unit =
      scan.options.fit.loss == .poisson
      ? "deviance per hidden entry" : "squared error per hidden entry"
    let main = RankChart.Line(
      name: "held out",
      points: verdict.scores.map { .init(rank: $0.rank, value: $0.heldOut, error: $0.excessError) })
    let null = RankChart.Line(
      name: "shuffled columns",
      points: verdict.scores.compactMap { score in
        score.null.map { .init(rank: score.rank, value: $0) }
      })
    let folds = scan.options.folds * scan.options.repeats
    return """
      <section id="prediction">
      <h2>Prediction of hidden entries</h2>
      <p>The lower the better. Bars are one standard error of the difference to the best rank, over \
      \(folds) folds. The ring is the answer; the shaded ranks cannot be told from it.</p>
      <div class="charts">
      \(figure(chart("Your data", unit, [main], clips: true)))
      \(figure(chart(
        "The same data with shuffled columns", "chance: parts that help here are noise", [null])))
      </div>
      </section>
      """
  }

  private var stabilitySection: String {
    guard !scan.stability.isEmpty else { return "" }
    func line(_ name: String, _ value: (RankStability) -> Double?) -> RankChart.Line {
      RankChart.Line(
        name: name,
        points: scan.stability.compactMap { entry in
          value(entry).map { .init(rank: entry.rank, value: $0) }
        })
    }
    let restarts = line("random starts", \.restartCosine)
    var resampled = line("resampled rows", \.bootstrapCosine)
    resampled.isQuiet = true
    let cophenetic = line("cophenetic correlation", \.copheneticCorrelation)
    var dispersion = line("dispersion", \.dispersion)
    dispersion.isQuiet = true
    let rows = scan.stability.first?.rows ?? scan.rows
    let sample =
      rows < scan.rows
      ? " Measured on \(NumberFormat.count(rows)) rows drawn from \(NumberFormat.count(scan.rows))."
      : ""
    return """
      <section id="stability">
      <h2>Stability</h2>
      <p>Whether the same parts and the same groups come out again. 1 is always; look for the last rank \
      before a fall.\(sample)</p>
      <div class="charts">
      \(figure(chart(
        "Cosine of matched parts", "random starts; grey: rows drawn with replacement",
        [resampled, restarts])))
      \(figure(chart(
        "Consensus of groups", "cophenetic correlation; grey: dispersion", [dispersion, cophenetic])))
      \(consensusFigure)
      </div>
      </section>
      """
  }

  private var consensusFigure: String {
    guard let consensus = scan.consensus, consensus.count > 1 else { return "" }
    let picture = consensusPicture(consensus)
    guard let bytes = try? PNGCodec.encode(picture) else { return "" }
    let source = "data:image/png;base64,\(Data(bytes).base64EncodedString())"
    return """
      <figure class="panel"><figcaption><b>Consensus at \(verdict.rank)</b><br/>how often two \
      observations fall into one group: black is always; clean blocks are good</figcaption>\
      <img class="consensus" alt="Consensus matrix" src="\(source)" width="\(picture.width)" \
      height="\(picture.height)"/></figure>
      """
  }

  private var tableSection: String {
    let bayes = Dictionary(
      scan.bayesianInformation.map { ($0.rank, $0.value) }, uniquingKeysWith: { first, _ in first })
    let rows = verdict.scores.map { score in
      let stability = scan.stability.first { $0.rank == score.rank }
      func cell(_ value: Double?, _ digits: Int = 4) -> String {
        #"<td class="n">\#(value.map { NumberFormat.number($0, digits: digits) } ?? "–")</td>"#
      }
      let mark = score.rank == verdict.rank ? #" class="most""# : ""
      return """
        <tr\(mark)><td class="n">\(score.rank)</td>\(cell(score.heldOut, 5))\(cell(score.excess, 3))\
        \(cell(score.excessError, 3))\(cell(score.null, 5))\(cell(stability?.restartCosine))\
        \(cell(stability?.bootstrapCosine))\(cell(stability?.copheneticCorrelation))\
        \(cell(stability?.dispersion))\(cell(bayes[score.rank], 6))</tr>
        """
    }
    return """
      <section id="table">
      <h2>All numbers</h2>
      <div class="scroll"><table><thead><tr><th class="n">r</th><th class="n">held out</th>\
      <th class="n">above best</th><th class="n">standard error</th><th class="n">shuffled</th>\
      <th class="n">cosine, starts</th><th class="n">cosine, rows</th><th class="n">cophenetic</th>\
      <th class="n">dispersion</th><th class="n">BIC</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      </section>
      """
  }

  private var reproduceSection: String {
    let options = scan.options
    let items: [(String, String)] = [
      ("Data", context.dataPath), ("Shape", "\(context.shape)"),
      ("Folds", "\(options.folds) × \(options.repeats)"),
      ("Random starts", "\(options.restarts)"), ("Resamplings", "\(options.bootstraps)"),
      ("Seed", "\(options.fit.seed)"), ("Version", context.version), ("Date", context.date),
    ]
    let list = items.filter { !$0.1.isEmpty }.map {
      "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>"
    }
    return """
      <section id="reproduce">
      <h2>Reproduce</h2>
      <pre class="copy"><code>\(escaped(context.command))</code></pre>
      <dl>\(list.joined())</dl>
      </section>
      """
  }
}

/// The consensus as a picture in the order of its tree, at most 400 pixels wide.
public func consensusPicture(_ consensus: Consensus) -> Picture {
  let order = consensus.order
  let side = min(400, order.count)
  let pixels = (0..<side * side).map { index in
    let i = order[index / side * order.count / side]
    let j = order[index % side * order.count / side]
    return UInt8((255 * (1 - consensus.together[i * consensus.count + j])).rounded())
  }
  return Picture(width: side, height: side, channels: 1, pixels: pixels)
}
