import Matrices
public import NMF
public import NMFIO

/// Basis × weights = reconstruction, a method a line: the figure of Lee & Seung (1999) and of ESL 14.33.
///
/// White is zero, black positive, red negative. A montage has one scale for the method, a grid of
/// weights one for the observation, and pictures of observations that of the observation itself.
public struct ComparisonPicture: Sendable {
  let comparison: Comparison
  let context: ReportContext
  private let originals: [(row: Int, values: [Double])]

  /// Gathers what is drawn.
  ///
  /// - Parameters:
  ///   - comparison: The methods.
  ///   - originals: The observations to show, each with its p entries.
  ///   - context: The names of the features.
  public init(
    _ comparison: Comparison, originals: [(row: Int, values: [Double])], context: ReportContext
  ) {
    self.comparison = comparison
    self.originals = originals
    self.context = context
  }

  /// The methods that could be fitted.
  var measured: [MethodResult] { comparison.results.filter { $0.measures != nil } }

  /// All methods below each other, with the first of the observations.
  public func picture() -> Picture {
    comparison.options.imageSize.map { pictures($0) } ?? heatMaps()
  }

  /// Where things are, in pixels.
  private struct Layout {
    let size: ImageSize
    let hasCentre: Bool
    let across: Int
    let cell: Int
    let montage: Int
    let weight: Int
    let shown: Int
    let height: Int
    let gap = 14
    /// The width of the lines between pictures.
    let line = 2
    let sign = 34
    /// Where the montage begins, beside the names of the methods.
    let montageLeft: Int

    init(_ size: ImageSize, rank: Int, methods: [MethodResult]) {
      self.size = size
      hasCentre = methods.contains { $0.centre.contains { $0 != 0 } }
      montageLeft = nameWidth(methods) + 28
      across = max(1, Int(Double(rank).squareRoot().rounded(.up)))
      cell = max(1, 400 / (across * max(size.width, size.height)))
      montage = across * (size.width * cell + line) + line
      let height = ((rank + across - 1) / across) * (size.height * cell + line) + line
      weight = max(3, min(40, height / 2 / max(1, (rank + across - 1) / across)))
      shown = max(1, 200 / max(size.width, size.height))
      self.height = max(height, size.height * shown + 20)
    }

    var tileWidth: Int { size.width * cell }
    var tileHeight: Int { size.height * cell }
    var observation: Int { size.width * shown }
    var weightsLeft: Int { montageLeft + montage + sign }
    var centreLeft: Int { weightsLeft + across * weight + sign }
    var sumLeft: Int { hasCentre ? centreLeft + observation + sign : centreLeft }
    var originalLeft: Int { sumLeft + observation + gap }
    var width: Int { originalLeft + observation + gap }
  }

  private func pictures(_ size: ImageSize) -> Picture {
    let layout = Layout(size, rank: comparison.options.fit.rank, methods: measured)
    let heading = 36
    var canvas = Canvas(
      width: layout.width, height: heading + measured.count * (layout.height + layout.gap))
    func write(_ text: String, over left: Int, width: Int) {
      canvas.write(text, x: left + (width - textWidth(text, size: 2)) / 2, y: 12, size: 2)
    }
    write("basis", over: layout.montageLeft, width: layout.montage)
    write("weights", over: layout.weightsLeft, width: layout.across * layout.weight)
    if layout.hasCentre { write("mean", over: layout.centreLeft, width: layout.observation) }
    write("sum", over: layout.sumLeft, width: layout.observation)
    write("original", over: layout.originalLeft, width: layout.observation)
    for (place, result) in measured.enumerated() {
      draw(
        result, on: &canvas, top: heading + place * (layout.height + layout.gap), layout: layout)
    }
    return canvas.picture
  }

  private func draw(
    _ result: MethodResult, on canvas: inout Canvas, top: Int, layout: Layout
  ) {
    guard let original = originals.first else { return }
    let middle = top + layout.height / 2
    canvas.write(result.method.title, x: layout.gap, y: middle - 7, size: 2)
    drawMontage(result, on: &canvas, x: layout.montageLeft, y: top, layout: layout)
    let weights = result.contributions.row(original.row)
    let gridHeight = (weights.count + layout.across - 1) / layout.across * layout.weight
    canvas.write("×", x: layout.weightsLeft - 22, y: middle - 7, size: 2)
    canvas.draw(
      weights, across: layout.across, x: layout.weightsLeft, y: middle - gridHeight / 2,
      cell: layout.weight, scale: weights.reduce(0) { max($0, $1.magnitude) })
    canvas.frame(
      x: layout.weightsLeft, y: middle - gridHeight / 2, width: layout.across * layout.weight,
      height: gridHeight)
    let scale = original.values.reduce(0) { max($0, $1.magnitude) }
    let tall = layout.size.height * layout.shown
    func show(_ values: [Double], at left: Int, after sign: String?) {
      if let sign { canvas.write(sign, x: left - 22, y: middle - 7, size: 2) }
      canvas.draw(
        values, across: layout.size.width, x: left, y: middle - tall / 2, cell: layout.shown,
        scale: scale)
      canvas.frame(x: left, y: middle - tall / 2, width: layout.observation, height: tall)
    }
    if result.centre.contains(where: { $0 != 0 }) {
      show(result.centre, at: layout.centreLeft, after: "+")
    }
    show(result.reconstruction(of: original.row), at: layout.sumLeft, after: "=")
    show(original.values, at: layout.originalLeft, after: nil)
  }

  private func drawMontage(
    _ result: MethodResult, on canvas: inout Canvas, x: Int, y: Int, layout: Layout
  ) {
    let scale = result.basis.elements.reduce(0) { max($0, $1.magnitude) }
    let rows = (result.basis.rows + layout.across - 1) / layout.across
    let height = rows * (layout.tileHeight + layout.line) + layout.line
    canvas.fill(x: x, y: y, width: layout.montage, height: height, (190, 190, 190))
    for k in 0..<result.basis.rows {
      canvas.draw(
        result.basis.row(k), across: layout.size.width,
        x: x + layout.line + k % layout.across * (layout.tileWidth + layout.line),
        y: y + layout.line + k / layout.across * (layout.tileHeight + layout.line),
        cell: layout.cell, scale: scale)
    }
  }

  /// The montage of one method, for the page.
  func montage(_ result: MethodResult, size: ImageSize) -> Picture {
    let layout = Layout(size, rank: comparison.options.fit.rank, methods: measured)
    let rows = (result.basis.rows + layout.across - 1) / layout.across
    var canvas = Canvas(
      width: layout.montage, height: rows * (layout.tileHeight + layout.line) + layout.line)
    drawMontage(result, on: &canvas, x: 0, y: 0, layout: layout)
    return canvas.picture
  }

  /// The weights of one observation as a grid, one dot a component.
  func weights(_ result: MethodResult, row: Int) -> Picture {
    let across = max(1, Int(Double(result.basis.rows).squareRoot().rounded(.up)))
    let weights = result.contributions.row(row)
    let down = (weights.count + across - 1) / across
    var canvas = Canvas(width: across, height: down)
    canvas.draw(
      weights, across: across, x: 0, y: 0, cell: 1,
      scale: weights.reduce(0) { max($0, $1.magnitude) })
    return canvas.picture
  }

  /// An observation, or what a method makes of it, on the scale of the observation.
  func observation(_ values: [Double], like original: [Double], size: ImageSize) -> Picture {
    var canvas = Canvas(width: size.width, height: size.height)
    canvas.draw(
      values, across: size.width, x: 0, y: 0, cell: 1,
      scale: original.reduce(0) { max($0, $1.magnitude) })
    return canvas.picture
  }
}

/// The width of a text, in pixels.
func textWidth(_ text: String, size: Int) -> Int { text.count * Letters.advance * size }

/// The width of the longest name of a method, in pixels.
func nameWidth(_ methods: [MethodResult]) -> Int {
  methods.reduce(0) { max($0, textWidth($1.method.title, size: 2)) }
}
