import Matrices
import NMF
import NMFIO

extension ComparisonPicture {
  /// The most components that are drawn.
  private static var mostComponents: Int { 60 }

  /// Data that are not pictures: for each method the leading features of its components, their names,
  /// and the weights of observations.
  ///
  /// A component is a line. White is zero, black positive, red negative; the basis and the weights of
  /// a method have one scale each.
  func heatMaps() -> Picture {
    let rank = min(comparison.options.fit.rank, Self.mostComponents)
    let dot = rank <= 30 ? 2 : 1
    let line = 9 * dot
    let gap = 28
    let leaders = measured.map { LeadingFeatures($0.basis, components: rank) }
    let names = leaders.map { $0.names(context) }
    let features = leaders.reduce(1) { max($0, $1.columns.count) }
    let cell = max(4, min(line, 500 / features))
    let observations = min(comparison.shape.rows, 120)
    let cellOfObservation = max(4, min(line, 480 / max(1, observations)))
    let left = nameWidth(measured) + gap
    let namesLeft = left + max(features * cell, textWidth("basis", size: 2)) + 12
    let longest =
      names.flatMap { $0 }.map { line in
        line.reduce(0) { $0 + textWidth($1.text + "  ", size: dot) }
      }.max() ?? 0
    let weightsLeft = namesLeft + max(longest, textWidth("largest entries", size: 2)) + 12
    let weightsWidth = observations * cellOfObservation
    let heading = 36
    let height = rank * line
    var canvas = Canvas(
      width: weightsLeft + max(weightsWidth, textWidth("weights", size: 2)) + 14,
      height: heading + measured.count * (height + gap))
    let all = comparison.options.fit.rank
    let basis = rank < all ? "basis: \(rank) of \(all)" : "basis"
    canvas.write(basis, x: left, y: 12, size: 2)
    canvas.write("largest entries", x: namesLeft, y: 12, size: 2)
    canvas.write("weights", x: weightsLeft, y: 12, size: 2)
    for (place, result) in measured.enumerated() {
      let top = heading + place * (height + gap)
      canvas.write(result.method.title, x: 14, y: top + height / 2 - 7, size: 2)
      let columns = leaders[place].columns
      let scale = result.basis.elements.reduce(0) { max($0, $1.magnitude) }
      let weights = result.contributions
      let largest = weights.elements.reduce(0) { max($0, $1.magnitude) }
      for k in 0..<min(rank, result.basis.rows) {
        let y = top + k * line
        canvas.draw(
          columns.map { result.basis[k, $0] }, across: max(1, columns.count), x: left, y: y,
          cell: cell, tall: line, scale: scale)
        var x = namesLeft
        for name in names[place][k] {
          canvas.write(
            name.text, x: x, y: y + dot, size: dot,
            color: name.isNegative ? (200, 30, 30) : Canvas.ink)
          x += textWidth(name.text + "  ", size: dot)
        }
        let shown = (0..<observations).map { weights[$0 * weights.rows / observations, k] }
        canvas.draw(
          shown, across: observations, x: weightsLeft, y: y, cell: cellOfObservation, tall: line,
          scale: largest)
      }
      canvas.frame(x: left, y: top, width: columns.count * cell, height: height)
      canvas.frame(x: weightsLeft, y: top, width: weightsWidth, height: height)
    }
    return canvas.picture
  }
}

/// The features with the largest entries of each component, those of the first component first.
struct LeadingFeatures {
  /// The features of all components together, each once.
  let columns: [Int]
  private let byComponent: [[(column: Int, value: Double)]]

  init(_ basis: DenseMatrix<Double>, components: Int) {
    let count = max(3, 60 / max(1, components))
    byComponent = (0..<min(components, basis.rows)).map { k in
      basis.row(k).enumerated().filter { $0.element != 0 }
        .sorted { ($0.element.magnitude, $1.offset) > ($1.element.magnitude, $0.offset) }
        .prefix(count).map { ($0.offset, $0.element) }
    }
    var seen = Set<Int>()
    columns = byComponent.joined().map(\.column).filter { seen.insert($0).inserted }
  }

  /// The names of the first three features of each component, and which have negative entries.
  func names(_ context: ReportContext) -> [[(text: String, isNegative: Bool)]] {
    byComponent.map { leading in
      leading.prefix(3).map {
        (Letters.shortened(context.columnName($0.column), to: 24), $0.value < 0)
      }
    }
  }
}
