/// Text made safe for XHTML: in elements, and in attributes with either kind of quote.
///
/// Characters that XML does not allow (most control characters) become U+FFFD, so that a hostile
/// or broken name in a data file cannot break the page.
func escaped(_ text: some StringProtocol) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A name cut to a length, with an ellipsis where something is missing.
func shortened(_ text: String, to length: Int) -> String {
  text.count <= length ? text : String(text.prefix(max(1, length - 1))) + "…"
}
