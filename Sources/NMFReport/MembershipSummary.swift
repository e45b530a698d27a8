import Matrices

/// Soft memberships read as groups: which component is dominant in which observations.
struct MembershipSummary {
  /// What one component is to the observations.
  struct Component: Equatable {
    /// Observations in which this component has the largest share.
    var dominant = 0
    /// Of those, observations in which its share is at least a half.
    var clear = 0
    /// The observations with the largest shares of this component, counted from 0.
    var typical: [Int] = []
  }

  /// One for each component.
  var components: [Component]
  /// The dominant component of each observation; nil for an observation that is all zero.
  var dominant: [Int?]
  /// Observations in which no component has a share of a half.
  var mixed: Int
  /// Observations that are all zero, and so belong to no component.
  var empty: Int

  /// Reads memberships, N × r, each row summing to 1 or zero throughout; ties go to the first.
  init(_ memberships: DenseMatrix<Double>, typicalCount: Int = 3) {
    components = Array(repeating: Component(), count: memberships.columns)
    dominant = []
    dominant.reserveCapacity(memberships.rows)
    (mixed, empty) = (0, 0)
    for i in 0..<memberships.rows {
      var best = -1
      var share = 0.0
      for (k, value) in memberships.row(i).enumerated() where value > share {
        (best, share) = (k, value)
      }
      guard best >= 0 else {
        dominant.append(nil)
        empty += 1
        continue
      }
      dominant.append(best)
      components[best].dominant += 1
      if share >= 0.5 { components[best].clear += 1 } else { mixed += 1 }
    }
    for k in components.indices {
      var kept: [Int] = []
      for i in 0..<memberships.rows where memberships[i, k] > 0 {
        let share = memberships[i, k]
        if kept.count == typicalCount, let last = kept.last, memberships[last, k] >= share {
          continue
        }
        kept.insert(i, at: kept.firstIndex { memberships[$0, k] < share } ?? kept.count)
        if kept.count > typicalCount { kept.removeLast() }
      }
      components[k].typical = kept
    }
  }
}
