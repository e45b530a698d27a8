internal import Matrices

/// ‖X − WH‖², summed entry by entry in double: exact where traces would cancel.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredResidual<Scalar: MatrixScalar>(
  _ x: DenseMatrix<Scalar>, w: Factor<Scalar>, ht: Factor<Scalar>, pool: ComputePool
) -> Double {
  let lanes = Factor<Scalar>.lanes
  // An odd number of vectors apart, so that rows do not fall into the same few lines of the cache.
  let stride = ((x.columns + lanes - 1) / lanes | 1) * lanes
  var h = [Scalar](repeating: 0, count: w.rank * stride)
  let (piece, block) = (rowsOfTask(of: x.rows), 32 * lanes)
  let across = block + lanes
  let pieces = (x.rows + piece - 1) / piece
  var scratch = [Scalar](repeating: 0, count: pool.threads * piece * across)
  var sums = [Double](repeating: 0, count: pieces)
  unsafe sums.withUnsafeMutableBufferPointer { sums in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      unsafe h.withUnsafeMutableBufferPointer { h in
        unsafe x.elements.withUnsafeBufferPointer { entries in
          guard let sums = sums.baseAddress, let scratch = scratch.baseAddress,
            let h = h.baseAddress, let entries = entries.baseAddress
          else { return }
          unsafe ht.writeComponents(to: h, stride: stride, pool: pool)
          pool.run(pieces) { task, thread in
            let first = task * piece
            let rows = min(piece, x.rows - first)
            let v = unsafe scratch + thread * piece * across
            var sum = 0.0
            for left in Swift.stride(from: 0, to: x.columns, by: block) {
              let columns = min(block, x.columns - left)
              unsafe v.zero(rows * across)
              // Safe: a thread has its own scratch, a task its own sum; rows of H are padded.
              unsafe Scalar._kernels.multiplyAdd(
                rows, w.rank, (columns + lanes - 1) / lanes * lanes, w.base + first * w.stride,
                w.stride, 1, h + left, stride, v, across)
              for i in 0..<rows {
                unsafe sum += Scalar._kernels.squaredDistance(
                  columns, entries + (first + i) * x.columns + left, v + i * across)
              }
            }
            unsafe sums[task] = sum
          }
        }
      }
    }
  }
  return sums.reduce(0, +)
}

/// Σ gₖₖ δᵢₖ², where δ is the exact coordinate step of entry (i, k) of min ½ w G wᵀ − a w, w ≥ 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func coordinateSteps<Scalar: MatrixScalar>(
  of factor: Factor<Scalar>, in rows: Range<Int>? = nil, products: Factor<Scalar>, gram: [Double],
  pool: ComputePool
) -> Double {
  let piece = 64
  let range = rows ?? 0..<factor.rows
  let pieces = (range.count + piece - 1) / piece
  let stride = factor.stride
  let rank = factor.rank
  let negated = gram.map { Scalar(-$0) }
  let curvatures = (0..<rank).map { gram[$0 * stride + $0] }
  let inverses = curvatures.map { $0 > 0 ? 1 / $0 : 0 }
  let roots = curvatures.map { $0 > 0 ? $0.squareRoot() : 0 }
  let size = piece * stride
  var scratch = [Scalar](repeating: 0, count: pool.threads * size)
  var weighed = [Double](repeating: 0, count: pool.threads * size)
  var sums = [Double](repeating: 0, count: pieces)
  unsafe sums.withUnsafeMutableBufferPointer { sums in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      unsafe weighed.withUnsafeMutableBufferPointer { weighed in
        guard let sums = sums.baseAddress, let scratch = scratch.baseAddress,
          let weighed = weighed.baseAddress
        else { return }
        pool.run(pieces) { task, thread in
          let first = range.lowerBound + task * piece
          let rows = min(piece, range.upperBound - first)
          // Safe: a thread has its own scratch, a task its own sum.
          let (downhill, steps) = unsafe (scratch + thread * size, weighed + thread * size)
          let now = unsafe factor.base + first * stride
          // a − wG, the downhill direction.
          unsafe downhill.update(from: products.base + first * stride, count: rows * stride)
          unsafe Scalar._kernels.multiplyAdd(
            rows, rank, stride, now, stride, 1, negated, stride, downhill, stride)
          // √gₖₖ δᵢₖ, without divisions and branches.
          for row in Swift.stride(from: 0, to: rows * stride, by: stride) {
            for k in 0..<rank {
              let value = unsafe Double(now[row + k])
              let next = unsafe max(0, value + Double(downhill[row + k]) * inverses[k])
              unsafe steps[row + k] = roots[k] * (next - value)
            }
          }
          unsafe sums[task] = Double._kernels.dot(rows * stride, steps, steps)
        }
      }
    }
  }
  return sums.reduce(0, +)
}

/// ⟨A, B⟩ in double, by pieces of 64 rows.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func inner<Scalar: MatrixScalar>(
  _ a: Factor<Scalar>, _ b: Factor<Scalar>, pool: ComputePool
) -> Double {
  precondition(a.rows == b.rows && a.stride == b.stride)
  let piece = 64
  var partial = [Double](repeating: 0, count: (a.rows + piece - 1) / piece)
  unsafe partial.withUnsafeMutableBufferPointer { partial in
    pool.run(partial.count) { task, _ in
      let first = task * piece * a.stride
      let count = min(piece * a.stride, a.rows * a.stride - first)
      // Safe: a task owns its partial sum; padding is zero.
      unsafe partial[task] = Scalar._kernels.dot(count, a.base + first, b.base + first)
    }
  }
  return partial.reduce(0, +)
}

/// ⟨A, B⟩ of two Gram matrices of the same rank.
func inner(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "both Gram matrices must have the same rank")
  return unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      guard let left = a.baseAddress, let right = b.baseAddress else { return 0 }
      // Safe: both have so many numbers.
      return unsafe Double._kernels.dot(a.count, left, right)
    }
  }
}

/// Σ x log x over x > 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func xLogX<Scalar: MatrixScalar>(_ values: [Scalar]) -> Double {
  // Pieces keep the sum short, and its order fixed.
  let piece = 1 << 16
  var sum = 0.0
  unsafe values.withUnsafeBufferPointer { values in
    guard let base = values.baseAddress else { return }
    for first in stride(from: 0, to: values.count, by: piece) {
      let count = min(piece, values.count - first)
      unsafe sum += Scalar._kernels.xLogV(count, base + first, base + first)
    }
  }
  return sum
}
