// Planted ranks: how often each rule finds them.
// Usage: RankSimulation [--published] [--quick] > table.csv
import Foundation
import Matrices
import NMF

/// What each rule answers for one matrix.
struct Answers {
  var ours: Int
  var plausible: [Int]
  var minimum: Int
  var bayes: Int
  var relevance: Int
  var cophenetic: Int
  var elbow: Int
}

func answers(_ scan: RankScan, _ generated: Case) -> Answers? {
  guard let verdict = RankVerdict(scan) else { return nil }
  let stability = scan.stability.sorted { $0.rank < $1.rank }
  let (n, p) = (Double(scan.rows), Double(scan.columns))
  func bayes(_ entry: RankStability) -> Double {
    let r = Double(entry.rank)
    let parameters = r * (n + p - r)
    let deviance =
      generated.noise == .gaussian
      ? n * p * log(2 * entry.objective / (n * p)) : 2 * entry.objective
    return deviance + parameters * log(n * p)
  }
  // The largest fall of the cophenetic correlation from one rank to the next.
  var cophenetic = 1
  var fall = 0.0
  for (a, b) in zip(stability.dropFirst(), stability.dropFirst(2)) {
    let drop = (a.copheneticCorrelation ?? 0) - (b.copheneticCorrelation ?? 0)
    if drop > fall { (cophenetic, fall) = (a.rank, drop) }
  }
  // The point furthest below the chord of the objective (Satopää et al. 2011).
  var elbow = 1
  if let first = stability.first, let last = stability.last, last.rank > first.rank {
    var furthest = -Double.infinity
    for entry in stability {
      let t = Double(entry.rank - first.rank) / Double(last.rank - first.rank)
      let chord = first.objective + t * (last.objective - first.objective)
      if chord - entry.objective > furthest {
        (elbow, furthest) = (entry.rank, chord - entry.objective)
      }
    }
  }
  return Answers(
    ours: verdict.rank, plausible: verdict.plausible, minimum: verdict.best,
    bayes: stability.min { bayes($0) < bayes($1) }?.rank ?? 1,
    relevance: scan.relevant ?? 0, cophenetic: cophenetic, elbow: elbow)
}

/// How far the last part stands above the noise: the deviance that rank r − 1 leaves of the true
/// mean, over the N + p parameters that the last part costs. Below about 2 no method can see it
/// (the transition of Baik, Ben Arous & Péché for a square matrix).
func strengthOfLastPart(_ generated: Case, mean: DenseMatrix<Double>, deviation: Double) throws
  -> Double
{
  guard generated.rank > 1 else { return .infinity }
  var options = FitOptions(rank: generated.rank - 1, loss: generated.noise.loss)
  options.restarts = 3
  options.tolerance = 1e-4
  options.maxIterations = 500
  let left = try fit(.dense(mean), options: options).report.objective
  let deviance = generated.noise == .gaussian ? 2 * left / (deviation * deviation) : 2 * left
  return deviance / Double(generated.shape.rows + generated.shape.columns)
}

/// At least 60 matrices of many kinds, and 21 without structure.
func broadCases() -> [Case] {
  var cases: [Case] = []
  let shapes = [(120, 80), (200, 120), (300, 60), (100, 400)]
  let ranks = [2, 3, 4, 5, 6, 8, 10, 12, 15]
  var seed: UInt64 = 1
  let strengths: [(Noise, [Double])] = [
    (.poisson, [2, 6]), (.sparsePoisson, [0.4, 1]), (.gaussian, [4, 12]),
  ]
  for (noise, strengths) in strengths {
    for structure in Structure.allCases {
      for (level, strength) in strengths.enumerated() {
        for step in 0..<4 {
          seed += 1
          cases.append(
            Case(
              rank: ranks[Int(seed * 7 + UInt64(step * 2 + level)) % ranks.count],
              shape: shapes[Int(seed) % shapes.count], noise: noise, strength: strength,
              structure: structure, seed: seed))
        }
      }
    }
    for level in 0..<7 {
      seed += 1
      cases.append(
        Case(
          rank: 1, shape: shapes[level % 4], noise: noise, strength: strengths[level % 2],
          structure: .plain, seed: seed))
    }
  }
  return cases
}

/// The designs of published comparisons: 200 × 120 counts of rank 6 with means 1 and 4, also
/// over-dispersed; and 200 × 80 measurements of rank 5 (RcppML's article on cross-validation).
func publishedCases() -> [Case] {
  let designs: [(Noise, Double, (Int, Int), Int, Int)] = [
    (.poisson, 1, (200, 120), 6, 10), (.poisson, 4, (200, 120), 6, 10),
    (.negativeBinomial, 4, (200, 120), 6, 8), (.gaussian, 100, (200, 80), 5, 3),
  ]
  return designs.flatMap { noise, strength, shape, rank, count in
    (0..<count).map { index in
      Case(
        rank: rank, shape: shape, noise: noise, strength: strength, structure: .plain,
        seed: 1000 + UInt64(index))
    }
  }
}

var cases = CommandLine.arguments.contains("--published") ? publishedCases() : broadCases()
if CommandLine.arguments.contains("--quick") {
  cases = cases.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
}

/// Writes a line at once, so that a long run can be followed.
func write(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

write(
  "noise,structure,rows,columns,strength,seed,aboveNoise,truth,answer,plausible,minimum,bic,ard,"
    + "cophenetic,elbow,seconds")
for generated in cases {
  let (mean, x, deviation) = generated.generate()
  let above = try strengthOfLastPart(generated, mean: mean, deviation: deviation)
  var options = RankScanOptions(loss: generated.noise.loss)
  options.ranks = 1...20
  options.restarts = 5
  options.bootstraps = 0
  options.fit.seed = generated.seed
  let scan = try scanRanks(x, options: options)
  guard let found = answers(scan, generated) else { continue }
  let shape = generated.shape
  let columns: [String] = [
    generated.noise.rawValue, generated.structure.rawValue, "\(shape.rows)", "\(shape.columns)",
    "\(generated.strength)", "\(generated.seed)", String(format: "%.2f", above),
    "\(generated.rank)", "\(found.ours)", found.plausible.map(String.init).joined(separator: " "),
    "\(found.minimum)", "\(found.bayes)", "\(found.relevance)", "\(found.cophenetic)",
    "\(found.elbow)", String(format: "%.1f", scan.seconds),
  ]
  write(columns.joined(separator: ","))
}
