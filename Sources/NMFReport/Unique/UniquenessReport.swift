import Foundation
public import Matrices
public import NMF
import NMFIO

/// A page about how unique a factorisation is.
public struct UniquenessReport: Sendable {
  let result: Uniqueness<Double>
  let context: ReportContext
  let data: DataMatrix<Double>
  let sentences: UniquenessSentences

  /// Gathers what the page will show.
  ///
  /// - Parameters:
  ///   - result: The examination.
  ///   - context: What it does not know about its data and its command.
  ///   - data: X, for the drawing of two-feature data.
  public init(
    _ result: Uniqueness<Double>, context: ReportContext, data: DataMatrix<Double>
  ) {
    self.result = result
    self.context = context
    self.data = data
    sentences = UniquenessSentences(result)
  }

  /// The page.
  public func html() -> String {
    var sections: [String] = []
    if let plane = planeSection { sections.append(plane) }
    sections.append(partsSection)
    if let chosen = chosenSection { sections.append(chosen) }
    if result.families.flatMap(\.members).count > 1 { sections.append(familiesSection) }
    if !result.checks.isEmpty { sections.append(checksSection) }
    sections.append(reproduceSection)
    return Page(
      title: "\(context.title): how unique?", header: header, sections: sections,
      footer: """
        Two sets of parts with the same WH explain the data equally well; nothing in the data can tell \
        them apart.\(context.version.isEmpty ? "" : " Made by nnmf \(escaped(context.version)).")
        """
    ).html()
  }

  private var header: String {
    let observations = NumberFormat.count(context.shape.rows, "observation")
    let features = NumberFormat.count(context.shape.columns, "feature")
    let loss = result.model.options.loss == .poisson ? "Poisson likelihood" : "least squares"
    let quality =
      result.model.report.isExact(result.model.report.objective)
      ? "fitted exactly"
      : "objective \(NumberFormat.number(result.model.report.objective, digits: 6))"
    let html = """
      <header>
      <h1>\(escaped(context.title)): how unique?</h1>
      <p class="lead">\(escaped(sentences.answer))</p>
      <ul class="notes">\(sentences.evidence.map { "<li>\(escaped($0))</li>" }.joined())</ul>
      <p class="note" style="margin-top:12px">\(NumberFormat.count(result.model.rank, "part")) of \(observations) × \
      \(features), \(loss), \(quality).\
      </p>
      </header>
      """
    var links: [(String, String)] = []
    if planeSection != nil { links.append(("plane", "Drawing")) }
    links.append(("parts", "Parts"))
    if result.chosen != nil { links.append(("chosen", "Choice")) }
    if result.families.flatMap(\.members).count > 1 { links.append(("families", "Families")) }
    if !result.checks.isEmpty { links.append(("checks", "Checks")) }
    links.append(("reproduce", "Reproduce"))
    let nav = links.map { ##"<a href="#\##($0.0)">\##($0.1)</a>"## }.joined()
    return html + #"<nav aria-label="Sections">\#(nav)</nav>"#
  }

  /// The drawing of all solutions, where they can be drawn.
  private var planeSection: String? {
    if result.model.h.columns == 2, result.model.rank == 2,
      let chart = ConeChart(result: result, data: data, names: names)
    {
      return """
        <section id="plane">
        <h2>All solutions</h2>
        <p>Each point is an observation. A pair of parts explains all of them when its two directions \
        enclose the points: each part may lie anywhere in its shaded sector, between the outermost \
        points and the axis. Solid lines with a dot are the parts that were found, dashed lines the \
        ends of their sectors (figure 14.34 of <i>The Elements of Statistical Learning</i>).</p>
        <figure class="panel wide">\(chart.svg())</figure>
        </section>
        """
    }
    if let regions = result.room.regions {
      let chart = RegionChart(regions: regions)
      let special =
        regions.isRing
        ? " Here the regions are one ring around the observations: each part can become any other."
        : regions.others.isEmpty
          ? ""
          : " Grey regions hold the parts of other solutions, apart from these."
      return """
        <section id="plane">
        <h2>All solutions</h2>
        <p>The plane of mixtures of the three parts. Each small point is a corner of the observations’ \
        hull; the outer polygon holds everything that is non-negative. Each part may be anywhere in \
        its shaded region, as long as the three together enclose the hull; dots are the parts that \
        were found. A region that is only a dot is a part that is pinned.\(special)</p>
        <figure class="panel wide">\(chart.svg())</figure>
        </section>
        """
    }
    return nil
  }

  var names: [String] { (0..<result.model.h.columns).map(context.columnName) }

  /// A component's colour as a small square.
  func swatch(_ component: Int) -> String {
    #"<span class="swatch" style="background:\#(Palette.color(component))"></span>"#
  }

  private var checksSection: String {
    let rows = result.checks.map { check in
      let (mark, text) =
        switch check.evidence {
        case .provesUnique: ("good", "proves unique")
        case .provesNotUnique: ("bad", "proves not unique")
        case .onlySuggests:
          switch check.favorsUnique {
          case true?: ("", "suggests unique")
          case false?: ("", "suggests not unique")
          case nil: ("", "no conclusion")
          }
        }
      return """
        <tr><td>\(Self.title(check.name))</td><td class="\(mark)"><b>\(text)</b></td>\
        <td>\(escaped(check.finding))</td></tr>
        """
    }
    return """
      <section id="checks">
      <h2>Checks</h2>
      <p>All are about this WH, up to the scale and the order of the parts. Entries below 10⁻⁷ of the \
      largest of their component count as zero, and a movement counts from 0.1° on.</p>
      <div class="scroll"><table class="numbers"><thead><tr><th>Check</th><th>Says</th><th>Found</th>\
      </tr></thead><tbody>\(rows.joined())</tbody></table></div>
      </section>
      """
  }

  private static func title(_ name: IdentifiabilityCheck.Name) -> String {
    switch name {
    case .separability: "Pure observations and features"
    case .supportInclusion: "Pairs of parts"
    case .scattering: "Scattering"
    case .rigidity: "Rigidity"
    case .movement: "Movement"
    case .information: "Information"
    }
  }

  private var reproduceSection: String {
    let command =
      context.command.isEmpty
      ? "" : #"<pre class="copy"><code>\#(escaped(context.command))</code></pre>"#
    let items: [(String, String)] = [
      ("Data", context.dataPath), ("Shape", "\(context.shape)"),
      ("Starts", "\(result.families.flatMap(\.members).count)"),
      (
        "As good", "objective higher by at most \(NumberFormat.number(result.tolerance, digits: 3))"
      ),
      (
        "Same family",
        "matching parts within 5°, objectives within 0.1\(NumberFormat.space)%"
      ),
      ("Version", context.version), ("Date", context.date),
    ]
    let list = items.filter { !$0.1.isEmpty }.map {
      "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>"
    }
    return """
      <section id="reproduce">
      <h2>Reproduce</h2>
      <p>The same command, data and seed give the same numbers, with any number of threads.</p>
      \(command)
      <dl>\(list.joined())</dl>
      </section>
      """
  }
}
