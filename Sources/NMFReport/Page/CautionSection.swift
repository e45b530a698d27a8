import Matrices
import NMF

extension Report {
  /// That other parts may fit as well, and which exchanges are known to be possible.
  func cautionSection() -> String {
    """
    <section id="caution">
    <h2>Caution</h2>
    <div class="caution">
    <p>\(facts.rank > 1 ? facts.startsCaution + " How far they could move, and which other solutions fit as well, is what <code>nnmf unique</code> computes." : "")</p>
    \(cautionBody)
    </div>
    </section>
    """
  }

  /// Exchanges of less than this share of a part are not worth a sentence.
  private static let worthTelling = 0.005

  private var cautionBody: String {
    guard facts.rank > 1 else {
      return "<p>With one part there is nothing to exchange: it is unique up to its scale.</p>"
    }
    let general = """
      <p>A factorisation is in general not the only one: parts may share features without any \
      change to the fit, and another start can end elsewhere.
      """
    let sentences = exchangeSentences(shear)
    guard !sentences.isEmpty else {
      let near = nearExchanges
      if shear.isMovable(beyond: 0) {
        return general
          + " Here, pairs of parts can be exchanged only by less than 0.5 % of a part’s mass.</p>\(near)"
      }
      return general + """
         Here no exchange between two parts is possible: of any two, each has features that the \
        other lacks, and is in observations that the other is not in. This does not prove that the \
        parts are the only ones; three or more might still change together.</p>\(near)
        """
    }
    let items = sentences.prefix(5).map { "<li>\($0)</li>" }.joined()
    let rest = sentences.count > 5 ? "<p>\(rest(sentences.count - 5))</p>" : ""
    return general + """
       Here some exchanges leave the fit exactly as it is:</p>
      <ul>\(items)</ul>\(rest)
      <p>So do not read the exact amounts in these parts as facts about the data. Each exchange is \
      possible alone; together they limit each other.</p>
      """
  }

  private func rest(_ count: Int) -> String {
    count == 1
      ? "One more part can give in the same way."
      : "\(NumberFormat.count(count)) more parts can give in the same way."
  }

  /// Exchanges that only small entries forbid, as noise in the data makes them.
  private var nearExchanges: String {
    let sentences = exchangeSentences(nearShear)
    guard !sentences.isEmpty else { return "" }
    let items = sentences.prefix(3).map { "<li>\($0)</li>" }.joined()
    return """

      <p>Very small entries stand in the way, though. If those below a thousandth of the largest of \
      their component are taken for zero, as noise might suggest:</p>
      <ul>\(items)</ul>
      """
  }

  /// One sentence for each part that can give, the largest gift first.
  func exchangeSentences(_ shear: Shear) -> [String] {
    let manner =
      shear == self.shear
      ? "without changing the fit (exact exchange)" : "almost without changing the fit"
    let gifts = (0..<facts.rank).compactMap { giver -> (most: Double, text: String)? in
      let shares = shear.transferable.row(giver)
      let receivers = shares.enumerated().filter { $0.element >= Self.worthTelling }
      guard let most = receivers.map(\.element).max() else { return nil }
      let numbers = receivers.map { $0.offset + 1 }
      let target =
        numbers.count == 1
        ? "part \(numbers[0])" : "any one of parts \(NumberFormat.ranges(numbers))"
      let text = """
        Part \(giver + 1) can give up to \(NumberFormat.percent(most)) of its mass to \(target) \
        \(manner).
        """
      return (most, text)
    }
    return gifts.sorted { $0.most > $1.most }.map(\.text)
  }
}
