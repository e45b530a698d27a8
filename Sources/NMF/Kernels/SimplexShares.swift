internal import Matrices

/// Lowers ½ s G sᵀ − t sᵀ over shares s ≥ 0 with sum 1, by exchanging between two shares at a time.
///
/// Each step moves weight from the share whose gradient is largest to that whose gradient is
/// smallest, exactly as far as is best (pairwise Frank–Wolfe, Lacoste-Julien & Jaggi 2015; with two
/// variables a step, sequential minimal optimisation). The value never rises.
///
/// - Parameters:
///   - shares: Shares, overwritten.
///   - image: sG, kept up to date.
///   - target: t.
///   - gram: G, symmetric, row after row.
///   - most: The most exchanges.
func exchangeShares(
  _ shares: inout [Double], image: inout [Double], target: [Double], gram: [Double], most: Int
) {
  let count = shares.count
  unsafe shares.withUnsafeMutableBufferPointer { shares in
    unsafe image.withUnsafeMutableBufferPointer { image in
      unsafe target.withUnsafeBufferPointer { target in
        unsafe gram.withUnsafeBufferPointer { gram in
          guard let shares = shares.baseAddress, let image = image.baseAddress,
            let target = target.baseAddress, let gram = gram.baseAddress
          else { return }
          // Safe: all lengths are `count`, and `gram` is its square.
          unsafe exchange(shares, image, target, gram, count: count, most: most)
        }
      }
    }
  }
}

/// The same for every row of W, against products XHᵀ and the Gram matrix HHᵀ.
func solveShares(_ w: Factor<Double>, products: Factor<Double>, gram: [Double], pool: ComputePool) {
  let rank = w.rank
  let piece = 32
  unsafe gram.withUnsafeBufferPointer { gram in
    guard let gram = gram.baseAddress else { return }
    pool.run((w.rows + piece - 1) / piece) { task, _ in
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: rank) { image in
        guard let image = image.baseAddress else { return }
        for i in task * piece..<min(w.rows, (task + 1) * piece) {
          // Safe: tasks own disjoint rows of W.
          let shares = unsafe w.base + i * w.stride
          for k in 0..<rank {
            var sum = 0.0
            for l in 0..<rank { unsafe sum += shares[l] * gram[l * rank + k] }
            unsafe image[k] = sum
          }
          unsafe exchange(
            shares, image, products.base + i * products.stride, gram, count: rank, most: 20 * rank)
        }
      }
    }
  }
}

private func exchange(
  _ shares: UnsafeMutablePointer<Double>, _ image: UnsafeMutablePointer<Double>,
  _ target: UnsafePointer<Double>, _ gram: UnsafePointer<Double>, count: Int, most: Int
) {
  for _ in 0..<most {
    var (low, high) = (0, -1)
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for k in 0..<count {
      let gradient = unsafe image[k] - target[k]
      if gradient < smallest { (smallest, low) = (gradient, k) }
      if unsafe shares[k] > 0, gradient > largest { (largest, high) = (gradient, k) }
    }
    guard high >= 0, low != high else { return }
    let gap = largest - smallest
    let curvature =
      unsafe gram[low * count + low] + gram[high * count + high]
      - 2 * gram[low * count + high]
    let scale = unsafe gram[low * count + low] + gram[high * count + high]
    guard gap > 1e-10 * scale, gap > 0 else { return }
    let available = unsafe shares[high]
    let wanted = curvature > 0 ? gap / curvature : available
    let moved = min(wanted, available)
    if moved == available { unsafe shares[high] = 0 } else { unsafe shares[high] -= moved }
    unsafe shares[low] += moved
    for k in 0..<count {
      unsafe image[k] += moved * (gram[low * count + k] - gram[high * count + k])
    }
  }
}

private func exchange(
  _ shares: UnsafeMutablePointer<Double>, _ image: UnsafeMutablePointer<Double>,
  _ target: UnsafeMutablePointer<Double>, _ gram: UnsafePointer<Double>, count: Int, most: Int
) {
  unsafe exchange(shares, image, UnsafePointer(target), gram, count: count, most: most)
}
