import CNMFKernels

/// Times the micro-kernels by themselves, on one core and data in its cache.
func benchmarkKernels(_ ceilings: Ceilings) {
  guard let kernels = nmf_kernels_named_f32(ceilings.set)?.pointee else { return }
  var numbers = Numbers()
  var rows: [[String]] = []
  func line(_ name: String, _ rank: Int, flops: Double, _ body: () -> Void) {
    let time = secondsPerCall(body)
    rows.append([
      name, "\(rank)", fixed(flops / time / 1e9, 1),
      fixed(100 * flops / time / ceilings.arithmeticOfOne, 0) + " %",
    ])
  }
  let block = 48
  let columns = 1024
  let x = numbers.array(block * columns)
  for rank in [10, 16, 32, 49, 50, 64] {
    let stride = (rank + 7) / 8 * 8
    let useful = 2 * Double(block * columns * rank)
    let tall = numbers.array(columns * stride)
    let wide = numbers.array(rank * (columns + 16))
    let short = numbers.array(block * stride)
    var products = [Float](repeating: 0, count: columns * stride)
    var sums = [Float](repeating: 0, count: rank * columns)
    line("X·Hᵀ of a block", rank, flops: useful) {
      kernels.multiply_add(block, columns, rank, x, columns, 1, tall, stride, &products, stride)
    }
    if rank <= Int(NMF_MOST_ROW_DOTS) {
      line("X·Hᵀ of a block, by dots", rank, flops: useful) {
        kernels.row_dots(block, columns, rank, x, columns, wide, columns + 16, &products, stride)
      }
    }
    line("Xᵀ·W of a block", rank, flops: useful) {
      kernels.column_sums(block, columns, rank, x, columns, short, stride, &sums, columns, nil)
    }
  }
  for rank in [10, 16, 32, 49, 64] {
    let stride = (rank + 7) / 8 * 8
    let count = 256
    var gram = [Float](repeating: 0, count: rank * stride)
    var w = numbers.array(count * stride)
    let a = numbers.array(count * stride)
    // Each pair of components once.
    line("Wᵀ·W of 64 rows", rank, flops: Double(64 * rank * (rank + 1))) {
      kernels.gram(64, rank, a, stride, &gram, stride)
    }
    for k in 0..<rank {
      for l in 0..<rank { gram[k * stride + l] = k == l ? 2 : 0.5 / Float(rank) }
    }
    var scratch = [Float](repeating: 0, count: 3 * rank * 64)
    line("HALS sweep", rank, flops: 2 * Double(count * rank * rank)) {
      kernels.hals(count, rank, &w, stride, a, stride, nil, gram, stride, 1, &scratch)
    }
  }
  for rank in [10, 20, 50] {
    let stride = (rank + 7) / 8 * 8
    let h = numbers.array(4000 * stride)
    let count = 500
    let index = (0..<count).map { Int32($0 * 8) }
    let values = numbers.array(count).map { 1 + ($0 * 5).rounded() }
    var target = [Float](repeating: 0, count: stride)
    line("gather (sparse X·Hᵀ), a row of 500", rank, flops: 2 * Double(count * rank)) {
      kernels.gather_add(count, index, values, h, stride, stride, &target)
    }
    let sums = [Float](repeating: 2000, count: stride)
    var w = numbers.array(stride)
    var scratch = [Float](repeating: 0, count: (rank + 2) * 512)
    // For each entry and component: v += c·b, q = b / v, x·q, two sums. A division counts as one.
    line("Poisson coordinate sweep, a row of 500", rank, flops: 7 * Double(count * rank)) {
      _ = kernels.poisson_row(
        Int32(NMF_POISSON_COORDINATES.rawValue), count, index, values, h, stride, rank, sums, &w, 1,
        0,
        &scratch)
    }
  }
  printTable(
    "Kernels: one core, data in cache, useful operations only",
    ["kernel", "r", "GFLOP/s", "of the register peak"], rows)
}
