import Foundation

/// A line on a logarithmic scale against the iteration, as SVG coloured by the page's variables.
struct ConvergenceChart {
  /// One point of the line.
  struct Point: Equatable {
    var iteration: Int
    var value: Double
  }

  /// What the chart shows, for its heading and for readers who cannot see it.
  var title: String
  /// What the values are.
  var subtitle: String
  /// Points with a value above zero, in order of iteration.
  var points: [Point]
  /// A value to draw a dashed line at, with its name.
  var threshold: (value: Double, name: String)?
  /// Whether a dot marks each point (few points) or the line alone (many).
  private var marksPoints: Bool { points.count <= 40 }

  /// The most points that are drawn.
  static let mostPoints = 500

  /// Creates a chart; values that a logarithm cannot show are left out, and many points thinned.
  init(
    title: String, subtitle: String = "", points: [Point],
    threshold: (value: Double, name: String)? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.threshold = threshold
    let shown = points.filter { $0.value > 0 && $0.value.isFinite }
    if shown.count > Self.mostPoints {
      let step = Double(shown.count - 1) / Double(Self.mostPoints - 1)
      self.points = (0..<Self.mostPoints).map { shown[Int((Double($0) * step).rounded())] }
    } else {
      self.points = shown
    }
  }

  /// The chart, or nil when there are fewer than two points to draw.
  func svg() -> String? {
    guard points.count >= 2, let last = points.last else { return nil }
    let (width, height) = (520.0, 290.0)
    let (left, right, top, bottom) = (58.0, 14.0, 12.0, 44.0)
    let values = points.map(\.value) + [threshold?.value].compactMap { $0 }.filter { $0 > 0 }
    let low = log10(values.min() ?? 1).rounded(.down)
    let high = max(low + 1, log10(values.max() ?? 1).rounded(.up))
    let end = Double(max(1, last.iteration))
    func x(_ iteration: Double) -> Double { left + iteration / end * (width - left - right) }
    func y(_ value: Double) -> Double {
      top + (high - log10(value)) / (high - low) * (height - top - bottom)
    }

    var svg = """
      <svg class="chart" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
      aria-label="\(escaped(title))">
      """
    for exponent in Self.exponents(from: Int(low), to: Int(high)) {
      let line = Self.coordinate(y(pow(10, Double(exponent))))
      svg += """
        <line class="grid" x1="\(Int(left))" x2="\(Int(width - right))" y1="\(line)" y2="\(line)"/>\
        <text class="tick" x="\(Int(left) - 8)" y="\(line)" dy="0.35em" text-anchor="end">\
        \(Self.powerOfTen(exponent))</text>
        """
    }
    for tick in Self.ticks(upTo: last.iteration) {
      svg += """
        <text class="tick" x="\(Self.coordinate(x(Double(tick))))" y="\(Int(height - bottom) + 20)" \
        text-anchor="middle">\(NumberFormat.count(tick))</text>
        """
    }
    svg += """
      <text class="tick" x="\(Self.coordinate((left + width - right) / 2))" \
      y="\(Int(height) - 5)" text-anchor="middle">iteration</text>
      """
    if let threshold, threshold.value > 0 {
      let line = Self.coordinate(y(threshold.value))
      svg += """
        <line class="threshold" x1="\(Int(left))" x2="\(Int(width - right))" y1="\(line)" \
        y2="\(line)"/><text class="tick" x="\(Int(left) + 6)" y="\(line)" dy="-0.5em">\
        \(escaped(threshold.name))</text>
        """
    }
    let path = points.map {
      "\(Self.coordinate(x(Double($0.iteration)))) \(Self.coordinate(y($0.value)))"
    }
    svg += #"<path class="line" d="M"# + path.joined(separator: "L") + #""/>"#
    if marksPoints {
      for point in points {
        svg += """
          <circle class="dot" cx="\(Self.coordinate(x(Double(point.iteration))))" \
          cy="\(Self.coordinate(y(point.value)))" r="3"><title>iteration \
          \(NumberFormat.count(point.iteration)): \(NumberFormat.number(point.value, digits: 3))\
          </title></circle>
          """
      }
    }
    return svg + "</svg>"
  }

  /// Not more than seven powers of ten between two.
  private static func exponents(from low: Int, to high: Int) -> [Int] {
    Array(stride(from: low, through: high, by: max(1, (high - low + 5) / 6)))
  }

  /// Round numbers of iterations, about five.
  static func ticks(upTo last: Int) -> [Int] {
    guard last > 0 else { return [0] }
    let rough = Double(last) / 5
    let unit = pow(10, log10(max(1, rough)).rounded(.down))
    let step = max(1, Int(([1, 2, 5, 10].first { $0 * unit >= rough } ?? 10) * unit))
    return Array(stride(from: 0, through: last, by: step))
  }

  private static func coordinate(_ value: Double) -> String { NumberFormat.fixed(value, 1) }

  private static func powerOfTen(_ exponent: Int) -> String {
    if (0...3).contains(exponent) { return NumberFormat.count(Int(pow(10, Double(exponent)))) }
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return "10" + String(String(exponent).map { digits[$0] ?? $0 })
  }
}
