internal import CCores
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

  // Written by the caller before it opens the gate, read by workers that are inside.
  private var body: (@Sendable (Int, Int) -> Void)?
  /// A share of tasks for each thread, or one for all: those that nobody has taken, as the first one, and the one
  /// after the last times `shareUnit`. One in a line of the cache.
  private let shares: UnsafeMutablePointer<Atomic<Int>>
  private var shareCount = 1
  /// The number of the round times `roundUnit`, `isOpen` while workers may enter, and those inside.
  private let gate = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var workers: [pthread_t] = []

  private static var shareUnit: Int { 1 << 32 }
  private static var shareStride: Int { 16 }
  /// More tasks than these write more than caches of cores hold: threads then go through memory side by side.
  private static var mostTasksInShares: Int { 1024 }
  private static var roundUnit: Int { 1 << 20 }
  private static var isOpen: Int { 1 << 19 }

  /// The number of cores the process may use.
  package static var coreCount: Int {
    max(1, ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Starts `threads − 1` workers; nil means one thread a core.
  package init(threads: Int? = nil) {
    self.threads = max(1, threads ?? ComputePool.coreCount)
    unsafe shares = .allocate(capacity: self.threads * Self.shareStride)
    for thread in 0..<self.threads {
      unsafe (shares + thread * Self.shareStride).initialize(to: Atomic(0))
    }
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(wake, nil)
    for index in 1..<max(1, self.threads) {
      let start = unsafe Unmanaged.passRetained(WorkerStart(pool: self, index: index))
      #if canImport(Darwin)
        var handle: pthread_t?
      #else
        var handle = pthread_t()
      #endif
      let status = unsafe create_thread_apart(
        &handle, Int32(index),
        { argument in
          if let argument = unsafe argument {
            unsafe Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue().run()
          }
          return nil
        }, start.toOpaque())
      #if canImport(Darwin)
        guard status == 0, let handle = unsafe handle else { break }
        unsafe workers.append(handle)
      #else
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
    for thread in 0..<threads {
      unsafe (shares + thread * Self.shareStride).deinitialize(count: 1)
    }
    unsafe shares.deallocate()
  }

  /// Does tasks `0..<count`, each once, and returns when all are done. Tasks compute: a thread that waits in
  /// one, for a file say, is taken for one that shares its core, and rests.
  ///
  /// - Parameters:
  ///   - count: The number of tasks.
  ///   - body: Receives the task and the thread that does it, `0..<threads`.
  package func run(_ count: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
    guard threads > 1, count > 1, !workers.isEmpty else {
      for task in 0..<count { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // Safe: no worker holds the closure after the gate is shut and the last one has left.
      self.body = unsafe unsafeBitCast(body, to: (@Sendable (Int, Int) -> Void).self)
      shareCount = count > Self.mostTasksInShares ? 1 : threads
      for share in 0..<shareCount {
        let end = (share + 1) * count / shareCount
        unsafe shares[share * Self.shareStride].store(
          end * Self.shareUnit + share * count / shareCount, ordering: .relaxed)
      }
      let round = gate.load(ordering: .relaxed) / Self.roundUnit + 1
      gate.store(round * Self.roundUnit + Self.isOpen, ordering: .sequentiallyConsistent)
      unsafe pthread_mutex_lock(mutex)
      unsafe pthread_cond_broadcast(wake)
      unsafe pthread_mutex_unlock(mutex)
      takeTasks(thread: 0)
      // Workers that have not come yet, as other programs hold their cores, are not waited for.
      gate.wrappingSubtract(Self.isOpen, ordering: .acquiringAndReleasing)
      var spins = 0
      while gate.load(ordering: .acquiring) > round * Self.roundUnit {
        spins += 1
        if spins > 2000 { sched_yield() }
      }
      self.body = nil
    }
  }

  /// Does what numbers `0..<count` ask for, each alone, by ranges of equal length.
  ///
  /// Few numbers are one range: to meet takes two threads about a µs.
  package func runRanges(of count: Int, _ body: (_ range: Range<Int>) -> Void) {
    let (fewest, line) = (1 << 12, 16)
    let each = min(4, count / (fewest * threads))
    let ranges = each > 0 ? each * threads : max(1, count / fewest)
    run(ranges) { task, _ in
      let first = task * count / ranges / line * line
      body(first..<(task + 1 == ranges ? count : (task + 1) * count / ranges / line * line))
    }
  }

  /// Does the thread's share of the tasks, the same part of all of them in each round: rows of a factor then
  /// stay in the cache of the core that wrote them. After that it helps the others.
  private func takeTasks(thread: Int) {
    guard let body else { return }
    for distance in 0..<shareCount {
      let share = (thread + distance) % shareCount
      while let tasks = takeTasks(ofShare: share) { for task in tasks { body(task, thread) } }
    }
  }

  /// Half of what a thread's part of a share has left: fewer at a time towards the end, as threads then finish
  /// together, and seldom meet before.
  private func takeTasks(ofShare share: Int) -> Range<Int>? {
    let share = unsafe shares + share * Self.shareStride
    var seen = unsafe share.pointee.load(ordering: .relaxed)
    while true {
      let (first, end) = (seen % Self.shareUnit, seen / Self.shareUnit)
      guard first < end else { return nil }
      let taken = max(1, (end - first) * shareCount / (2 * threads))
      let attempt = unsafe share.pointee.weakCompareExchange(
        expected: seen, desired: seen + taken, ordering: .relaxed)
      if attempt.exchanged { return first..<first + taken }
      seen = attempt.original
    }
  }

  private func work(thread: Int) {
    var done = 0
    var watch = CoreWatch()
    while true {
      // A short spin, some hundreds of µs: the next round usually comes sooner, and to wake takes longer.
      var spins = 0
      while !hasRound(after: done), spins < 400_000 { spins += 1 }
      if spins == 400_000 {
        unsafe pthread_mutex_lock(mutex)
        while !hasRound(after: done), !stopping.load(ordering: .sequentiallyConsistent) {
          unsafe pthread_cond_wait(wake, mutex)
        }
        unsafe pthread_mutex_unlock(mutex)
        watch.restart()
      }
      if stopping.load(ordering: .sequentiallyConsistent) { return }
      let seen = gate.load(ordering: .acquiring)
      guard seen & Self.isOpen != 0 else { continue }
      let entry = gate.weakCompareExchange(expected: seen, desired: seen + 1, ordering: .acquiring)
      guard entry.exchanged else { continue }
      done = seen / Self.roundUnit
      takeTasks(thread: thread)
      gate.wrappingSubtract(1, ordering: .releasing)
      watch.restIfShared { stopping.load(ordering: .relaxed) }
    }
  }

  /// Whether the gate is open, and to another round than the last one this worker took part in.
  private func hasRound(after done: Int) -> Bool {
    let seen = gate.load(ordering: .sequentiallyConsistent)
    return seen & Self.isOpen != 0 && seen / Self.roundUnit != done
  }
}

/// Keeps a thread from sharing its core with another program: it would stop in the middle of tasks, and
/// all others would wait for it then. Without it they are sooner done.
private struct CoreWatch {
  private var start = nanoseconds(CLOCK_MONOTONIC)
  private var used = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
  private var rests = 1

  mutating func restart() {
    start = Self.nanoseconds(CLOCK_MONOTONIC)
    used = Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID)
  }

  /// After 8 ms in which the thread had less than three quarters of a core it rests twice as long, and
  /// twice as long each time in a row, up to a quarter of a second.
  mutating func restIfShared(unless isStopping: () -> Bool) {
    let passed = Self.nanoseconds(CLOCK_MONOTONIC) - start
    guard passed > 8_000_000 else { return }
    if Self.nanoseconds(CLOCK_THREAD_CPUTIME_ID) - used < passed / 4 * 3 {
      rests = min(32, 2 * rests)
      for _ in 0..<rests where !isStopping() { usleep(8000) }
    } else {
      rests = 1
    }
    restart()
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
