/// What makes a table look as if its observations were in columns.
public enum OrientationEvidence: Sendable, Equatable {
  /// The names of columns are those of samples or cells, such as `AAACATACAACCAC-1` or `GSM123`.
  case columnsNamedLikeSamples(example: String)
  /// The names of rows are those of genes or probes, such as `ENSG00000141510` or `M25079_s_at`.
  case rowsNamedLikeFeatures(example: String)
}

/// Looks for observations in columns, by names alone.
///
/// The shape says nothing: tables with few features and pictures with many are both common. Names are
/// read conservatively, as a false alarm is worse than none: most of a sample of them must be of a
/// known kind, and the other side must not be of the same kind.
func orientationEvidence(rowNames: [String]?, columnNames: [String]?) -> OrientationEvidence? {
  if let columnNames, let example = mostly(columnNames, looksLikeSample),
    rowNames.map({ mostly($0, looksLikeSample) == nil }) ?? true
  {
    return .columnsNamedLikeSamples(example: example)
  }
  if let rowNames, let example = mostly(rowNames, looksLikeFeature),
    columnNames.map({ mostly($0, looksLikeFeature) == nil }) ?? true
  {
    return .rowsNamedLikeFeatures(example: example)
  }
  return nil
}

/// The first name of the kind when at least four fifths of up to 200 names spread evenly are of it.
private func mostly(_ names: [String], _ isOfKind: (String) -> Bool) -> String? {
  guard names.count >= 3 else { return nil }
  let step = max(1, names.count / 200)
  let sample = stride(from: 0, to: names.count, by: step).map { names[$0] }
  let matching = sample.filter(isOfKind)
  return matching.count * 5 >= sample.count * 4 ? matching.first : nil
}

/// A 10x barcode, an archive's accession, or the plain words `cell…` and `sample…` with a number.
private func looksLikeSample(_ name: String) -> Bool {
  let bases = name.prefix { "ACGT".contains($0) }.count
  if bases >= 12 {
    let rest = name.dropFirst(bases)
    return rest.isEmpty || rest.first == "-" || rest.first == "_" || rest.first == "."
  }
  if name.hasPrefix("TCGA-") { return true }
  return isNumbered(name, after: ["GSM", "SRR", "ERR", "SRX", "ERX", "SAMN", "SAMEA"])
    || isNumbered(name.lowercased(), after: ["cell", "sample", "patient"])
}

/// An Ensembl gene or transcript, an Affymetrix probe, or the plain words `gene…` and `probe…`.
private func looksLikeFeature(_ name: String) -> Bool {
  if name.hasPrefix("ENS") {
    let digits = name.reversed().drop { $0 == "." || $0.isNumber }
    return name.count >= 15 && ["G", "T"].contains(digits.first)
  }
  return name.hasSuffix("_at") || isNumbered(name.lowercased(), after: ["gene", "probe"])
}

/// Whether a name is one of the words, perhaps a separator, then nothing but digits.
private func isNumbered(_ name: String, after words: [String]) -> Bool {
  words.contains { word in
    guard name.hasPrefix(word) else { return false }
    let rest = name.dropFirst(word.count).drop { "_-. ".contains($0) }
    return !rest.isEmpty && rest.allSatisfy { $0.isASCII && $0.isNumber }
  }
}
