import Foundation
public import Matrices
public import NMF

/// A page about a fit for people who would rather look than read.
///
/// The page is one file: nothing is loaded from anywhere, and it needs no scripts.
public struct Report: Sendable {
  let facts: ModelFacts
  let context: ReportContext
  let members: MembershipSummary
  let shear: Shear
  /// The same when entries below a thousandth of the largest of their component count as zero.
  let nearShear: Shear

  /// Gathers what the page will show.
  ///
  /// - Parameters:
  ///   - model: The fit.
  ///   - context: What the model does not know about its data and its command.
  /// - Complexity: O((N + p) r²) at most.
  public init<Scalar: MatrixScalar>(_ model: NMFModel<Scalar>, context: ReportContext) {
    precondition(
      model.w.rows == context.shape.rows && model.h.columns == context.shape.columns,
      "the context must describe the data of the model")
    facts = ModelFacts(model)
    self.context = context
    members = MembershipSummary(facts.memberships)
    shear = model.shear()
    nearShear = model.shear(negligible: 1e-3)
  }

  /// The page: XHTML-style HTML, so that it can be read by any XML parser too.
  public func html() -> String {
    Page(
      title: "\(context.title): \(NumberFormat.count(facts.rank, "part"))",
      header: headerSection(),
      sections: [
        partsSection(), membershipsSection(), convergenceSection(), numbersSection(),
        cautionSection(), reproduceSection(),
      ],
      footer: """
        X ≈ WH: each observation is a sum of parts (rows of H), each taken as often as its \
        membership (row of W) says. Nothing is ever subtracted.\
        \(context.version.isEmpty ? "" : " Made by nnmf \(escaped(context.version)).")
        """
    ).html()
  }

  /// The precision that was computed in.
  var precision: String { context.precision.isEmpty ? facts.precision : context.precision }

  /// A component's colour as a small square.
  func swatch(_ component: Int) -> String {
    #"<span class="swatch" style="background:\#(Palette.color(component))"></span>"#
  }
}
