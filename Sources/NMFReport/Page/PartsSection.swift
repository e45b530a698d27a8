import Foundation
import Matrices
import NMFIO

/// A larger picture is reduced to this width and height, so that a hundred stay a small page.
private let mostPixels = 160

extension Report {
  /// How many parts the page shows: beyond this nobody looks, and the page becomes heavy.
  var shownParts: Int { min(facts.rank, 150) }

  /// The parts: as pictures when the data are pictures, otherwise by their features.
  func partsSection() -> String {
    let body =
      context.imageSize.map { $0.count == facts.h.columns ? pictures($0) : featureCards() }
      ?? featureCards()
    let rest =
      shownParts < facts.rank
      ? """
      <p class="note">Shown are the \(NumberFormat.count(shownParts)) largest of \
      \(NumberFormat.count(facts.rank)) parts.</p>
      """ : ""
    return """
      <section id="parts">
      <h2>Parts</h2>
      \(body)
      \(rest)
      </section>
      """
  }

  private func pictures(_ size: ImageSize) -> String {
    let montage = Montage(parts: facts.h, imageSize: size)
    let tiles = (0..<shownParts).map { k in
      let share = NumberFormat.percent(facts.massShares[k])
      let source = dataURI(montage.picture(of: k).reduced(toFit: mostPixels))
      return """
        <li id="part-\(k + 1)"><img alt="Part \(k + 1), \(share) of the mass"\(source) \
        width="\(size.width)" height="\(size.height)"/><div class="caption"><b>\(k + 1)</b>\
        <span>\(share)</span></div></li>
        """
    }
    let pixelated = max(size.width, size.height) <= 40 ? " pixels" : ""
    return """
      <p>Each picture is one part, a row of H. White is nothing, black is the part’s largest value. \
      Below each picture: its number and its share of everything the fit adds up to.</p>
      <ul class="pictures\(pixelated)" \
      style="grid-template-columns:repeat(\(min(montage.columns, 10)),minmax(0,210px))">
      \(tiles.joined(separator: "\n"))
      </ul>
      """
  }

  /// The picture within the page; without it, should encoding fail, the text in its place remains.
  private func dataURI(_ picture: Picture) -> String {
    guard let bytes = try? PNGCodec.encode(picture) else { return "" }
    return #" src="data:image/png;base64,\#(Data(bytes).base64EncodedString())""#
  }

  private func featureCards() -> String {
    let cards = PartFeatures.all(of: facts.h).prefix(shownParts).map(card)
    let only = facts.rank > 1
    return """
      <p>The ten largest features of each part, with their share of the part.\
      \(only ? " <b>Bold</b> names are at least three times as large here as in any other part." : "") \
      Parts are ordered by their share of everything the fit adds up to.\
      \(only ? " “Sets it apart” lists what tells a part from the next best one, and how many times as large it is here." : "")</p>
      <div class="cards">
      \(cards.joined(separator: "\n"))
      </div>
      """
  }

  private func card(_ part: PartFeatures) -> String {
    let k = part.part
    let longest = part.largest.first?.share ?? 1
    let bars = part.largest.map { feature in
      let name = escaped(context.columnName(feature.column))
      let marked = facts.rank > 1 && feature.isDistinctive
      return """
        <li\(marked ? #" class="mark""# : "")><span class="name" title="\(name)">\(name)</span>\
        \(FeatureBar(share: feature.share / longest, color: Palette.color(k)).svg())\
        <span class="value">\(NumberFormat.percent(feature.share))</span></li>
        """
    }
    var html = """
      <article class="card" id="part-\(k + 1)"><header>\(swatch(k))<h3>Part \(k + 1)</h3>\
      <span>\(NumberFormat.percent(facts.massShares[k])) of the mass</span></header>
      """
    if facts.rank > 1, !part.distinctive.isEmpty {
      let names = part.distinctive.prefix(8).map { feature in
        "<b>\(escaped(context.columnName(feature.column)))</b> \(times(feature.ratio))"
      }
      html += #"<p class="own">Sets it apart: "# + names.joined(separator: ", ") + "</p>"
    }
    return html + #"<ol class="bars">\#(bars.joined())</ol></article>"#
  }

  /// `×3.2`, `×40`, or that no other part has it.
  private func times(_ ratio: Double) -> String {
    if ratio >= 1000 { return "(only\(NumberFormat.space)here)" }
    return "×" + NumberFormat.fixed(ratio, ratio < 9.95 ? 1 : 0)
  }
}
