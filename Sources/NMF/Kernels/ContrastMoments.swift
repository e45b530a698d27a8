internal import Matrices

/// Σᵢ g(b zᵢ) zᵢ and Σᵢ g′(b zᵢ) for some directions b, in one pass over the samples.
///
/// - Parameters:
///   - samples: M × r.
///   - directions: `count` rows of r numbers.
///   - count: The number of directions.
///   - kind: The contrast, as `CNMFKernels.h` numbers them.
///   - pool: Threads to compute with.
/// - Returns: `count` × r products row after row, and `count` slopes.
func contrastMoments(
  _ samples: Factor<Double>, directions: [Double], count: Int, kind: Int32, pool: ComputePool
) -> (products: [Double], slopes: [Double]) {
  let rank = samples.rank
  let bt = Factor<Double>(rows: rank, rank: count)
  for k in 0..<count {
    for l in 0..<rank { bt[l, k] = directions[k * rank + l] }
  }
  let block = 128
  let blocks = (samples.rows + block - 1) / block
  let perPiece = max(1, (blocks + 63) / 64)
  let pieces = (blocks + perPiece - 1) / perPiece
  let width = bt.stride
  let stride = samples.stride
  // Each piece has its sums of products, then its sums of slopes.
  let size = count * stride + width
  var partial = [Double](repeating: 0, count: max(1, pieces) * size)
  var scratch = [Double](repeating: 0, count: pool.threads * block * width)
  unsafe partial.withUnsafeMutableBufferPointer { partial in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      guard let partial = partial.baseAddress, let scratch = scratch.baseAddress else { return }
      pool.run(pieces) { piece, thread in
        // Safe: a thread has its own scratch, a piece its own sums.
        let u = unsafe scratch + thread * block * width
        let sums = unsafe partial + piece * size
        for index in piece * perPiece..<min(blocks, (piece + 1) * perPiece) {
          let first = index * block
          let rows = min(block, samples.rows - first)
          let z = unsafe samples.base + first * stride
          unsafe u.zero(rows * width)
          unsafe Double._kernels.multiplyAdd(
            rows, rank, width, z, stride, 1, bt.base, width, u, width)
          unsafe Double._kernels.contrast(kind, rows, width, u, width, sums + count * stride)
          unsafe Double._kernels.multiplyAdd(
            count, rows, stride, u, 1, width, z, stride, sums, stride)
        }
      }
    }
  }
  var products = [Double](repeating: 0, count: count * rank)
  var slopes = [Double](repeating: 0, count: count)
  for piece in 0..<pieces {
    for k in 0..<count {
      for l in 0..<rank { products[k * rank + l] += partial[piece * size + k * stride + l] }
      slopes[k] += partial[piece * size + count * stride + k]
    }
  }
  return (products, slopes)
}
