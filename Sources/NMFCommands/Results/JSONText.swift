/// A value to be written as JSON, with its keys in the order given.
///
/// `JSONEncoder` orders keys by the alphabet or not at all; a file that people open reads better when
/// what matters comes first.
indirect enum JSONText {
  case object([(key: String, value: JSONText)])
  case array([JSONText])
  case string(String)
  case number(Double)
  case integer(Int)
  case unsigned(UInt64)
  case boolean(Bool)
  case null

  init(_ value: String?) { self = value.map { .string($0) } ?? .null }
  init(_ value: Double?) { self = value.map { .number($0) } ?? .null }
  init(_ value: Int?) { self = value.map { .integer($0) } ?? .null }
  init(_ value: [String]?) { self = value.map { .array($0.map { .string($0) }) } ?? .null }

  /// The text with one key a line; arrays of plain values and objects in arrays stay on one line.
  var text: String {
    var result = ""
    write(to: &result, indent: "", isCompact: false)
    return result + "\n"
  }

  private func write(to text: inout String, indent: String, isCompact: Bool) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .unsigned(let value): text += String(value)
    // JSON has no infinity; a number that is none is absent.
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let values):
      let isNested = values.contains { if case .object = $0 { true } else { false } }
      let inner = indent + "  "
      let separator = isNested && !isCompact ? "\n" + inner : ""
      text += "["
      for (index, value) in values.enumerated() {
        text += index > 0 ? (separator.isEmpty ? ", " : ",") : ""
        text += separator
        value.write(to: &text, indent: inner, isCompact: true)
      }
      text += separator.isEmpty ? "]" : "\n" + indent + "]"
    case .object(let members):
      let inner = indent + "  "
      text += "{"
      for (index, member) in members.enumerated() {
        text += index > 0 ? (isCompact ? ", " : ",") : ""
        text += isCompact ? "" : "\n" + inner
        Self.write(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, indent: inner, isCompact: isCompact)
      }
      text += isCompact || members.isEmpty ? "}" : "\n" + indent + "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
