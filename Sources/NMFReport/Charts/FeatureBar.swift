/// One horizontal bar on its track.
struct FeatureBar {
  /// The length, 0…1.
  var share: Double
  /// A CSS colour.
  var color: String

  /// The bar as SVG, as wide as its place on the page.
  func svg() -> String {
    let length = NumberFormat.fixed(max(0, min(1, share)) * 96, 1)
    return """
      <svg viewBox="0 0 96 10" preserveAspectRatio="none" aria-hidden="true">\
      <rect width="96" height="10" rx="2" style="fill:var(--track)"/>\
      <rect width="\(length)" height="10" rx="2" style="fill:\(color)"/></svg>
      """
  }
}
