internal import Foundation

/// A number to six significant digits, as in `12345.6` or `1.2e-07`.
func shortNumber(_ value: Double) -> String { String(format: "%.6g", value) }

/// A count with its digits in groups of three: `1,234,567`.
func groupedCount(_ count: Int) -> String {
  var groups: [String] = []
  var rest = count.magnitude
  repeat {
    let group = String(rest % 1000)
    rest /= 1000
    groups.insert(
      rest > 0 ? String(repeating: "0", count: 3 - group.count) + group : group, at: 0)
  } while rest > 0
  return (count < 0 ? "-" : "") + groups.joined(separator: ",")
}

/// A count with its noun: `1 row`, `3 rows`, `2 entries`.
func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(groupedCount(count)) \(count == 1 ? singular : plural ?? singular + "s")"
}

/// Seconds for people: `0.42 s`, `12.3 s`, `3 min 05 s`, `2 h 07 min`.
func duration(_ seconds: Double) -> String {
  if seconds < 10 { return String(format: "%.2f s", seconds) }
  if seconds < 60 { return String(format: "%.1f s", seconds) }
  let whole = Int(seconds.rounded())
  if whole < 3600 { return "\(whole / 60) min " + String(format: "%02d s", whole % 60) }
  return "\(whole / 3600) h " + String(format: "%02d min", whole % 3600 / 60)
}
