internal import Matrices

/// A factor B, p × r, that rows of a dense X are multiplied with.
///
/// The lanes of a vector are components of B or, where those would leave a quarter of the lanes empty,
/// columns of X; for that B is kept as r × p.
struct RightFactor<Scalar: MatrixScalar> {
  private let factor: Factor<Scalar>
  private let components: Factor<Scalar>?

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ factor: Factor<Scalar>, pool: ComputePool) {
    self.factor = factor
    guard 4 * factor.rank <= 3 * factor.stride else {
      components = nil
      return
    }
    let lanes = Factor<Scalar>.lanes
    // Rows a large power of two apart would fall into the same few lines of the cache.
    let collides = (factor.rows + lanes - 1) / lanes % 8 == 0
    let components = Factor<Scalar>(
      rows: factor.rank, rank: factor.rows + (collides ? lanes : 0))
    let piece = 256
    pool.run((factor.rows + piece - 1) / piece) { task, _ in
      let rows = task * piece..<min(factor.rows, (task + 1) * piece)
      for k in 0..<factor.rank {
        // Safe: tasks own disjoint columns.
        let target = unsafe components.base + k * components.stride
        for i in rows { unsafe target[i] = factor.base[i * factor.stride + k] }
      }
    }
    self.components = components
  }

  /// Adds XB for some rows of X to `result`, whose rows are as far apart as those of B.
  func addProduct(
    rows: Int, of x: UnsafePointer<Scalar>, to result: UnsafeMutablePointer<Scalar>
  ) {
    let columns = factor.rows
    if let components {
      unsafe Scalar._kernels.rowSums(
        rows, columns, factor.rank, x, columns, components.base, components.stride, result,
        factor.stride)
    } else {
      unsafe Scalar._kernels.multiplyAdd(
        rows, columns, factor.width, x, columns, 1, factor.base, factor.stride, result,
        factor.stride)
    }
  }
}
