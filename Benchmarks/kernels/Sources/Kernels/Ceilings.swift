import CCeilings
import CNMFKernels
import Foundation

/// What this machine allowed just now.
struct Ceilings {
  /// The kernels in use, whose vectors the ceilings use too.
  let set: String
  let threads: Int
  /// Bytes a second that one thread, and all of them, read from memory.
  let readByOne: Double
  let readByAll: Double
  /// Floating-point operations a second of one core, and of all, in single precision.
  let arithmeticOfOne: Double
  let arithmeticOfAll: Double

  init(threads: Int) {
    let set = String(cString: nmf_kernel_set())
    self.set = set
    self.threads = threads
    let count = 1 << 26  // 256 MB, far beyond any cache
    let memory = [Float](repeating: 1, count: count)
    func read(_ threads: Int) -> Double {
      let piece = count / threads / 128 * 128
      let time = seconds(threads: threads) { index in
        memory.withUnsafeBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          let sum = ceiling_read(set, base + index * piece, piece)
          precondition(sum > 0)
        }
      }
      return Double(4 * piece * threads) / time
    }
    func arithmetic(_ threads: Int) -> Double {
      let rounds = 4_000_000
      let time = seconds(threads: threads) { _ in _ = ceiling_fma(set, rounds) }
      return Double(threads) * ceiling_fma(set, rounds) / time
    }
    readByOne = read(1)
    readByAll = read(threads)
    arithmeticOfOne = arithmetic(1)
    arithmeticOfAll = arithmetic(threads)
  }

  func printed() {
    printTable(
      "Ceilings (\(set) kernels, single precision)", ["", "one thread", "\(threads) threads"],
      [
        ["streaming read, GB/s", fixed(readByOne / 1e9), fixed(readByAll / 1e9)],
        [
          "multiply-adds in registers, GFLOP/s", fixed(arithmeticOfOne / 1e9, 0),
          fixed(arithmeticOfAll / 1e9, 0),
        ],
      ])
  }
}
