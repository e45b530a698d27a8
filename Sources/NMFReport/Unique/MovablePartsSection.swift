import Foundation
import Matrices
import NMF
import NMFIO

extension UniquenessReport {
  /// The most parts and families that are shown: beyond this nobody looks.
  private static var mostParts: Int { 100 }
  private static var mostFamilies: Int { 6 }

  /// Each part, with what can move of it shaded.
  var partsSection: String {
    let rooms = Array(result.room.parts.prefix(Self.mostParts))
    let size = imageSize
    let body =
      size.map { size in pictures(rooms, size) } ?? cards(rooms)
    let rest =
      rooms.count < result.room.parts.count
      ? #"<p class="note">Shown are the \#(rooms.count) largest of \#(result.room.parts.count) parts.</p>"#
      : ""
    let bound =
      result.room.method == .linearProgrammes
      ? " With more than three parts one is moved at a time, so that they can turn at least this far, perhaps further."
      : ""
    let explanation =
      size != nil
      ? "Black is the part as it was found; orange is what can be added or taken away without any change to the fit."
      : "The bar is the part as it was found, the pale bar the interval over which the entry can range without any change to the fit."
    return """
      <section id="parts">
      <h2>Room to move</h2>
      <p>\(explanation) The angle beside each part is how far it can turn; a part that cannot turn by 0.1° is pinned.\(bound)</p>
      \(body)
      \(rest)
      </section>
      """
  }

  var imageSize: ImageSize? {
    context.imageSize.flatMap { $0.count == result.model.h.columns ? $0 : nil }
  }

  func angle(_ room: PartRoom) -> String {
    room.isMovable ? "\(NumberFormat.number(room.angleDegrees, digits: 2))°" : "pinned"
  }

  private func pictures(_ rooms: [PartRoom], _ size: ImageSize) -> String {
    let tiles = rooms.map { room in
      let picture = MovablePicture(room: room, size: size).picture
      return """
        <li id="part-\(room.component + 1)"><img alt="Part \(room.component + 1)"\(dataURI(picture)) \
        width="\(size.width)" height="\(size.height)"/><div class="caption">\
        <b>\(room.component + 1)</b><span>\(angle(room))</span></div></li>
        """
    }
    let columns = min(10, Int(Double(rooms.count).squareRoot().rounded(.up)))
    let pixelated = max(size.width, size.height) <= 40 ? " pixels" : ""
    return """
      <ul class="pictures\(pixelated)" \
      style="grid-template-columns:repeat(\(columns),minmax(0,210px))">\(tiles.joined())</ul>
      """
  }

  /// The picture within the page; without it, should encoding fail, the text in its place remains.
  func dataURI(_ picture: Picture) -> String {
    guard let bytes = try? PNGCodec.encode(picture.reduced(toFit: 160)) else { return "" }
    return #" src="data:image/png;base64,\#(Data(bytes).base64EncodedString())""#
  }

  private func cards(_ rooms: [PartRoom]) -> String {
    let cards = rooms.map { room -> String in
      let order = room.part.indices.sorted {
        room.highest[$0] != room.highest[$1] ? room.highest[$0] > room.highest[$1] : $0 < $1
      }
      let scale = order.first.map { room.highest[$0] } ?? 1
      let bars = order.prefix(10).filter { room.highest[$0] > 0 }.map { j -> String in
        let name = escaped(names[j])
        let interval =
          room.highest[j] - room.lowest[j] > 5e-4
          ? "\(NumberFormat.fixed(room.lowest[j] * 100, 1))–\(NumberFormat.percent(room.highest[j]))"
          : NumberFormat.percent(room.part[j])
        return """
          <li><span class="name" title="\(name)">\(name)</span>\
          \(IntervalBar(
            value: room.part[j] / scale, lowest: room.lowest[j] / scale,
            highest: room.highest[j] / scale, color: Palette.color(room.component)).svg())\
          <span class="value">\(interval)</span></li>
          """
      }
      return """
        <article class="card" id="part-\(room.component + 1)"><header>\(swatch(room.component))\
        <h3>Part \(room.component + 1)</h3><span>\(angle(room))</span></header>\
        <ol class="bars intervals">\(bars.joined())</ol></article>
        """
    }
    return #"<div class="cards">\#(cards.joined())</div>"#
  }

  /// The solution that was chosen.
  var chosenSection: String? {
    guard let chosen = result.chosen else { return nil }
    let title =
      switch chosen.preference {
      case .minimumVolume: "The smallest volume"
      case .sparse: "The sparsest parts"
      case .separable: "Parts that were observed"
      }
    let rows = chosen.model.h
    let body: String
    if let size = imageSize {
      body = montage(rows, size)
    } else {
      body = features(of: rows)
    }
    return """
      <section id="chosen">
      <h2>\(title)</h2>
      <p>\(escaped(sentences.choice ?? ""))</p>
      \(body)
      </section>
      """
  }

  /// The families side by side.
  var familiesSection: String {
    let families = result.families
    let best = families.first?.objective ?? 0
    let shown = families.prefix(Self.mostFamilies)
    let blocks = shown.enumerated().map { index, family -> String in
      let starts = family.members.filter { $0.start != FamilyMember.model }.count
      let differing = family.differingParts(beyond: 5).map { $0 + 1 }
      var notes = [
        "\(NumberFormat.count(starts, "start"))",
        result.model.report.isExact(family.objective)
          ? "fits exactly" : "objective \(NumberFormat.number(family.objective, digits: 6))",
      ]
      if family.members.contains(where: { $0.start == FamilyMember.model }) {
        notes.append("holds the model")
      }
      if index > 0 {
        notes.append(
          family.isAsGood
            ? "fits as well as the first"
            : "fits worse by \(NumberFormat.percent((family.objective - best) / max(family.objective, .leastNormalMagnitude)))"
        )
        notes.append(
          differing.isEmpty
            ? "same parts"
            : "differs in part\(differing.count == 1 ? "" : "s") \(NumberFormat.ranges(differing))")
      }
      let body =
        imageSize.map { montage(family.parts, $0) }
        ?? features(of: family.parts, only: index == 0 ? nil : differing.map { $0 - 1 })
      return """
        <article class="family"><h3>Family \(index + 1)</h3>\
        <p class="note">\(escaped(notes.joined(separator: "; ")))</p>\(body)</article>
        """
    }
    let rest =
      families.count > shown.count
      ? #"<p class="note">\#(families.count - shown.count) more families fit no better.</p>"# : ""
    return """
      <section id="families">
      <h2>Where the starts ended</h2>
      <p>Starts are one family when their parts are within 5° of each other, part by part, at \
      objectives within 0.1\(NumberFormat.space)%. The best family comes first, and the parts of the \
      others are in its order.</p>
      \(coreNote)
      \(blocks.joined())
      \(rest)
      </section>
      """
  }

  /// The features that equally good solutions share out differently.
  private var coreNote: String {
    guard let core = result.core, let text = UniquenessSentences.core(core, result.model.rank)
    else { return "" }
    var html = "<p>\(escaped(text))</p>"
    if let size = imageSize {
      var mask = DenseMatrix<Double>(rows: 1, columns: size.count)
      for j in core.contested { mask[0, j] = 1 }
      html += montage(mask, size) + #"<p class="note">The contested pixels.</p>"#
    } else {
      let shown = core.contested.prefix(20).map { escaped(names[$0]) }
      let more = core.contested.count > shown.count ? ", …" : ""
      html += #"<p class="note">Contested: \#(shown.joined(separator: ", "))\#(more).</p>"#
    }
    return html
  }

  private func montage(_ parts: DenseMatrix<Double>, _ size: ImageSize) -> String {
    let montage = Montage(parts: parts, imageSize: size)
    let tiles = (0..<min(parts.rows, Self.mostParts)).map { k in
      """
      <li><img alt="Part \(k + 1)"\(dataURI(montage.picture(of: k))) width="\(size.width)" \
      height="\(size.height)"/></li>
      """
    }
    let pixelated = max(size.width, size.height) <= 40 ? " pixels" : ""
    return """
      <ul class="pictures small\(pixelated)" \
      style="grid-template-columns:repeat(\(min(17, parts.rows)),minmax(0,96px))">\(tiles.joined())</ul>
      """
  }

  /// The five largest features of each part.
  private func features(of parts: DenseMatrix<Double>, only: [Int]? = nil) -> String {
    let shown = (only ?? Array(0..<parts.rows)).prefix(Self.mostParts)
    guard !shown.isEmpty else { return "" }
    let items = shown.map { k -> String in
      let row = Array(parts.row(k))
      let sum = max(row.reduce(0, +), .leastNormalMagnitude)
      let order = row.indices.sorted { row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1 }
      let texts = order.prefix(5).filter { row[$0] > 0 }.map {
        "\(escaped(names[$0])) \(NumberFormat.percent(row[$0] / sum))"
      }
      return "<li>\(swatch(k))<b>\(k + 1)</b> \(texts.joined(separator: ", "))</li>"
    }
    return #"<ul class="plain">\#(items.joined())</ul>"#
  }
}

/// A part as a picture: grey as it is, orange where it can be more or less.
struct MovablePicture {
  let picture: Picture

  init(room: PartRoom, size: ImageSize) {
    let scale = max(room.part.max() ?? 0, room.highest.max() ?? 0)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * room.part.count)
    for j in room.part.indices {
      let value = scale > 0 ? min(1, room.part[j] / scale) : 0
      let width = scale > 0 ? min(1, max(0, room.highest[j] - room.lowest[j]) / scale) : 0
      let light = 255 * (1 - value)
      // Even a little room must be seen, so the tint grows with the root of the width.
      let tint = width > 2e-3 ? width.squareRoot() : 0
      for channel in [230.0, 140, 0] {
        pixels.append(UInt8((light * (1 - tint) + channel * tint).rounded()))
      }
    }
    picture = Picture(width: size.width, height: size.height, channels: 3, pixels: pixels)
  }
}

/// A bar for a value on its track, with the interval over which it can range.
struct IntervalBar {
  var value: Double
  var lowest: Double
  var highest: Double
  var color: String

  /// The bar as SVG, as wide as its place on the page.
  func svg() -> String {
    func length(_ share: Double) -> String { NumberFormat.fixed(max(0, min(1, share)) * 96, 1) }
    let band = highest - lowest > 1e-3
    let interval =
      band
      ? """
      <rect x="\(length(lowest))" width="\(length(highest - lowest))" height="10" rx="2" \
      style="fill:\(color);opacity:.4"/>
      """ : ""
    return """
      <svg viewBox="0 0 96 10" preserveAspectRatio="none" aria-hidden="true">\
      <rect width="96" height="10" rx="2" style="fill:var(--track)"/>\
      <rect y="\(band ? "3" : "0")" width="\(length(value))" height="\(band ? "4" : "10")" rx="1.5" \
      style="fill:\(color)"/>\(interval)</svg>
      """
  }
}
