import Matrices

extension Report {
  /// How much of each observation each part accounts for, and what groups that makes.
  func membershipsSection() -> String {
    let labels = context.usableLabels
    // The drawing has about columns × r corners; this bounds it to some 300 kB.
    let mostColumns = max(200, min(1200, 36_000 / max(1, facts.rank)))
    let plot = StructurePlot(facts.memberships, labels: labels, mostColumns: mostColumns)
    return """
      <section id="memberships">
      <h2>Memberships</h2>
      <p>\(explanation(plot, hasLabels: labels != nil))</p>
      <figure class="panel" style="margin:18px 0 0">\(plot.svg())\(plot.axis())</figure>
      \(note(plot, labels: labels))
      \(componentTable())
      \(labels.map(crossTable) ?? "")
      </section>
      """
  }

  private func explanation(_ plot: StructurePlot, hasLabels: Bool) -> String {
    """
    Each column is one observation; the height of a colour is the share of it that the part \
    accounts for, a row of W scaled to 100 %. Observations are grouped by \
    \(hasLabels ? "their known label (which the fit did not use)" : "their largest part"), the \
    largest group first\(hasLabels ? "." : ", and numbered below.") \(mixedSentence)
    """
  }

  private var mixedSentence: String {
    let n = context.shape.rows
    var text: String
    switch members.mixed {
    case 0: text = "No observation is mixed: in each, one part accounts for half or more."
    case n: text = "Every observation is mixed: in none does one part account for half of it."
    default:
      text = """
        \(NumberFormat.count(members.mixed)) of \(NumberFormat.count(n, "observation")) \
        \(members.mixed == 1 ? "is" : "are") mixed: no part accounts for half of \
        \(members.mixed == 1 ? "it" : "them").
        """
    }
    if members.empty > 0 {
      let verb = members.empty == 1 ? "is" : "are"
      text += " \(NumberFormat.count(members.empty, "observation")) \(verb) all zero and "
      text += members.empty == 1 ? "belongs to no part." : "belong to no part."
    }
    return text
  }

  private func note(_ plot: StructurePlot, labels: [String]?) -> String {
    var sentences: [String] = []
    if plot.isAveraged {
      let each = Double(plot.order.count) / Double(max(1, plot.shares.rows))
      sentences.append(
        """
        Too many observations to draw one by one: each column is the mean of about \
        \(NumberFormat.number(each, digits: 2)) neighbours in this order.
        """)
    }
    if plot.coloredInGroup < facts.rank {
      sentences.append(
        """
        With this many parts, each group shows its \(plot.coloredInGroup) largest in colour and all \
        others together in grey.
        """)
      if plot.highest < 1 {
        sentences.append(
          "The drawing ends at \(NumberFormat.percent(plot.highest)); above it, all is grey.")
      }
    }
    if facts.rank > Palette.count {
      sentences.append(
        "There are \(Palette.count) colours; from part \(Palette.count + 1) on they begin again.")
    }
    if let given = context.rowLabels, !given.isEmpty, labels == nil {
      sentences.append("The known labels are too many to be groups, and are not shown.")
    }
    guard !sentences.isEmpty else { return "" }
    return #"<p class="note" style="margin-top:10px">"# + sentences.joined(separator: " ") + "</p>"
  }

  private func componentTable() -> String {
    let n = Double(max(1, context.shape.rows))
    let largest = facts.massShares.max() ?? 1
    let rows = members.components.enumerated().map { k, component in
      let typical = component.typical.map { escaped(context.rowName($0)) }.joined(separator: ", ")
      let bar = FeatureBar(
        share: largest > 0 ? facts.massShares[k] / largest : 0, color: Palette.color(k))
      return """
        <tr><td style="white-space:nowrap">\(swatch(k))\(link(k))</td>\
        <td class="n">\(NumberFormat.percent(facts.massShares[k]))</td><td class="bars">\(bar.svg())</td>\
        <td class="n">\(NumberFormat.count(component.dominant))</td>\
        <td class="n">\(NumberFormat.percent(Double(component.dominant) / n))</td>\
        <td class="n">\(NumberFormat.count(component.clear))</td><td class="names">\(typical)</td></tr>
        """
    }
    return """
      <div class="scroll\(facts.rank > 12 ? " long" : "")"><table><thead><tr><th>Part</th><th class="n">Share of the mass</th><th></th>\
      <th class="n">Largest in</th><th class="n">of all</th><th class="n">half or more in</th>\
      <th>Most typical observations</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private func link(_ part: Int) -> String {
    part < shownParts
      ? ##"<a href="#part-\##(part + 1)">Part \##(part + 1)</a>"## : "Part \(part + 1)"
  }

  /// Known labels against dominant components, as counts.
  private func crossTable(_ labels: [String]) -> String {
    guard facts.rank <= 30 else { return "" }
    var counts: [String: [Int]] = [:]
    for (label, dominant) in zip(labels, members.dominant) {
      counts[label, default: Array(repeating: 0, count: facts.rank)][dominant ?? 0] +=
        dominant == nil ? 0 : 1
    }
    let sorted = counts.sorted { a, b in
      let (m, n) = (a.value.reduce(0, +), b.value.reduce(0, +))
      return m != n ? m > n : a.key < b.key
    }
    let head = (0..<facts.rank).map { #"<th class="n">\#(swatch($0))\#($0 + 1)</th>"# }.joined()
    let rows = sorted.map { label, row in
      let most = row.max() ?? 0
      let cells = row.map { count in
        let kind = count == 0 ? " zero" : count == most ? " most" : ""
        return #"<td class="n\#(kind)">\#(NumberFormat.count(count))</td>"#
      }
      return "<tr><td>\(escaped(shortened(label, to: 60)))</td>\(cells.joined())</tr>"
    }
    return """
      <h3 style="margin-top:34px">Known labels against largest parts</h3>
      <p class="note">How many observations of each label have each part as their largest.</p>
      <div class="scroll" style="margin-top:6px"><table class="cross"><thead><tr><th>Label</th>\
      \(head)</tr></thead><tbody>\(rows.joined())</tbody></table></div>
      """
  }
}
