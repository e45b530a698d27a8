/// How far one part could move without any change to the fit WH.
public struct PartRoom: Sendable, Equatable {
  /// The component, counted from 0.
  public var component: Int
  /// How far the part can turn from where it is, in degrees; 0 when it is pinned.
  ///
  /// Reached by a factorisation of the same WH: the part can turn at least this far.
  public var angleDegrees: Double
  /// Whether no factorisation of the same WH turns the part further (up to three parts).
  public var isExact: Bool
  /// The part as it is, with sum 1.
  public var part: [Double]
  /// The smallest value of each entry, with the part summing to 1.
  public var lowest: [Double]
  /// The largest value of each entry, with the part summing to 1.
  public var highest: [Double]
  /// Parts that it can become, with sum 1: the ends of its room.
  public var extremes: [[Double]]

  /// Whether the part can turn by more than the error of a fit.
  public var isMovable: Bool { angleDegrees >= Geometry.pinnedDegrees }

  init(component: Int, part: [Double], isExact: Bool) {
    self.component = component
    self.part = part
    self.isExact = isExact
    angleDegrees = 0
    lowest = part
    highest = part
    extremes = []
  }

  /// Takes up a part that this one can become.
  mutating func include(_ other: [Double], asExtreme: Bool = false) {
    angleDegrees = max(angleDegrees, degreesBetween(part, other))
    for j in other.indices {
      lowest[j] = min(lowest[j], max(0, other[j]))
      highest[j] = max(highest[j], other[j])
    }
    if asExtreme { extremes.append(other.map { max(0, $0) }) }
  }

  /// Takes up intervals that were found in another way.
  mutating func include(_ low: [Double], _ high: [Double], angle: Double) {
    angleDegrees = max(angleDegrees, angle)
    for j in low.indices {
      lowest[j] = min(lowest[j], low[j])
      highest[j] = max(highest[j], high[j])
    }
  }
}

/// How far all parts could move without any change to the fit WH.
public struct Room: Sendable, Equatable {
  /// How the room was found.
  public enum Method: String, Sendable, Codable {
    /// One part: nothing to exchange.
    case onePart
    /// Two parts: the product of two intervals, in closed form (Lawton & Sylvestre 1971).
    case twoParts
    /// Three parts: the feasible regions, bounded by conics (Borgen & Kowalski 1985; Rajkó & István 2005).
    case threeParts
    /// More: linear programmes with one part moving at a time, which find some of the room.
    case linearProgrammes
  }

  /// How the room was found.
  public var method: Method
  /// One a component, in the order of the model; a component without mass has no room.
  public var parts: [PartRoom]
  /// The feasible regions of three parts, for a drawing.
  public var regions: FeasibleRegions?

  /// Whether some part can turn by more than the error of a fit.
  public var isMovable: Bool { parts.contains { $0.isMovable } }
}
