import Foundation

/// How numbers are written for people: few digits, groups of three, units.
enum NumberFormat {
  /// A space that does not break a line between a number and its unit.
  static let space = "\u{A0}"

  /// `4096` → `4,096`.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }

  /// `1` → `1 part`, `49` → `49 parts`.
  static func count(_ value: Int, _ noun: String) -> String {
    count(value) + space + noun + (value == 1 ? "" : "s")
  }

  /// `0.4321` → `43.2 %`; what is not zero or one is never rounded to it.
  static func percent(_ share: Double) -> String {
    let value = share * 100
    guard value.isFinite else { return "not known" }
    if value < 0, value > -0.05 { return ">\(space)−0.1\(space)%" }
    if share < 0 { return "−" + percent(-share) }
    if share == 0 || share == 1 { return "\(Int(value))\(space)%" }
    if value > 0, value < 0.05 { return "<\(space)0.1\(space)%" }
    if value >= 99.95, value < 100 {
      return value >= 99.995 ? ">\(space)99.99\(space)%" : fixed(value, 2) + space + "%"
    }
    let text = fixed(value, 1)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + space + "%"
  }

  /// A number with some significant digits: `1,234,568`, `0.0123`, `8.2e-6`.
  static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "not known" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    let sign = value < 0 ? "−" : ""
    let size = value.magnitude
    if size >= 1e15 || size < 1e-3 {
      let parts = String(format: "%.\(max(0, digits - 1))e", size).split(separator: "e")
      guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
      return sign + trimmed(String(parts[0])) + "e\(exponent)"
    }
    if size >= 1e4 || size.rounded() == size { return sign + count(Int(size.rounded())) }
    let whole = size >= 1 ? Int(log10(size)) + 1 : Int(log10(size).rounded(.down)) + 1
    let text = trimmed(fixed(size, max(0, digits - whole)))
    guard size >= 1000, let point = Double(text) else { return sign + text }
    let fraction = text.split(separator: ".").dropFirst().map { "." + $0 }.joined()
    return sign + count(Int(point)) + fraction
  }

  /// `0.0042` → `less than 0.01 s`, `4.123` → `4.1 s`, `200` → `3 min 20 s`.
  static func seconds(_ value: Double) -> String {
    if value < 0.01 { return "less than 0.01\(space)s" }
    if value < 1 { return fixed(value, 2) + space + "s" }
    if value < 100 { return fixed(value, 1) + space + "s" }
    let whole = Int(value.rounded())
    if whole < 3600 { return "\(whole / 60)\(space)min \(whole % 60)\(space)s" }
    return "\(whole / 3600)\(space)h \(whole % 3600 / 60)\(space)min"
  }

  /// A fixed number of decimals, with a point whatever the locale.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }

  /// `[1, 2, 3, 7]` → `1–3 and 7`.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    let texts = runs.flatMap { run -> [String] in
      switch run.count {
      case 1: ["\(run.lowerBound)"]
      case 2: ["\(run.lowerBound)", "\(run.upperBound)"]
      default: ["\(run.lowerBound)–\(run.upperBound)"]
      }
    }
    return list(texts)
  }

  /// `["a", "b", "c"]` → `a, b and c`.
  static func list(_ texts: [String]) -> String {
    guard let last = texts.last, texts.count > 1 else { return texts.first ?? "" }
    return texts.dropLast().joined(separator: ", ") + " and " + last
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var result = text
    while result.hasSuffix("0") { result.removeLast() }
    if result.hasSuffix(".") { result.removeLast() }
    return result
  }
}
