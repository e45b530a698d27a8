/// A command line that a shell reads back as the same words.
func shellCommand(_ words: [String]) -> String {
  words.map(shellQuoted).joined(separator: " ")
}

private func shellQuoted(_ word: String) -> String {
  let plain = word.unicodeScalars.allSatisfy {
    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
      || "_@%+=:,./-".unicodeScalars.contains($0)
  }
  guard word.isEmpty || !plain else { return word }
  return "'" + word.replacing("'", with: "'\\''") + "'"
}
