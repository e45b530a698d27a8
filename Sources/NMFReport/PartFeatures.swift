import Foundation
import Matrices

/// The features that make up a part, and those that set it apart from the other parts.
struct PartFeatures {
  /// One feature of one part.
  struct Feature: Equatable {
    /// The column of X, counted from 0.
    var column: Int
    /// The share of the part that lies in this feature: hₖⱼ over the sum of part k.
    var share: Double
    /// The share over the largest share that another part has; infinite when no other has any.
    var ratio: Double

    /// Whether the share is at least three times that in any other part.
    var isDistinctive: Bool { ratio >= 3 }
  }

  /// The part, counted from 0.
  var part: Int
  /// The features with the largest weights, the largest first.
  var largest: [Feature]
  /// The features that tell the part from the next best one, the most telling first.
  ///
  /// They are ordered by x log(x / y) − x + y for their shares x here and y in the part with the
  /// next largest, so that a feature counts when it is both frequent here and rarer elsewhere: the
  /// least Kullback–Leibler divergence from another part (Dey, Hsiao & Stephens 2017).
  var distinctive: [Feature]

  /// The features of every part of H.
  ///
  /// - Parameters:
  ///   - h: Parts, r × p.
  ///   - count: How many features of each kind.
  /// - Returns: One for each part, in order.
  /// - Complexity: O(r p).
  static func all(of h: DenseMatrix<Double>, count: Int = 10) -> [PartFeatures] {
    let sums = (0..<h.rows).map { h.row($0).reduce(0, +) }
    var best = [Double](repeating: 0, count: h.columns)
    var second = best
    var owner = [Int](repeating: -1, count: h.columns)
    for k in 0..<h.rows where sums[k] > 0 {
      for (j, weight) in h.row(k).enumerated() {
        let share = weight / sums[k]
        if share > best[j] {
          (second[j], best[j], owner[j]) = (best[j], share, k)
        } else if share > second[j] {
          second[j] = share
        }
      }
    }
    return (0..<h.rows).map { k in
      guard sums[k] > 0 else { return PartFeatures(part: k, largest: [], distinctive: []) }
      let features = h.row(k).enumerated().compactMap { j, weight -> Feature? in
        guard weight > 0 else { return nil }
        let share = weight / sums[k]
        let other = owner[j] == k ? second[j] : best[j]
        return Feature(column: j, share: share, ratio: other > 0 ? share / other : .infinity)
      }
      // An infinite ratio would put every rare feature first, so it counts as a thousand.
      func score(_ feature: Feature) -> Double {
        let ratio = min(feature.ratio, 1000)
        return feature.share * (log(ratio) - 1 + 1 / ratio)
      }
      return PartFeatures(
        part: k, largest: top(count, of: features) { $0.share },
        distinctive: top(count, of: features.filter { $0.ratio > 1.5 }, by: score))
    }
  }

  /// The features with the largest scores; equal scores in order of column.
  private static func top(
    _ count: Int, of features: [Feature], by score: (Feature) -> Double
  ) -> [Feature] {
    // A heap is not worth it: a pass that keeps a short sorted list is O(p) in practice.
    var kept: [(score: Double, feature: Feature)] = []
    for feature in features {
      let value = score(feature)
      if kept.count == count, let last = kept.last, last.score >= value { continue }
      let place = kept.firstIndex { $0.score < value } ?? kept.count
      kept.insert((value, feature), at: place)
      if kept.count > count { kept.removeLast() }
    }
    return kept.map(\.feature)
  }
}
