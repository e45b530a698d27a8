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
    let sum = hashes(of: rows, in: matrix)
    total.withLock { $0 &+= sum }
  }
  return mix(total.withLock { $0 })
}

/// The sum of the hashes of the entries of some rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func hashes<Scalar: MatrixScalar>(
  of rows: Range<Int>, in matrix: DataMatrix<Scalar>
) -> UInt64 {
  var sum: UInt64 = 0
  switch matrix {
  case .dense(let matrix):
    let elements = matrix.elements.span
    for index in rows.lowerBound * matrix.columns..<rows.upperBound * matrix.columns {
      let value = Double(elements[index])
      if value != 0 { sum &+= mix(value.bitPattern ^ mix(UInt64(index))) }
    }
  case .sparse(let matrix):
    let (values, columns) = (matrix.values.span, matrix.columnIndices.span)
    for row in rows {
      let first = UInt64(row) &* UInt64(matrix.columns)
      for index in matrix.rowOffsets[row]..<matrix.rowOffsets[row + 1] {
        let place = first &+ UInt64(columns[index])
        sum &+= mix(Double(values[index]).bitPattern ^ mix(place))
      }
    }
  }
  return sum
}

/// SplitMix64's output function (Steele, Lea & Flood 2014).
private func mix(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
  return z ^ z >> 31
}
