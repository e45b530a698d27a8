import Matrices

/// One stacked column for each observation: the height of a colour is a component's share.
///
/// Observations stand in groups, the largest first: by their label when labels are known, otherwise
/// by their dominant component. Within a group they are ordered by the dominant component and then
/// by its share, falling; equal shares by the second component. Where there are more observations
/// than columns, neighbours within a group are averaged.
struct StructurePlot {
  /// Observations drawn together.
  struct Group: Equatable {
    /// The label, or nil when the group is that of a component.
    var label: String?
    /// The component with the largest mass in the group; nil when the group has none.
    var component: Int?
    /// How many observations.
    var count: Int
    /// Which of the plot's columns.
    var columns: Range<Int>
  }

  /// The observations from left to right, counted from 0.
  let order: [Int]
  /// The groups from left to right.
  let groups: [Group]
  /// The shares drawn: columns × r.
  let shares: DenseMatrix<Double>

  /// Whether a column stands for more than one observation.
  var isAveraged: Bool { shares.rows < order.count }

  /// Orders and averages memberships.
  ///
  /// - Parameters:
  ///   - memberships: N × r, each row summing to 1 or zero throughout.
  ///   - labels: N known labels to group by; nil to group by dominant component.
  ///   - mostColumns: About how many columns to draw at most.
  init(_ memberships: DenseMatrix<Double>, labels: [String]? = nil, mostColumns: Int = 1200) {
    let places = (0..<memberships.rows).map { Place($0, in: memberships) }
    var members: [GroupKey: [Place]] = [:]
    for place in places {
      let key = GroupKey(
        label: labels.map { $0[place.observation] },
        component: labels == nil ? place.first : nil)
      members[key, default: []].append(place)
    }
    let keys = members.sorted { a, b in
      if a.value.count != b.value.count { return a.value.count > b.value.count }
      return (a.value.first?.observation ?? 0) < (b.value.first?.observation ?? 0)
    }
    var order: [Int] = []
    var groups: [Group] = []
    var rows: [Double] = []
    var drawn = 0
    let ratio = min(1, Double(mostColumns) / Double(max(1, memberships.rows)))
    for (key, unsorted) in keys {
      let sorted = Self.sorted(unsorted)
      let columns = max(1, Int((Double(sorted.count) * ratio).rounded()))
      var masses = [Double](repeating: 0, count: memberships.columns)
      for column in 0..<columns {
        let from = column * sorted.count / columns
        let to = (column + 1) * sorted.count / columns
        var mean = [Double](repeating: 0, count: memberships.columns)
        for place in sorted[from..<to] {
          for (k, share) in memberships.row(place.observation).enumerated() { mean[k] += share }
        }
        for k in mean.indices {
          masses[k] += mean[k]
          mean[k] /= Double(to - from)
        }
        rows += mean
      }
      let heaviest = masses.indices.max { masses[$0] < masses[$1] }.flatMap {
        masses[$0] > 0 ? $0 : nil
      }
      groups.append(
        Group(
          label: key.label, component: key.component ?? heaviest, count: sorted.count,
          columns: drawn..<drawn + columns))
      drawn += columns
      order += sorted.map(\.observation)
    }
    self.order = order
    self.groups = groups
    var shares = DenseMatrix<Double>(rows: drawn, columns: memberships.columns)
    for column in 0..<drawn {
      for k in 0..<memberships.columns {
        shares[column, k] = rows[column * memberships.columns + k]
      }
    }
    self.shares = shares
  }

  private struct GroupKey: Hashable {
    var label: String?
    var component: Int?
  }

  /// What the order of an observation depends on.
  private struct Place {
    var observation: Int
    var first: Int?
    var second: Int?
    var share = 0.0

    init(_ observation: Int, in memberships: DenseMatrix<Double>) {
      self.observation = observation
      var next = 0.0
      for (k, value) in memberships.row(observation).enumerated() {
        if value > share {
          (second, next) = (first, share)
          (first, share) = (k, value)
        } else if value > next {
          (second, next) = (k, value)
        }
      }
    }
  }

  private static func sorted(_ places: [Place]) -> [Place] {
    let alike = Dictionary(grouping: places) { $0.first }.sorted { a, b in
      // Those without a component come last.
      guard let first = a.key, let second = b.key else { return a.key != nil }
      return a.value.count != b.value.count ? a.value.count > b.value.count : first < second
    }
    return alike.flatMap { _, places in
      places.sorted { a, b in
        if a.share != b.share { return a.share > b.share }
        return (a.second ?? Int.max, a.observation) < (b.second ?? Int.max, b.observation)
      }
    }
  }
}
