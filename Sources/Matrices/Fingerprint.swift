private import Synchronization

extension DataMatrix {
  /// A number that tells this matrix from others: a hash of its shape and its entries, as 16 hex digits.
  ///
  /// Entries are hashed as doubles, with their places, and zeros are left out: dense and sparse storage
  /// of the same matrix agree, as do `Float` and `Double` where the entries are exact in both.
  ///
  /// - Complexity: O(stored entries), on all cores where there are many.
  public var fingerprint: String {
    let digits = String(hash(of: self), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func hash<Scalar: MatrixScalar>(of matrix: DataMatrix<Scalar>) -> UInt64 {
  // A sum of hashes does not depend on the order of the entries.
  let total = Mutex(mix(UInt64(matrix.rows)) &+ mix(mix(UInt64(matrix.columns))))
  let isSmall = matrix.storedValues.count < 1 << 18
  let pieces = isSmall ? 1 : min(64, matrix.rows)
  let pool = ComputePool(threads: isSmall ? 1 : nil)
  pool.run(pieces) { piece, _ in
    let rows = piece * matrix.rows / pieces..<(piece + 1) * matrix.rows / pieces
    let sum = entryHashes(of: rows, in: matrix)
    total.withLock { $0 &+= sum }
  }
  return mix(total.withLock { $0 })
}

/// SplitMix64's output function (Steele, Lea & Flood 2014).
private func mix(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
  return z ^ z >> 31
}
