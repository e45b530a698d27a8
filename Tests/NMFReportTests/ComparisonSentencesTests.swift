import Matrices
import Testing

@testable import NMF
@testable import NMFReport

@Suite struct ComparisonSentencesTests {
  /// A method with the numbers that sentences are made of.
  private func result(
    _ method: ComparisonMethod, seen: Double, hidden: Double?, sparseness: Double,
    negative: Double = 0, stability: Double? = nil, rand: Double? = nil
  ) -> MethodResult {
    let measures = ComparisonMeasures(
      varianceExplained: seen, poissonDevianceExplained: seen, heldOutVarianceExplained: hidden,
      negativeBasisFraction: negative, negativeEncodingFraction: negative,
      basisSparseness: sparseness, partsPerObservation: method == .vq ? 1 : 2.5,
      stability: stability, adjustedRandIndex: rand, seconds: 1)
    return MethodResult(
      method: method, measures: measures, basis: DenseMatrix(rows: 3, columns: 6),
      encoding: DenseMatrix(rows: 4, columns: 3), centre: [])
  }

  private func sentences(
    _ results: [MethodResult], varies: Bool = true, columns: Int = 6
  ) -> [String] {
    let comparison = Comparison(
      shape: Shape(4, columns), options: ComparisonOptions(fit: FitOptions(rank: 3)),
      results: results, heldOutCount: 0, varies: varies)
    return ComparisonSentences(comparison).sentences.map { $0.replacing("\u{A0}", with: " ") }
  }

  @Test func `what does not hold for hidden entries is said with its share`() {
    let found = sentences([
      result(.nmf, seen: 0.5, hidden: 0.45, sparseness: 0.8, stability: 0.949),
      result(.pca, seen: 0.6, hidden: 0.3, sparseness: 0.3, negative: 0.4),
    ])
    #expect(found.count == 3)
    #expect(
      found[0].hasSuffix(
        "so 50 % of what PCA describes holds for the entries it saw and no others, and NMF, which "
          + "describes less, foretells more."))
    #expect(found[1].hasPrefix("NMF is the one whose components are parts"))
    #expect(found[1].contains("many entries of PCA (40 %) are negative: its components cancel"))
    // 0.949 is printed as 0.95.
    #expect(found[2].contains("other starts find the same ones (matched cosine 0.95)"))
  }

  @Test func `components that are sparser than others but not sparse are not called parts`() {
    let found = sentences([
      result(.nmf, seen: 0.5, hidden: nil, sparseness: 0.2),
      result(.vq, seen: 0.4, hidden: nil, sparseness: 0.05),
    ])
    #expect(found[1] == "NMF has the sparsest components (sparseness 0.20 against VQ 0.05).")
  }

  @Test func `methods whose agreement with labels is printed alike share the first place`() {
    let found = sentences([
      result(.nmf, seen: 0.5, hidden: nil, sparseness: 0.2, rand: 0.361),
      result(.pca, seen: 0.5, hidden: nil, sparseness: 0.2, rand: 0.1),
      result(.vq, seen: 0.4, hidden: nil, sparseness: 0.05, rand: 0.364),
    ])
    #expect(found[2].contains("the groups of NMF and VQ match the labels best"))
  }

  @Test func `data without variation or with one feature get no empty claims`() {
    let nmf = result(.nmf, seen: 0, hidden: nil, sparseness: 0)
    #expect(sentences([nmf], varies: false).count == 1)
    #expect(!sentences([nmf], columns: 1).joined().contains("spars"))
  }
}
