/// Twenty colours for components, told apart also by colour-blind readers.
///
/// The first six are those of Okabe & Ito (2008), the blue lighter on a dark page. Each of the others was chosen as the colour
/// farthest from all before it, in OKLab, as seen with normal vision, without the green cones and
/// without the red cones (the matrices of Machado, Oliveira & Fernandes 2009), within a range of
/// lightness that stands out from the page. The first are therefore the easiest to tell apart, and
/// the largest components get them. Colours are never the only sign: groups carry their number.
enum Palette {
  /// How many components have a colour of their own.
  static let count = 20

  /// For a light page.
  static let light = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#6e001e", "#282882",
    "#50f0be", "#78505a", "#7882f0", "#c8dc64", "#96be8c", "#aa3200", "#a0d2fa", "#323c50",
    "#504696", "#5a7882", "#28c8c8", "#966450",
  ]

  /// For a dark page.
  static let dark = [
    "#2888d6", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#b4fac8", "#824678",
    "#5ad296", "#96460a", "#fadc46", "#c8d2fa", "#5050b4", "#6e6e5a", "#aa5aa0", "#6e96fa",
    "#96bec8", "#a0aa6e", "#a0e68c", "#aadcc8",
  ]

  /// The CSS colour of a component, counted from 0; beyond the last the colours begin again.
  static func color(_ component: Int) -> String { "var(--c\(component % count + 1))" }

  /// The CSS variables of one of the two lists.
  static func variables(_ colors: [String]) -> String {
    colors.enumerated().map { "--c\($0.offset + 1):\($0.element)" }.joined(separator: ";")
  }
}
