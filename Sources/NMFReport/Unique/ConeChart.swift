import Foundation
import Matrices
import NMF

/// Two-feature data with the directions that each of two parts can take.
struct ConeChart {
  private let points: [(x: Double, y: Double)]
  private let found: [Double]
  private let ranges: [ClosedRange<Double>]
  private let names: [String]

  /// - Returns: nil when the directions are not known.
  init?(result: Uniqueness<Double>, data: DataMatrix<Double>, names: [String]) {
    guard data.columns == 2 else { return nil }
    var ranges: [ClosedRange<Double>] = []
    var found: [Double] = []
    for room in result.room.parts {
      guard let range = result.directionDegrees(of: room.component) else { return nil }
      ranges.append(range)
      found.append(atan2(room.part[1], room.part[0]) * 180 / .pi)
    }
    // More points than can be seen are thinned evenly.
    let step = max(1, data.rows / 2000)
    points = stride(from: 0, to: data.rows, by: step).map { (data[$0, 0], data[$0, 1]) }
    self.ranges = ranges
    self.found = found
    self.names = names
  }

  /// The drawing, coloured by the page's variables.
  func svg() -> String {
    let side = 480.0
    let (left, bottom, top) = (56.0, 48.0, 16.0)
    let most =
      max(
        points.map(\.x).max() ?? 1, points.map(\.y).max() ?? 1, .leastNormalMagnitude) * 1.12
    func x(_ value: Double) -> String { NumberFormat.fixed(left + value / most * side, 1) }
    func y(_ value: Double) -> String { NumberFormat.fixed(top + side - value / most * side, 1) }
    // A ray from the origin ends at the edge of the square.
    func end(_ degrees: Double, _ share: Double = 1) -> (x: Double, y: Double) {
      let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
      let length = share * most / max(c, s)
      return (max(0, length * c), max(0, length * s))
    }
    let (width, height) = (Int(left + side + 120), Int(top + side + bottom))
    var svg = """
      <svg class="chart" viewBox="0 0 \(width) \(height)" role="img" \
      aria-label="The observations, and the directions that each part can take">
      """
    for (k, range) in ranges.enumerated() {
      let arc = (0...24).map { step -> String in
        let degrees = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 24
        let p = end(degrees)
        return "\(x(p.x)),\(y(p.y))"
      }
      svg += """
        <polygon points="\(x(0)),\(y(0)) \(arc.joined(separator: " "))" \
        style="fill:\(Palette.color(k));opacity:.18"/>
        """
      for edge in [range.lowerBound, range.upperBound] {
        let p = end(edge)
        svg += """
          <line x1="\(x(0))" y1="\(y(0))" x2="\(x(p.x))" y2="\(y(p.y))" \
          style="stroke:\(Palette.color(k));stroke-width:1.5;stroke-dasharray:6 4"/>
          """
      }
    }
    svg += """
      <line x1="\(x(0))" y1="\(y(0))" x2="\(x(most))" y2="\(y(0))" style="stroke:var(--ink)"/>\
      <line x1="\(x(0))" y1="\(y(0))" x2="\(x(0))" y2="\(y(most))" style="stroke:var(--ink)"/>
      """
    for point in points {
      svg += #"<circle cx="\#(x(point.x))" cy="\#(y(point.y))" r="4" style="fill:var(--ink)"/>"#
    }
    for (k, degrees) in found.enumerated() {
      let p = end(degrees, 0.93)
      let tip = end(degrees, 0.97)
      svg += """
        <line x1="\(x(0))" y1="\(y(0))" x2="\(x(p.x))" y2="\(y(p.y))" \
        style="stroke:\(Palette.color(k));stroke-width:3"/>\
        <circle cx="\(x(p.x))" cy="\(y(p.y))" r="5" style="fill:\(Palette.color(k))"/>\
        <text class="tick" x="\(x(tip.x))" y="\(y(tip.y))" dx="8" dy="\(degrees < 10 ? -8 : 5)" \
        style="font-weight:650;fill:\(Palette.color(k))">part \(k + 1): \(NumberFormat.fixed(degrees, 1))°</text>
        """
    }
    svg += """
      <text class="tick" x="\(x(most / 2))" y="\(height - 12)" text-anchor="middle">\
      \(escaped(shortened(names[0], to: 40)))</text>\
      <text class="tick" x="18" y="\(y(most / 2))" text-anchor="middle" \
      transform="rotate(-90 18 \(y(most / 2)))">\(escaped(shortened(names[1], to: 40)))</text>
      """
    return svg + "</svg>"
  }
}
