internal import Foundation
internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Threads of our own that share out numbered tasks.
///
/// Which thread does a task is left to chance, so a task must write only what is its own; sums over
/// tasks are made afterwards in the order of the tasks. Then the bits of a result do not depend on
/// the number of threads.
@safe package final class ComputePool: @unchecked Sendable {
  /// The number of threads that work, the caller's among them.
  package let threads: Int

  // Written by the caller before `round` is raised, read by workers after they have seen it.
  private var body: (@Sendable (Int, Int) -> Void)?
  private var count = 0
  private let round = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let idle = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var workers: [pthread_t] = []

  /// The number of cores the process may use.
  package static var coreCount: Int {
    max(1, ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Starts `threads − 1` workers; nil means one thread a core.
  package init(threads: Int? = nil) {
    self.threads = max(1, threads ?? ComputePool.coreCount)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(wake, nil)
    for index in 1..<max(1, self.threads) {
      let start = unsafe Unmanaged.passRetained(WorkerStart(pool: self, index: index))
      #if canImport(Darwin)
        var handle: pthread_t?
        let status = unsafe pthread_create(
          &handle, nil,
          { argument in
            unsafe Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue().run()
            return nil
          }, start.toOpaque())
        guard status == 0, let handle = unsafe handle else { break }
        unsafe workers.append(handle)
      #else
        var handle = pthread_t()
        let status = unsafe pthread_create(
          &handle, nil,
          { argument in
            if let argument = unsafe argument {
              unsafe Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue().run()
            }
            return nil
          }, start.toOpaque())
        guard status == 0 else { break }
        workers.append(handle)
      #endif
    }
  }

  /// What a worker is started with; it does not keep the pool alive.
  private final class WorkerStart {
    unowned(unsafe) let pool: ComputePool
    let index: Int

    init(pool: ComputePool, index: Int) {
      unsafe self.pool = pool
      self.index = index
    }

    func run() {
      // Safe: `deinit` of the pool joins this thread.
      unsafe pool.work(thread: index)
    }
  }

  /// Ends and joins the workers.
  package func shutDown() {
    guard !stopping.exchange(true, ordering: .sequentiallyConsistent) else { return }
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(wake)
    unsafe pthread_mutex_unlock(mutex)
    #if canImport(Darwin)
      for worker in unsafe workers { unsafe pthread_join(worker, nil) }
    #else
      for worker in workers { pthread_join(worker, nil) }
    #endif
    workers = []
  }

  deinit {
    shutDown()
    unsafe pthread_mutex_destroy(mutex)
    unsafe pthread_cond_destroy(wake)
    unsafe mutex.deallocate()
    unsafe wake.deallocate()
  }

  /// Does tasks `0..<count`, each once, and returns when all are done.
  ///
  /// - Parameters:
  ///   - count: The number of tasks.
  ///   - body: Receives the task and the thread that does it, `0..<threads`.
  package func run(_ count: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
    guard threads > 1, count > 1, !workers.isEmpty else {
      for task in 0..<count { body(task, 0) }
      return
    }
    let working = workers.count
    withoutActuallyEscaping(body) { body in
      // Safe: no worker holds the closure after the last one has reported itself idle.
      self.body = unsafe unsafeBitCast(body, to: (@Sendable (Int, Int) -> Void).self)
      self.count = count
      next.store(0, ordering: .relaxed)
      idle.store(0, ordering: .relaxed)
      round.wrappingAdd(1, ordering: .sequentiallyConsistent)
      unsafe pthread_mutex_lock(mutex)
      unsafe pthread_cond_broadcast(wake)
      unsafe pthread_mutex_unlock(mutex)
      takeTasks(thread: 0)
      var spins = 0
      while idle.load(ordering: .acquiring) < working {
        spins += 1
        if spins > 2000 { sched_yield() }
      }
      self.body = nil
    }
  }

  private func takeTasks(thread: Int) {
    guard let body else { return }
    var first = next.load(ordering: .relaxed)
    while first < count {
      // Fewer at a time towards the end: threads then finish together, and seldom meet before.
      let taken = max(1, (count - first) / (2 * threads))
      let attempt = next.weakCompareExchange(
        expected: first, desired: first + taken, ordering: .relaxed)
      guard attempt.exchanged else {
        first = attempt.original
        continue
      }
      for task in first..<first + taken { body(task, thread) }
      first = next.load(ordering: .relaxed)
    }
  }

  private func work(thread: Int) {
    var seen = 0
    while true {
      // A short spin, some hundreds of µs: the next round usually comes sooner, and to wake takes longer.
      var spins = 0
      while round.load(ordering: .acquiring) == seen, spins < 400_000 { spins += 1 }
      if round.load(ordering: .sequentiallyConsistent) == seen {
        unsafe pthread_mutex_lock(mutex)
        while round.load(ordering: .sequentiallyConsistent) == seen,
          !stopping.load(ordering: .sequentiallyConsistent)
        {
          unsafe pthread_cond_wait(wake, mutex)
        }
        unsafe pthread_mutex_unlock(mutex)
      }
      if stopping.load(ordering: .sequentiallyConsistent) { return }
      seen = round.load(ordering: .acquiring)
      takeTasks(thread: thread)
      idle.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }
  }
}
