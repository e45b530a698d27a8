import Foundation
import NMF

/// The feasible regions of three parts, in the triangle of their mixtures.
struct RegionChart {
  let regions: FeasibleRegions

  /// The drawing, coloured by the page's variables.
  func svg() -> String {
    // Mixtures as an even triangle: part 1 lower left, part 2 lower right, part 3 at the top.
    func place(_ p: PlanePoint) -> (x: Double, y: Double) {
      let z = 1 - p.x - p.y
      return (p.y + z / 2, z * 0.75.squareRoot())
    }
    let all = (regions.outer + regions.inner + (regions.regions + regions.others).flatMap { $0 })
      .map(place)
    guard let left = all.map(\.x).min(), let right = all.map(\.x).max(),
      let low = all.map(\.y).min(), let high = all.map(\.y).max()
    else { return "" }
    let (width, height, margin) = (640.0, 520.0, 30.0)
    let scale = min(
      (width - 2 * margin) / max(right - left, 1e-12),
      (height - 2 * margin) / max(high - low, 1e-12))
    func text(_ p: PlanePoint) -> String {
      let q = place(p)
      return NumberFormat.fixed(width / 2 + (q.x - (left + right) / 2) * scale, 2) + ","
        + NumberFormat.fixed(height / 2 - (q.y - (low + high) / 2) * scale, 2)
    }
    func outline(_ points: [PlanePoint]) -> String { points.map(text).joined(separator: " ") }
    var svg = """
      <svg class="chart" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
      aria-label="What each of the three parts can be">
      <polygon points="\(outline(regions.outer))" style="fill:var(--track);stroke:var(--line)"/>
      """
    func draw(_ region: [PlanePoint], _ color: String) {
      guard region.count > 2 else { return }
      svg += #"<polygon points="\#(outline(region))" style="fill:\#(color);opacity:.35"/>"#
      // A ring is cut open, which a line along it would show.
      guard !regions.isRing else { return }
      svg += #"<polygon points="\#(outline(region))" style="fill:none;stroke:\#(color)"/>"#
    }
    if regions.isRing {
      draw(regions.regions[0], "var(--soft)")
    } else {
      for (k, region) in regions.regions.enumerated() { draw(region, Palette.color(k)) }
      for region in regions.others { draw(region, "var(--soft)") }
    }
    svg += """
      <polygon points="\(outline(regions.inner))" \
      style="fill:var(--panel);fill-opacity:.6;stroke:var(--ink);stroke-width:1.2"/>
      """
    for point in regions.inner {
      let p = text(point).split(separator: ",")
      svg += #"<circle cx="\#(p[0])" cy="\#(p[1])" r="2" style="fill:var(--ink)"/>"#
    }
    let corners = [PlanePoint(x: 1, y: 0), PlanePoint(x: 0, y: 1), PlanePoint(x: 0, y: 0)]
    svg += """
      <polygon points="\(outline(corners))" style="fill:none;stroke:var(--soft);stroke-dasharray:5 4"/>
      """
    // Names lie on the far side of the dots, away from the observations.
    let center = place(PlanePoint(x: 1.0 / 3, y: 1.0 / 3))
    for (k, corner) in corners.enumerated() {
      let p = text(corner).split(separator: ",")
      let away = (x: place(corner).x - center.x, y: place(corner).y - center.y)
      let length = max(hypot(away.x, away.y), 1e-12)
      let (dx, dy) = (14 * away.x / length, 5 - 18 * away.y / length)
      let anchor = dx < -5 ? "end" : dx > 5 ? "start" : "middle"
      svg += """
        <circle cx="\(p[0])" cy="\(p[1])" r="6" style="fill:\(Palette.color(k))"/>\
        <text class="tick" x="\(p[0])" y="\(p[1])" dx="\(NumberFormat.fixed(dx, 1))" \
        dy="\(NumberFormat.fixed(dy, 1))" text-anchor="\(anchor)" style="font-weight:650">\
        part \(k + 1)</text>
        """
    }
    return svg + "</svg>"
  }
}
