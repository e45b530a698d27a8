internal import Matrices

/// The fixed-point iterations of FastICA on white samples.
struct RotationSearch {
  struct Options {
    var contrast: Int32
    var isDeflation: Bool
    var tolerance: Double
    var maxIterations: Int
    var seed: UInt64

    init<Scalar: MatrixScalar>(_ options: FastICA<Scalar>.Options) {
      contrast =
        switch options.contrast {
        case .logcosh: 0
        case .exp: 1
        case .cube: 2
        }
      isDeflation = options.algorithm == .deflation
      tolerance = options.tolerance
      maxIterations = options.maxIterations
      seed = options.seed
    }
  }

  struct Found {
    /// r × r, orthogonal: each row a direction of the white samples.
    var rotation: [Double]
    var iterations: Int
    var converged: Bool
  }

  private let samples: Factor<Double>
  private let options: Options
  private let pool: ComputePool
  private var rank: Int { samples.rank }

  init(_ samples: Factor<Double>, options: Options, pool: ComputePool) {
    self.samples = samples
    self.options = options
    self.pool = pool
  }

  func run() throws -> Found {
    let random = KeyedRandom(seed: options.seed, purpose: .unmixing)
    let start = (0..<rank * rank).map { random.gaussian($0) }
    return options.isDeflation ? oneByOne(start) : try together(start)
  }

  /// All directions at once: B ← (BBᵀ)^(−1/2) B after each step.
  private func together(_ start: [Double]) throws -> Found {
    var rotation = try decorrelated(start, rank, pool: pool)
    for iteration in 1...max(1, options.maxIterations) {
      let next = try decorrelated(step(rotation, count: rank), rank, pool: pool)
      var turned = 0.0
      for k in 0..<rank {
        var cosine = 0.0
        for l in 0..<rank { cosine += next[k * rank + l] * rotation[k * rank + l] }
        turned = max(turned, abs(abs(cosine) - 1))
      }
      rotation = next
      if turned < options.tolerance {
        return Found(rotation: rotation, iterations: iteration, converged: true)
      }
    }
    return Found(rotation: rotation, iterations: options.maxIterations, converged: false)
  }

  /// One direction after another, orthogonal to those before (Gram & Schmidt).
  private func oneByOne(_ start: [Double]) -> Found {
    var rotation: [Double] = []
    var most = 0
    var converged = true
    for k in 0..<rank {
      var direction = Array(start[k * rank..<(k + 1) * rank])
      orthogonalise(&direction, against: rotation)
      var settled = false
      var iteration = 0
      while iteration < options.maxIterations, !settled {
        iteration += 1
        var next = step(direction, count: 1)
        orthogonalise(&next, against: rotation)
        var cosine = 0.0
        for l in 0..<rank { cosine += next[l] * direction[l] }
        settled = abs(abs(cosine) - 1) < options.tolerance
        direction = next
      }
      most = max(most, iteration)
      converged = converged && settled
      rotation += direction
    }
    return Found(rotation: rotation, iterations: most, converged: converged)
  }

  private func orthogonalise(_ direction: inout [Double], against rotation: [Double]) {
    for _ in 0..<2 {
      for k in 0..<rotation.count / rank {
        var dot = 0.0
        for l in 0..<rank { dot += direction[l] * rotation[k * rank + l] }
        for l in 0..<rank { direction[l] -= dot * rotation[k * rank + l] }
      }
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 0 { for l in 0..<rank { direction[l] /= norm } }
    }
  }

  /// E[g(b z) z] − E[g′(b z)] b for each of `count` directions.
  private func step(_ directions: [Double], count: Int) -> [Double] {
    let moments = contrastMoments(
      samples, directions: directions, count: count, kind: options.contrast, pool: pool)
    var result = moments.products
    let scale = 1 / Double(samples.rows)
    for k in 0..<count {
      let slope = moments.slopes[k] * scale
      for l in 0..<rank {
        result[k * rank + l] = result[k * rank + l] * scale - slope * directions[k * rank + l]
      }
    }
    return result
  }
}

/// The largest negentropy that a search finds in Gaussian noise.
func largestNegentropyOfNoise(
  samples: Int, rank: Int, options: RotationSearch.Options, pool: ComputePool
) throws -> Double {
  let random = KeyedRandom(seed: options.seed, purpose: .gaussian)
  let noise = Factor<Double>(rows: samples, rank: rank)
  for i in 0..<samples {
    for k in 0..<rank { noise[i, k] = random.gaussian(i * rank + k) }
  }
  var quick = options
  quick.maxIterations = min(60, options.maxIterations)
  let white = try Whitened(noise, pool: pool)
  let found = try RotationSearch(white.samples, options: quick, pool: pool).run()
  let turn = makeFactor(
    transposed(found.rotation, rank), rows: rank, rank: rank, as: Double.self)
  return ComponentShape(multiply(white.samples, turn, pool: pool)).negentropies.max() ?? 0
}

/// (BBᵀ)^(−1/2) B, the orthogonal matrix nearest to B.
///
/// Newton's iteration X ← (3X − XXᵀX) / 2 from B scaled to singular values of at most 1, which
/// converges quadratically (Hyvärinen, Karhunen & Oja 2001, equation 8.24); by eigenvectors where B
/// is too close to singular for it. Columns are at hand in memory, so Xᵀ is what is kept.
func decorrelated(_ b: [Double], _ order: Int, pool: ComputePool) throws -> [Double] {
  var xt = makeFactor(transposed(b, order), rows: order, rank: order, as: Double.self)
  var square = crossProduct(xt, xt, pool: pool)
  // ‖XXᵀ‖ in the row-sum norm is at least the largest singular value squared.
  let bound =
    (0..<order).map { k in
      square[k * order..<(k + 1) * order].reduce(0) { $0 + abs($1) }
    }.max() ?? 0
  guard bound > 0 else { return b }
  xt.scale(by: [Double](repeating: 1 / bound.squareRoot(), count: order), pool: pool)
  for index in square.indices { square[index] /= bound }
  for _ in 0..<40 {
    // E = XXᵀ − I; Xᵀ(3I − XXᵀ)/2 = Xᵀ(I − E/2).
    var error = 0.0
    for k in 0..<order { square[k * order + k] -= 1 }
    for index in square.indices {
      error = max(error, abs(square[index]))
      square[index] *= -0.5
    }
    if error < 1e-13 { return transposed(xt.matrix.elements, order) }
    for k in 0..<order { square[k * order + k] += 1 }
    let turn = makeFactor(square, rows: order, rank: order, as: Double.self)
    xt = multiply(xt, turn, pool: pool)
    square = crossProduct(xt, xt, pool: pool)
  }
  return try decorrelatedByEigenvectors(b, order)
}

private func decorrelatedByEigenvectors(_ b: [Double], _ order: Int) throws -> [Double] {
  let eigen = try symmetricEigen(product(b, transposed(b, order), order), order: order)
  let floor = 1e-15 * (eigen.values.last ?? 0)
  var root = [Double](repeating: 0, count: order * order)
  var scaled = root
  for e in 0..<order {
    let scale = 1 / max(eigen.values[e], floor).squareRoot()
    for k in 0..<order {
      root[e * order + k] = eigen.vectors[e * order + k]
      scaled[k * order + e] = eigen.vectors[e * order + k] * scale
    }
  }
  return product(scaled, product(root, b, order), order)
}

extension KeyedRandom {
  /// A standard Gaussian number at an index (Box & Muller 1958).
  func gaussian(_ index: Int) -> Double {
    let radius = (-2 * log(1 - uniform(2 * index))).squareRoot()
    return radius * cosine(2 * Double.pi * uniform(2 * index + 1))
  }
}
