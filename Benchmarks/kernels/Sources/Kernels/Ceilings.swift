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

  /// 256 MB, far beyond second-level caches.
  private let memory = [Float](repeating: 1, count: 1 << 26)

  init(threads: Int) {
    set = String(cString: nmf_kernel_set())
    self.threads = threads
    readByOne = ceilingOfReading(memory, set, threads: 1)
    readByAll = ceilingOfReading(memory, set, threads: threads)
    arithmeticOfOne = ceilingOfArithmetic(set, threads: 1)
    arithmeticOfAll = ceilingOfArithmetic(set, threads: threads)
  }

  /// The least seconds that all threads would take now: bytes read from memory, and operations done.
  func bound(bytes: Double, operations: Double) -> (memory: Double, arithmetic: Double) {
    (
      bytes / ceilingOfReading(memory, set, threads: threads, rounds: 1),
      operations / ceilingOfArithmetic(set, threads: threads, rounds: 1)
    )
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

/// Bytes a second that threads read together.
private func ceilingOfReading(
  _ memory: [Float], _ set: String, threads: Int, rounds: Int = 5
) -> Double {
  let piece = memory.count / threads / 128 * 128
  let time = seconds(threads: threads, rounds: rounds) { index in
    memory.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let sum = ceiling_read(set, base + index * piece, piece)
      precondition(sum > 0)
    }
  }
  return Double(4 * piece * threads) / time
}

/// Floating-point operations a second that threads do together.
private func ceilingOfArithmetic(_ set: String, threads: Int, rounds: Int = 5) -> Double {
  let count = 4_000_000
  let time = seconds(threads: threads, rounds: rounds) { _ in _ = ceiling_fma(set, count) }
  return Double(threads) * ceiling_fma(set, 1) * Double(count) / time
}
