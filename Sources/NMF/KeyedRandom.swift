/// Random numbers without a state: the number at an index of a stream is a function of the key.
///
/// The same seed, purpose and index give the same number in any order, on any number of threads,
/// after any resume. Each number is SplitMix64's output function applied twice to key and index
/// (Steele, Lea & Flood 2014).
struct KeyedRandom: Sendable {
  /// What the numbers are for; streams of different purposes are unrelated.
  enum Purpose: UInt64 {
    case memberships = 1
    case parts = 2
    case rangeFinder = 3
    case fill = 4
    case speckle = 5
    case permutation = 6
    case sample = 7
    case prototypes = 8
    case unmixing = 9
    case gaussian = 10
    case archetypes = 11
    case starts = 20
    case loosening = 21
  }

  private let key: UInt64

  init(seed: UInt64, purpose: Purpose, stream: Int = 0) {
    key = Self.mix(
      Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) &+ purpose.rawValue << 32 &+ UInt64(stream))
  }

  /// 64 random bits.
  func bits(_ index: Int) -> UInt64 {
    Self.mix(Self.mix(key &+ UInt64(bitPattern: Int64(index)) &* 0x9E37_79B9_7F4A_7C15) ^ key)
  }

  /// A number in [0, 1), of 53 bits.
  func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

  /// The numbers `0..<count` in an order that the key decides.
  ///
  /// - Complexity: O(count log count).
  func permutation(of count: Int) -> [Int] {
    let keys = (0..<count).map { bits($0) }
    return (0..<count).sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
