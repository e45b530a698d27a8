import Matrices
import Testing

/// Tasks of a pool, with more threads than a machine has cores, so that some always come late.
@Suite struct ComputePoolTests {
  @Test(arguments: [1, 2, 3, 16]) func `each task is done once, and before the call returns`(
    threads: Int
  ) {
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    for round in 0..<3000 {
      // A task that is left out, or done twice, shows in its number. Every third round is a longer one.
      let count = [1, 2, 5, 70][round % 4]
      let numbers = Factor<Double>(rows: count, rank: 1)
      pool.run(count) { task, thread in
        for step in 0..<(round % 3 == 0 ? 2000 : 1) {
          numbers[task, 0] += step == 0 ? Double(round + task) : 0
        }
        if thread < 0 || thread >= threads { numbers[task, 0] = -1 }
      }
      for task in 0..<count where numbers[task, 0] != Double(round + task) {
        Issue.record("round \(round), task \(task): \(numbers[task, 0])")
        return
      }
    }
  }

  @Test(arguments: [1, 2, 3, 16]) func `ranges cover all numbers once`(threads: Int) {
    let pool = ComputePool(threads: threads)
    defer { pool.shutDown() }
    for count in [0, 1, 15, 4095, 4096, 8191, 8192, 12_345, 65_537, 300_001] {
      let numbers = Factor<Double>(rows: max(1, count), rank: 1)
      pool.runRanges(of: count) { range in
        for index in range { numbers[index, 0] += 1 }
      }
      #expect((0..<count).allSatisfy { numbers[$0, 0] == 1 }, "\(count) numbers")
    }
  }

  @Test func `workers that fell asleep come again`() async throws {
    let pool = ComputePool(threads: 2)
    defer { pool.shutDown() }
    var threadsSeen: Set<Int> = []
    for _ in 0..<200 where threadsSeen.count < 2 {
      try await Task.sleep(for: .milliseconds(5))
      // Long enough for a worker to wake up, and for one that rests to come back in a later round.
      let seen = Factor<Double>(rows: 400, rank: 1)
      pool.run(400) { task, thread in
        seen[task, 0] = Double(thread)
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .microseconds(100) {}
      }
      for task in 0..<400 { threadsSeen.insert(Int(seen[task, 0])) }
    }
    #expect(threadsSeen == [0, 1])
  }
}
