import Foundation
import Matrices
import Testing

@testable import NMF
@testable import NMFReport

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Whether a page is well-formed, and what its attributes refer to.
private final class PageReader: NSObject, XMLParserDelegate {
  var references: [String] = []
  var elements: [String] = []
  var warnings = 0

  static func read(_ html: String) -> PageReader? {
    let reader = PageReader()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = reader
    return parser.parse() ? reader : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(name)
    for key in ["src", "href", "srcset", "poster", "action", "xlink:href"] {
      if let value = attributes[key] { references.append(value) }
    }
    if attributes["role"] == "alert" { warnings += 1 }
  }
}

@Suite struct ReportTests {
  static let nonBreaking = "\u{A0}"

  static func text(_ html: String) -> String { html.replacing(nonBreaking, with: " ") }

  @Test func `the header says in one sentence what was done`() throws {
    let html = Self.text(Report(try Examples.small(), context: Examples.context()).html())
    #expect(
      html.contains(
        "2 parts of 3 observations × 4 features, Poisson likelihood; "
          + "converged after 312 iterations in 4.1 s."))
    #expect(html.contains("75 % of the mass"))
    #expect(html.contains("<b>75 %</b><span>explained"))
    #expect(html.contains("1.2.3"))
    #expect(html.contains("nnmf fit data/small.csv -r 2"))
  }

  @Test(arguments: [
    (StopReason.iterationLimit, "--max-iter 10000"), (.timeLimit, "--time-limit 30"),
    (.stopped, "run it again"), (.precisionLimit, "accept a larger --tol"),
  ])
  func `a fit that did not converge says so and says what to do`(
    _ reason: StopReason, _ advice: String
  ) throws {
    let model = try Examples.small(Examples.report(reason), limit: 6)
    let html = Report(model, context: Examples.context()).html()
    #expect(PageReader.read(html)?.warnings == 1)
    #expect(html.contains(advice))
    #expect(!html.contains("converged after"))
  }

  @Test func `a fit that converged carries no warning`() throws {
    let html = Report(try Examples.small(), context: Examples.context()).html()
    #expect(PageReader.read(html)?.warnings == 0)
    #expect(!html.contains("Not converged"))
  }

  @Test func `hostile names stay text`() throws {
    let hostile = #"<script>alert("1")</script>&'"# + "\u{0}\u{1B}"
    var context = Examples.context()
    context.title = hostile
    context.dataPath = hostile
    context.formatSentences = [hostile]
    context.columnNames = Array(repeating: hostile, count: 4)
    context.rowNames = Array(repeating: hostile, count: 3)
    context.rowLabels = [hostile, hostile, "b"]
    context.command = hostile
    context.version = hostile
    context.date = hostile
    context.precision = hostile
    context.notes = [hostile]
    let html = Report(try Examples.small(), context: context).html()
    let reader = try #require(PageReader.read(html))
    #expect(reader.elements.count { $0 == "script" } == 1)
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"))
    #expect(!html.contains("\u{0}"))
  }

  @Test(arguments: [true, false])
  func `the page is well formed and loads nothing`(_ pictures: Bool) throws {
    var context = Examples.context()
    if pictures { context.imageSize = ImageSize(width: 2, height: 2) }
    let html = Report(try Examples.small(), context: context).html()
    let reader = try #require(PageReader.read(html))
    #expect(reader.references.allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("data:image/png;") })
    #expect(reader.references.contains { $0.hasPrefix("data:") } == pictures)
    for word in ["http://", "https://", "url(", "@import", "<link"] {
      #expect(!html.contains(word))
    }
  }

  @Test func `columns and rows without names are counted from one`() throws {
    let context = ReportContext(title: "x", dataPath: "x.npy", shape: Shape(3, 4))
    let html = Report(try Examples.small(), context: context).html()
    #expect(html.contains("column 4"))
    #expect(html.contains("row 1"))
    #expect(!html.contains("column 0"))
  }

  @Test func `starts are counted that ended at the parts that were kept`() throws {
    var report = Examples.report(restarts: [25, 25.001, 25.02, 26, 25])
    for (index, angle) in [0, 2, 4.9, 1, 30].enumerated() {
      report.restarts[index].angleToBest = angle
    }
    let facts = ModelFacts(try Examples.small(report))
    #expect(report.startsAgreed == 3)
    #expect(Self.text(facts.startsSentence).hasPrefix("best of 5; 3 of 5 ended at these parts"))
    #expect(facts.startsCaution.hasPrefix("Of 5 starts, 3 ended at these parts"))
    let one = ModelFacts(try Examples.small())
    #expect(one.startsSentence.contains("run --restarts 20 to see"))
    #expect(one.startsCaution.contains("says nothing about where others would end"))
    var exact = Examples.report(objective: 0, restarts: [0, 1e-12, 50])
    for index in exact.restarts.indices { exact.restarts[index].angleToBest = 0 }
    #expect(exact.startsAgreed == 2)
  }

  @Test func `a torso that can be shared among the limbs is told`() throws {
    let context = ReportContext(title: "swimmer", dataPath: "s.npy", shape: Shape(4, 4))
    let report = Report(try Examples.swimmer(), context: context)
    #expect(
      report.exchangeSentences(report.shear).map(Self.text) == [
        "Part 1 can give up to 50 % of its mass to any one of parts 2 and 3 "
          + "without changing the fit (exact exchange)."
      ])
    #expect(report.html().contains("exact exchange"))
  }

  @Test func `exchanges that only tiny entries forbid are told as such`() throws {
    let swimmer = try Examples.swimmer()
    var w = swimmer.w
    // The torso is missing from one picture of each limb but for a trace in the first limb.
    (w[1, 0], w[3, 0]) = (0, 0)
    (w[1, 1], w[3, 2]) = (0.0005, 0.0005)
    let model = NMFModel(w: w, h: swimmer.h, options: swimmer.options, report: swimmer.report)
    let context = ReportContext(title: "swimmer", dataPath: "s.npy", shape: Shape(4, 4))
    let report = Report(model, context: context)
    #expect(report.exchangeSentences(report.shear).isEmpty)
    let html = Self.text(report.html())
    #expect(html.contains("Very small entries stand in the way"))
    #expect(html.contains("to any one of parts 2 and 3 almost without changing the fit."))
  }

  @Test func `parts that cannot be exchanged are not called unique`() throws {
    let model = NMFModel<Double>(
      w: try DenseMatrix(rows: 2, columns: 2, elements: [1, 0, 0, 1]),
      h: try DenseMatrix(rows: 2, columns: 2, elements: [1, 0, 0, 1]),
      options: FitOptions(rank: 2), report: Examples.report())
    let context = ReportContext(title: "x", dataPath: "x", shape: Shape(2, 2))
    let html = Report(model, context: context).html()
    #expect(html.contains("no exchange between two parts is possible"))
    #expect(html.contains("This does not prove"))
  }

  @Test func `least squares is explained in its own words`() throws {
    let html = Self.text(
      Report(try Examples.small(loss: .frobenius), context: Examples.context()).html())
    #expect(html.contains("sum of squares of the data"))
    #expect(html.contains("<td>Relative error</td><td>50 %</td>"))
    #expect(!html.contains("Deviance"))
  }
}
