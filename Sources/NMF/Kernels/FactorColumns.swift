internal import Matrices

/// Σᵢ f²ᵢₖ of each component.
func columnSquares(_ factor: Factor<Double>) -> [Double] {
  var squares = [Double](repeating: 0, count: factor.rank)
  unsafe squares.withUnsafeMutableBufferPointer { squares in
    guard let squares = squares.baseAddress else { return }
    for i in 0..<factor.rows {
      // Safe: the row lies within the factor, and there is one sum a component.
      let row = unsafe factor.base + i * factor.stride
      for k in 0..<factor.rank { unsafe squares[k] += row[k] * row[k] }
    }
  }
  return squares
}

/// The entry of largest magnitude of each component; of equals the first.
func largestOfColumns(_ factor: Factor<Double>) -> [Double] {
  var largest = [Double](repeating: 0, count: factor.rank)
  unsafe largest.withUnsafeMutableBufferPointer { largest in
    guard let largest = largest.baseAddress else { return }
    for i in 0..<factor.rows {
      // Safe: the row lies within the factor, and there is one number a component.
      let row = unsafe factor.base + i * factor.stride
      for k in 0..<factor.rank where unsafe row[k].magnitude > largest[k].magnitude {
        unsafe largest[k] = row[k]
      }
    }
  }
  return largest
}

/// The components in an order, each times a number: rows × count, or its transpose.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func arranged<Scalar: MatrixScalar>(
  _ factor: Factor<Double>, order: [Int], scales: [Double], transposed: Bool, as type: Scalar.Type
) -> DenseMatrix<Scalar> {
  precondition(scales.count == factor.rank && order.allSatisfy { 0..<factor.rank ~= $0 })
  let (rows, count) = (factor.rows, order.count)
  let steps = transposed ? (row: 1, place: rows) : (row: count, place: 1)
  let elements = unsafe [Scalar](unsafeUninitializedCapacity: rows * count) { target, filled in
    unsafe order.withUnsafeBufferPointer { order in
      unsafe scales.withUnsafeBufferPointer { scales in
        for i in 0..<rows {
          // Safe: the order was checked above, and each entry of the result is written once.
          let row = unsafe factor.base + i * factor.stride
          for place in 0..<count {
            let k = unsafe order[place]
            unsafe target[i * steps.row + place * steps.place] = Scalar(row[k] * scales[k])
          }
        }
      }
    }
    filled = rows * count
  }
  return DenseMatrix(
    unchecked: elements, rows: transposed ? count : rows, columns: transposed ? rows : count)
}
