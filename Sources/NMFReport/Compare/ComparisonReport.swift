import Foundation
import Matrices
public import NMF
import NMFIO

/// A page on which methods stand beside each other.
public struct ComparisonReport: Sendable {
  private let comparison: Comparison
  private let originals: [(row: Int, values: [Double])]
  private let context: ReportContext
  private let drawing: ComparisonPicture

  /// Gathers what the page will show.
  ///
  /// - Parameters:
  ///   - comparison: The methods.
  ///   - originals: The observations to show, each with its p entries.
  ///   - context: What is known of the data and the command.
  public init(
    _ comparison: Comparison, originals: [(row: Int, values: [Double])], context: ReportContext
  ) {
    self.comparison = comparison
    self.originals = originals
    self.context = context
    drawing = ComparisonPicture(comparison, originals: originals, context: context)
  }

  private var measured: [MethodResult] { comparison.results.filter { $0.measures != nil } }

  /// The page.
  public func html() -> String {
    Page(
      title: "\(context.title): methods compared", header: header,
      sections: [figureSection, tableSection, reproduceSection],
      footer: """
        Each method describes an observation as a centre plus weights times a basis.\
        \(context.version.isEmpty ? "" : " Made by nnmf \(escaped(context.version)).")
        """
    ).html()
  }

  private var header: String {
    let sentences = ComparisonSentences(comparison).sentences
    var html = """
      <header>
      <h1>\(escaped(context.title)): methods compared</h1>
      <p class="note">\(NumberFormat.count(comparison.shape.rows, "observation")) × \
      \(NumberFormat.count(comparison.shape.columns, "feature")), \
      \(NumberFormat.count(comparison.options.fit.rank, "component")) each; NMF by \
      \(comparison.options.fit.loss == .poisson ? "Poisson likelihood" : "least squares").</p>
      \(sentences.map { #"<p class="lead">\#(escaped($0))</p>"# }.joined(separator: "\n"))
      """
    let impossible = comparison.results.compactMap { result -> String? in
      guard let reason = result.failure else { return nil }
      return
        "<p><strong>\(result.method.title) could not be fitted.</strong> \(escaped(reason))</p>"
    }
    if !impossible.isEmpty {
      html += #"<div class="warning" role="alert">\#(impossible.joined())</div>"#
    }
    let notes = comparison.results.flatMap(\.notes) + context.notes
    if !notes.isEmpty {
      html += #"<ul class="notes">\#(notes.map { "<li>\(escaped($0))</li>" }.joined())</ul>"#
    }
    return html + """

      </header>
      <nav aria-label="Sections"><a href="#figure">Figure</a><a href="#table">Table</a>\
      <a href="#reproduce">Reproduce</a></nav>
      """
  }

  // MARK: The figure

  private var figureSection: String {
    let body =
      comparison.options.imageSize.map { size in
        measured.map { pictures($0, size) }.joined(separator: "\n")
      } ?? measured.map(featureTable).joined(separator: "\n")
    let words =
      comparison.options.imageSize == nil
      ? """
      The features with the largest entries of each component, the largest first. Grey is positive, \
      red negative, on one scale for each method.
      """
      : """
      Left the basis, one scale for each method: white is zero, black positive, red negative. For some \
      observations: how much of each component it takes (the same order as the basis), what that adds \
      up to, with the mean of the data for PCA and ICA, and the original.
      """
    return """
      <section id="figure">
      <h2>What each method sees</h2>
      <p>\(words)</p>
      <style>.method{margin-top:26px}.method h3{margin-bottom:8px}.method img{image-rendering:pixelated;\
      background:#fff;outline:1px solid var(--line);display:block;max-width:100%;height:auto}\
      .strip{display:flex;flex-wrap:wrap;\
      gap:18px;align-items:flex-start}.shown{display:grid;grid-template-columns:repeat(3,auto);\
      gap:8px 12px;font-size:13px;color:var(--soft);align-items:center;justify-content:start}\
      .heat td{padding:3px 8px;font-size:13px;white-space:nowrap;max-width:26ch;overflow:hidden;\
      text-overflow:ellipsis;border:1px solid var(--page)}.measures{width:auto}\
      @media (max-width:640px){.measures{font-size:14px}.measures td,.measures th{padding-right:8px}}\
      .meanings{margin:24px 0 14px}</style>
      \(body)
      </section>
      """
  }

  private func image(_ picture: Picture, _ alt: String, width: Int) -> String {
    guard let bytes = try? PNGCodec.encode(picture) else { return "" }
    let height = max(1, width * picture.height / max(1, picture.width))
    return """
      <img alt="\(escaped(alt))" width="\(width)" height="\(height)" \
      src="data:image/png;base64,\(Data(bytes).base64EncodedString())"/>
      """
  }

  private func pictures(_ result: MethodResult, _ size: ImageSize) -> String {
    let name = result.method.title
    let montage = drawing.montage(result, size: size)
    var rows = "<span>weights</span><span>sum</span><span>original</span>"
    for original in originals {
      let label = context.rowName(original.row)
      rows += image(
        drawing.weights(result, row: original.row), "Weights of \(label), \(name)", width: 110)
      rows += image(
        drawing.observation(
          result.reconstruction(of: original.row), like: original.values, size: size),
        "\(label) as \(name) describes it", width: 110)
      rows += image(
        drawing.observation(original.values, like: original.values, size: size), label, width: 110)
    }
    return """
      <div class="method"><h3>\(name)</h3><div class="strip">\
      \(image(montage, "Basis of \(name)", width: min(520, montage.width)))\
      <div class="shown">\(rows)</div></div></div>
      """
  }

  private func featureTable(_ result: MethodResult) -> String {
    let scale = result.basis.elements.reduce(0) { max($0, $1.magnitude) }
    let shown = min(result.basis.rows, 30)
    let rows = (0..<shown).map { k -> String in
      let row = result.basis.row(k)
      let start = row.startIndex
      let leading = row.indices.sorted {
        (row[$0].magnitude, $1) > (row[$1].magnitude, $0)
      }.prefix(8)
      let cells = leading.map { index -> String in
        let value = row[index]
        let share = scale > 0 ? NumberFormat.fixed(0.1 + 0.55 * value.magnitude / scale, 2) : "0"
        let color = value < 0 ? "rgba(220,40,40,\(share))" : "rgba(128,128,128,\(share))"
        let name = escaped(context.columnName(index - start))
        return """
          <td style="background:\(color)" title="\(name) \(NumberFormat.number(value, digits: 3))">\
          \(name)</td>
          """
      }
      return #"<tr><td class="n">\#(k + 1)</td>\#(cells.joined())</tr>"#
    }
    let rest =
      shown < result.basis.rows
      ? "<p class=\"note\">The first \(shown) of \(result.basis.rows).</p>" : ""
    return """
      <div class="method"><h3>\(result.method.title)</h3><div class="scroll">\
      <table class="heat"><tbody>\(rows.joined())</tbody></table></div>\(rest)</div>
      """
  }

  // MARK: The table

  private var tableSection: String {
    let heads = comparison.results.map { #"<th class="n">\#($0.method.title)</th>"# }.joined()
    var rows: [String] = []
    for column in ComparisonColumn.all(for: comparison) {
      var cells = ""
      for result in comparison.results {
        if let measures = result.measures {
          cells += #"<td class="n">\#(escaped(column.text(measures)))</td>"#
        } else {
          cells += #"<td class="n soft">failed</td>"#
        }
      }
      rows.append(
        """
        <tr><td>\(escaped(column.title))</td>\(cells)</tr>
        """)
    }
    let meanings = ComparisonColumn.all(for: comparison).map {
      "<dt>\(escaped($0.title))</dt><dd>\(escaped($0.meaning))</dd>"
    }
    return """
      <section id="table">
      <h2>Measured the same way</h2>
      <div class="scroll"><table class="measures"><thead><tr><th></th>\(heads)</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      <dl class="meanings">\(meanings.joined(separator: "\n"))</dl>
      <p class="note">ICA turns the principal components within their subspace, so it describes exactly \
      what PCA describes.</p>
      </section>
      """
  }

  private var reproduceSection: String {
    let options = comparison.options
    let items: [(String, String)] = [
      ("Data", context.dataPath), ("Shape", "\(comparison.shape)"), ("Rank", "\(options.fit.rank)"),
      ("Seed", "\(options.fit.seed)"),
      ("Hidden entries", NumberFormat.count(comparison.heldOutCount)),
      ("Version", context.version), ("Date", context.date),
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
