import Foundation

/// Seconds of one call: the best of several, each long enough to be read off a clock.
func secondsPerCall(atLeast window: Double = 0.04, _ body: () -> Void) -> Double {
  body()
  var calls = 1
  var best = Double.infinity
  var rounds = 0
  while rounds < 5 {
    let begin = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<calls { body() }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    if seconds < window {
      calls = max(calls * 2, Int(Double(calls) * window / max(seconds, 1e-9)))
      continue
    }
    best = min(best, seconds / Double(calls))
    rounds += 1
  }
  return best
}

/// Runs a job on some threads at the same time, and returns the seconds that all took together.
func seconds(threads: Int, rounds: Int = 5, _ job: @Sendable (Int) -> Void) -> Double {
  var best = Double.infinity
  for _ in 0..<rounds {
    let begin = DispatchTime.now().uptimeNanoseconds
    DispatchQueue.concurrentPerform(iterations: threads, execute: job)
    best = min(best, Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9)
  }
  return best
}

/// A number with so many digits behind the point.
func fixed(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }

/// A number with one digit behind the point and a power of ten.
func scientific(_ value: Double) -> String { String(format: "%.1e", value) }

/// Prints a Markdown table, at once even into a file.
func printTable(_ title: String, _ header: [String], _ rows: [[String]]) {
  var text = "\n## \(title)\n\n| " + header.joined(separator: " | ") + " |\n"
  text += "|" + String(repeating: "---|", count: header.count) + "\n"
  for row in rows { text += "| " + row.joined(separator: " | ") + " |\n" }
  FileHandle.standardOutput.write(Data(text.utf8))
}

/// Numbers in 0..<1 that are the same in every run.
struct Numbers {
  private var state: UInt64 = 20_261_125

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 24)
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}
