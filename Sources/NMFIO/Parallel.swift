import Dispatch
import Foundation
import Synchronization

/// As many threads as there are processors, sixteen at most.
var defaultThreadCount: Int { min(16, ProcessInfo.processInfo.activeProcessorCount) }

/// Calls a function for each index in `0..<count`, at the same time where there are processors.
///
/// - Returns: What the calls returned, in the order of the indices.
/// - Throws: The error of the lowest index that failed.
func inParallel<Result: Sendable>(
  _ count: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  guard count != 1 else { return [try body(0)] }
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = Swift.Result { try body(index) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { done in
    try (0..<count).compactMap { try done[$0]?.get() }
  }
}
