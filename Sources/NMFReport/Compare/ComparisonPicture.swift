import Matrices
public import NMF
public import NMFIO

/// Basis × weights = reconstruction, a method a line: the figure of Lee & Seung (1999) and of ESL 14.33.
///
/// White is zero, black positive, red negative. A montage has one scale for the method, a grid of
/// weights one for the observation, and pictures of observations that of the observation itself.
public struct ComparisonPicture: Sendable {
  private let comparison: Comparison
  private let originals: [(row: Int, values: [Double])]

  /// Gathers what is drawn.
  ///
  /// - Parameters:
  ///   - comparison: The methods.
  ///   - originals: The observations to show, each with its p entries.
  public init(_ comparison: Comparison, originals: [(row: Int, values: [Double])]) {
    self.comparison = comparison
    self.originals = originals
  }

  private var imageSize: ImageSize? { comparison.options.imageSize }

  /// All methods below each other, with the first of the observations.
  public func picture() -> Picture {
    imageSize.map { pictures($0) } ?? heatMaps()
  }

  // MARK: Data that are pictures

  /// Sizes in pixels.
  private struct Layout {
    let size: ImageSize
    let across: Int
    let cell: Int
    let montage: Int
    let weight: Int
    let shown: Int
    let gap = 14
    /// The width of the lines between pictures.
    let line = 2
    let sign = 34

    init(_ size: ImageSize, rank: Int) {
      self.size = size
      across = max(1, Int(Double(rank).squareRoot().rounded(.up)))
      cell = max(1, 400 / (across * max(size.width, size.height)))
      montage = across * (size.width * cell + line) + line
      let height = ((rank + across - 1) / across) * (size.height * cell + line) + line
      weight = max(3, min(40, height / 2 / max(1, (rank + across - 1) / across)))
      shown = max(1, 200 / max(size.width, size.height))
      self.height = max(height, size.height * shown + 20)
    }

    let height: Int
    var tileWidth: Int { size.width * cell }
    var tileHeight: Int { size.height * cell }
  }

  private func pictures(_ size: ImageSize) -> Picture {
    let layout = Layout(size, rank: comparison.options.fit.rank)
    let measured = comparison.results.filter { $0.measures != nil }
    let hasCentre = measured.contains { $0.centre.contains { $0 != 0 } }
    let observation = size.width * layout.shown
    let label = 10 * 6 * 2 + layout.gap
    let grid = layout.across * layout.weight
    let width =
      label + layout.montage + layout.sign + grid + layout.sign
      + (hasCentre ? observation + layout.sign : 0) + 2 * observation + 3 * layout.gap
    var canvas = Canvas(
      width: width, height: max(1, measured.count) * (layout.height + layout.gap) + layout.gap)
    for (place, result) in measured.enumerated() {
      draw(
        result, on: &canvas, top: layout.gap + place * (layout.height + layout.gap), layout: layout,
        label: label, hasCentre: hasCentre)
    }
    return canvas.picture
  }

  private func draw(
    _ result: MethodResult, on canvas: inout Canvas, top: Int, layout: Layout, label: Int,
    hasCentre: Bool
  ) {
    guard let original = originals.first else { return }
    let middle = top + layout.height / 2
    canvas.write(result.method.title, x: layout.gap, y: middle - 7, size: 2)
    drawMontage(result, on: &canvas, x: label, y: top, layout: layout)
    var x = label + layout.montage
    canvas.write("×", x: x + 12, y: middle - 7, size: 2)
    x += layout.sign
    let weights = result.contributions.row(original.row)
    let rows = (weights.count + layout.across - 1) / layout.across
    let gridHeight = rows * layout.weight
    canvas.draw(
      weights, across: layout.across, x: x, y: middle - gridHeight / 2, cell: layout.weight,
      scale: weights.reduce(0) { max($0, $1.magnitude) })
    canvas.frame(
      x: x, y: middle - gridHeight / 2, width: layout.across * layout.weight, height: gridHeight)
    x += layout.across * layout.weight
    let scale = original.values.reduce(0) { max($0, $1.magnitude) }
    let observation = layout.size.width * layout.shown
    let tall = layout.size.height * layout.shown
    func show(_ values: [Double], _ sign: String) {
      canvas.write(sign, x: x + 12, y: middle - 7, size: 2)
      x += layout.sign
      canvas.draw(
        values, across: layout.size.width, x: x, y: middle - tall / 2, cell: layout.shown,
        scale: scale)
      canvas.frame(x: x, y: middle - tall / 2, width: observation, height: tall)
      x += observation
    }
    if hasCentre {
      if result.centre.contains(where: { $0 != 0 }) {
        show(result.centre, "+")
      } else {
        x += layout.sign + observation
      }
    }
    show(result.reconstruction(of: original.row), "=")
    x += layout.gap
    canvas.draw(
      original.values, across: layout.size.width, x: x, y: middle - tall / 2, cell: layout.shown,
      scale: scale)
    canvas.frame(x: x, y: middle - tall / 2, width: observation, height: tall)
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
    let layout = Layout(size, rank: comparison.options.fit.rank)
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

  // MARK: Other data

  /// Basis over features beside the weights of observations, both as heat maps.
  private func heatMaps() -> Picture {
    let measured = comparison.results.filter { $0.measures != nil }
    let rank = comparison.options.fit.rank
    let cell = max(2, min(14, 240 / max(1, rank)))
    let features = min(comparison.shape.columns, 120)
    let observations = min(comparison.shape.rows, 400 / cell)
    let label = 10 * 6 * 2 + 14
    let line = rank * cell + 28
    var canvas = Canvas(
      width: label + features * cell + 28 + observations * cell + 14,
      height: max(1, measured.count) * line + 14)
    for (place, result) in measured.enumerated() {
      let top = 14 + place * line
      canvas.write(result.method.title, x: 14, y: top + rank * cell / 2 - 7, size: 2)
      let columns = leadingFeatures(result.basis, count: features)
      let scale = result.basis.elements.reduce(0) { max($0, $1.magnitude) }
      for k in 0..<result.basis.rows {
        canvas.draw(
          columns.map { result.basis[k, $0] }, across: max(1, columns.count), x: label,
          y: top + k * cell, cell: cell, scale: scale)
      }
      canvas.frame(x: label, y: top, width: features * cell, height: rank * cell)
      let weights = result.contributions
      let largest = weights.elements.reduce(0) { max($0, $1.magnitude) }
      let left = label + features * cell + 28
      for k in 0..<weights.columns {
        let shown = (0..<observations).map { weights[$0 * weights.rows / observations, k] }
        canvas.draw(
          shown, across: observations, x: left, y: top + k * cell, cell: cell, scale: largest)
      }
      canvas.frame(x: left, y: top, width: observations * cell, height: rank * cell)
    }
    return canvas.picture
  }
}

/// The features with the largest entries, in order of the component that has the largest.
func leadingFeatures(_ basis: DenseMatrix<Double>, count: Int) -> [Int] {
  var sizes = [Double](repeating: 0, count: basis.columns)
  var owners = [Int](repeating: 0, count: basis.columns)
  for k in 0..<basis.rows {
    for (j, value) in basis.row(k).enumerated() where value.magnitude > sizes[j] {
      (sizes[j], owners[j]) = (value.magnitude, k)
    }
  }
  let kept = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }.prefix(count)
  return kept.sorted { (owners[$0], -sizes[$0], $0) < (owners[$1], -sizes[$1], $1) }
}
