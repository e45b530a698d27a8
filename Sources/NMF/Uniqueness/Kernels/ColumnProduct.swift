/// A matrix kept by columns, for products with one vector at a time.
struct ColumnMatrix: Sendable {
  let rows: Int
  let columns: Int
  /// Column l begins at `l * rows`.
  private let elements: [Double]

  /// - Parameter rows: Rows of equal length.
  init(rows list: [[Double]], columns: Int) {
    rows = list.count
    self.columns = columns
    var elements = [Double](repeating: 0, count: list.count * columns)
    for (i, row) in list.enumerated() {
      precondition(row.count == columns, "all rows must have one length")
      for l in 0..<columns { elements[l * list.count + i] = row[l] }
    }
    self.elements = elements
  }

  /// Sets `product` to Ax.
  func multiply(_ x: [Double], into product: inout [Double]) {
    precondition(x.count == columns && product.count == rows)
    unsafe elements.withUnsafeBufferPointer { a in
      unsafe product.withUnsafeMutableBufferPointer { y in
        // Safe: column l is `rows` numbers from `l * rows`, and `y` is `rows` long.
        for i in 0..<rows { unsafe y[i] = 0 }
        for l in 0..<columns where x[l] != 0 {
          let scale = x[l]
          let base = l * rows
          for i in 0..<rows { unsafe y[i] += scale * a[base + i] }
        }
      }
    }
  }

  /// One row.
  func row(_ i: Int) -> [Double] { (0..<columns).map { elements[$0 * rows + i] } }
}
