import Matrices

extension StructurePlot {
  /// The height of the drawing in its own units; a share of 1 is this high.
  private static let height = 1000

  /// The columns as one path a component, so that the page stays small whatever N is.
  ///
  /// In each group the components are stacked by their mass in it, so that the outlines of the
  /// heaviest can be followed. Where there are many components, a group shows only its heaviest in
  /// colour and the others as one grey area: more would be confetti.
  func svg() -> String {
    let unit = max(1, 2400 / max(1, shares.rows))
    // About a quarter of a percent of the width; a group of one column must stay visible.
    let gap = groups.count > 1 ? max(1, min(6, shares.rows * unit / 200)) : 0
    let width = max(1, shares.rows * unit + gap * (groups.count - 1))
    let top = highest
    func level(_ share: Double) -> Int {
      Int((min(1, share / top) * Double(Self.height)).rounded())
    }
    var paths = [String](repeating: "", count: shares.columns)
    var others = ""
    for (index, group) in groups.enumerated() {
      var edges: [[Int]] = []
      let stack = stackOrder(of: group).prefix(coloredInGroup)
      for column in group.columns {
        var total = 0.0
        edges.append(
          [0]
            + stack.map { k in
              total += shares[column, k]
              return level(total)
            })
      }
      let left = group.columns.lowerBound * unit + index * gap
      for (level, k) in stack.enumerated() {
        paths[k] += Self.band(
          from: edges.map { $0[level] }, to: edges.map { $0[level + 1] }, left: left, unit: unit)
      }
      if stack.count < shares.columns {
        let totals = group.columns.map { column in
          level(shares.row(column).reduce(0, +))
        }
        others += Self.band(
          from: edges.map { $0[stack.count] }, to: totals, left: left, unit: unit)
      }
    }
    let label = "Shares of \(shares.columns) components in \(order.count) observations"
    var svg = """
      <svg class="structure" viewBox="0 0 \(width) \(Self.height)" preserveAspectRatio="none" \
      shape-rendering="crispEdges" role="img" aria-label="\(label)">
      """
    for (k, path) in paths.enumerated() where !path.isEmpty {
      svg += """
        <path style="fill:\(Palette.color(k))" d="\(path)"><title>Part \(k + 1)</title></path>
        """
    }
    if !others.isEmpty {
      svg += #"<path style="fill:var(--line)" d="\#(others)"><title>All other parts</title></path>"#
    }
    return svg + "</svg>"
  }

  /// How many components of each group have a colour of their own.
  ///
  /// A group of one label may hold several dominant components, so it is given more colours.
  var coloredInGroup: Int {
    let isLabelled = groups.contains { $0.label != nil }
    switch shares.columns {
    case ...10: return shares.columns
    case ...Palette.count: return isLabelled ? shares.columns : 5
    default: return isLabelled ? 8 : 3
    }
  }

  /// The share at the upper edge of the drawing: 1, or less where all above would be grey.
  var highest: Double {
    guard coloredInGroup < shares.columns else { return 1 }
    var largest = 0.0
    for group in groups {
      let stack = stackOrder(of: group).prefix(coloredInGroup)
      for column in group.columns {
        largest = max(largest, stack.reduce(0) { $0 + shares[column, $1] })
      }
    }
    return min(1, max(0.1, (largest * 10).rounded(.up) / 10))
  }

  /// Where each group lies, in percent of the width, with what is written below it.
  func axis() -> String {
    let total = Double(max(1, shares.rows))
    var html = #"<div class="axis" aria-hidden="true">"#
    for group in groups {
      let left = Double(group.columns.lowerBound) / total * 100
      let width = Double(group.columns.count) / total * 100
      let name = group.label ?? group.component.map { "\($0 + 1)" } ?? "none"
      let title =
        (group.label ?? group.component.map { "Part \($0 + 1)" } ?? "Observations that are all zero")
        + ": " + NumberFormat.count(group.count, "observation")
      // A name that cannot be read is better left out; its title still answers the pointer.
      let fits = group.label == nil ? width >= 1.9 : width >= 3
      html += """
        <span style="left:\(NumberFormat.fixed(left, 2))%;width:\(NumberFormat.fixed(width, 2))%" \
        title="\(escaped(title))">\(fits ? escaped(shortened(name, to: 40)) : "")</span>
        """
    }
    return html + "</div>"
  }

  private func stackOrder(of group: Group) -> [Int] {
    var masses = [Double](repeating: 0, count: shares.columns)
    for column in group.columns {
      for (k, share) in shares.row(column).enumerated() { masses[k] += share }
    }
    // A group that is named for a component begins with it, whatever the others add up to.
    return masses.indices.sorted { a, b in
      if (a == group.component) != (b == group.component) { return a == group.component }
      return masses[a] != masses[b] ? masses[a] > masses[b] : a < b
    }
  }

  /// The area between two step lines; pieces without height are left out.
  private static func band(from lower: [Int], to upper: [Int], left: Int, unit: Int) -> String {
    var path = ""
    var start = 0
    while start < lower.count {
      guard upper[start] > lower[start] else {
        start += 1
        continue
      }
      var end = start
      while end < lower.count, upper[end] > lower[end] { end += 1 }
      path += "M\(left + start * unit) \(height - upper[start])"
      path += steps(upper[start..<end].map { height - $0 }, unit: unit)
      path += "V\(height - lower[end - 1])"
      path += steps(lower[start..<end].reversed().map { height - $0 }, unit: -unit)
      path += "z"
      start = end
    }
    return path
  }

  /// Horizontal and vertical moves along a step line, equal neighbours drawn as one.
  private static func steps(_ levels: [Int], unit: Int) -> String {
    var path = ""
    var run = 0
    for (index, level) in levels.enumerated() {
      if index > 0, level != levels[index - 1] {
        path += "h\(run * unit)v\(level - levels[index - 1])"
        run = 0
      }
      run += 1
    }
    return path + "h\(run * unit)"
  }
}
