import Foundation

/// A value against the rank, with error bars where there are some, as SVG.
struct RankChart {
  /// One rank.
  struct Point: Equatable {
    var rank: Int
    var value: Double
    /// Half the length of the error bar.
    var error: Double?
  }

  /// One line of the chart.
  struct Line {
    var name: String
    var points: [Point]
    /// Whether it is the background, drawn thin and grey.
    var isQuiet = false
  }

  var title: String
  var subtitle: String
  var lines: [Line]
  /// The rank that was chosen, and those that cannot be told from it.
  var chosen: Int
  var plausible: [Int]
  /// Whether the vertical axis may leave out values far above the chosen one.
  var clipsAbove = false

  /// The chart, or nil when there are fewer than two points to draw.
  func svg() -> String? {
    let points = lines.flatMap(\.points).filter { $0.value.isFinite }
    let ranks = Set(points.map(\.rank)).sorted()
    guard ranks.count >= 2, let firstRank = ranks.first, let lastRank = ranks.last else {
      return nil
    }
    let (width, height) = (520.0, 290.0)
    let (left, right, top, bottom) = (66.0, 14.0, 12.0, 44.0)
    var low = points.map { $0.value - ($0.error ?? 0) }.min() ?? 0
    var high = points.map { $0.value + ($0.error ?? 0) }.max() ?? 1
    if clipsAbove, let main = lines.first(where: { !$0.isQuiet }) {
      // What is far worse than the first rank would flatten everything that matters.
      let values = main.points.map(\.value)
      let floor = values.min() ?? low
      high = min(high, floor + 1.3 * max((values.first ?? high) - floor, 1e-3 * abs(floor)))
    }
    let margin = max(0.06 * (high - low), 1e-9)
    (low, high) = (low - margin, high + margin)
    func x(_ rank: Double) -> Double {
      left + (rank - Double(firstRank)) / Double(lastRank - firstRank) * (width - left - right)
    }
    func y(_ value: Double) -> Double {
      top + (high - min(max(value, low), high)) / (high - low) * (height - top - bottom)
    }
    func text(_ value: Double) -> String { NumberFormat.fixed(value, 1) }

    var svg = """
      <svg class="chart" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
      aria-label="\(escaped(title))">
      """
    if let from = plausible.first, let to = plausible.last {
      let (a, b) = (x(Double(from) - 0.4), x(Double(to) + 0.4))
      let (start, end) = (max(left - 4, a), min(width - right + 4, b))
      svg += """
        <rect class="band" x="\(text(start))" y="\(Int(top))" width="\(text(end - start))" \
        height="\(Int(height - top - bottom))"/>
        """
    }
    for value in Self.ticks(from: low, to: high) {
      svg += """
        <line class="grid" x1="\(Int(left))" x2="\(Int(width - right))" y1="\(text(y(value)))" \
        y2="\(text(y(value)))"/><text class="tick" x="\(Int(left) - 8)" y="\(text(y(value)))" \
        dy="0.35em" text-anchor="end">\(NumberFormat.number(value, digits: 4))</text>
        """
    }
    let step = max(1, (lastRank - firstRank + 9) / 10)
    for rank in stride(from: firstRank, through: lastRank, by: step) {
      svg += """
        <text class="tick" x="\(text(x(Double(rank))))" y="\(Int(height - bottom) + 20)" \
        text-anchor="middle">\(rank)</text>
        """
    }
    svg += """
      <text class="tick" x="\(text((left + width - right) / 2))" y="\(Int(height) - 5)" \
      text-anchor="middle">rank r</text>
      """
    for line in lines { svg += path(line, x: x, y: y, high: high) }
    if let point = lines.first(where: { !$0.isQuiet })?.points.first(where: { $0.rank == chosen }) {
      svg += """
        <circle class="ring" cx="\(text(x(Double(chosen))))" cy="\(text(y(point.value)))" r="7"/>
        """
    }
    return svg + "</svg>"
  }

  private func path(
    _ line: Line, x: (Double) -> Double, y: (Double) -> Double, high: Double
  ) -> String {
    let points = line.points.filter { $0.value.isFinite }
    let style = line.isQuiet ? "line quiet" : "line"
    func text(_ value: Double) -> String { NumberFormat.fixed(value, 1) }
    let corners = points.map { "\(text(x(Double($0.rank)))) \(text(y($0.value)))" }
    var svg = #"<path class="\#(style)" d="M"# + corners.joined(separator: "L") + #""/>"#
    for point in points where point.value <= high {
      let center = text(x(Double(point.rank)))
      if let error = point.error, error > 0 {
        svg += """
          <line class="error" x1="\(center)" x2="\(center)" y1="\(text(y(point.value - error)))" \
          y2="\(text(y(point.value + error)))"/>
          """
      }
      svg += """
        <circle class="dot\(line.isQuiet ? " quiet" : "")" cx="\(center)" \
        cy="\(text(y(point.value)))" r="3"><title>\(escaped(line.name)), rank \(point.rank): \
        \(NumberFormat.number(point.value, digits: 5))</title></circle>
        """
    }
    return svg
  }

  /// About four round numbers between two.
  private static func ticks(from low: Double, to high: Double) -> [Double] {
    let rough = (high - low) / 4
    let unit = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 5, 10].first { $0 * unit >= rough } ?? 10) * unit
    let first = (low / step).rounded(.up)
    return (0...12).map { (first + Double($0)) * step }.filter { $0 <= high }
  }
}
