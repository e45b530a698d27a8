internal import Matrices
internal import Synchronization

/// Does independent jobs side by side, one a thread, and returns their results in order.
///
/// Small fits use the cores better this way than one after another with all threads in each: give
/// the fits inside `job` one thread. Which thread takes a job is left to chance, so a result must
/// depend on the number of its job alone.
///
/// - Parameters:
///   - count: The number of jobs.
///   - threads: Threads to work with; nil for one a core.
///   - job: Receives the number of the job, from 0.
/// - Throws: The error of the first job, by number, that threw one.
package func sideBySide<Result: Sendable>(
  _ count: Int, threads: Int?, _ job: (Int) throws -> Result
) throws -> [Result] {
  let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
  let pool = ComputePool(threads: min(max(1, count), threads ?? ComputePool.coreCount))
  defer { pool.shutDown() }
  pool.run(count) { task, _ in
    let result = Swift.Result { try job(task) }
    results.withLock { $0[task] = result }
  }
  return try results.withLock { try $0.compactMap { try $0?.get() } }
}
