/// Reads names, one a line, for the rows or the columns of a matrix.
///
/// - Parameters:
///   - path: A text file, which may be compressed by gzip.
///   - count: How many names are needed.
///   - side: What is named, `row` or `column`.
/// - Returns: The names, made unique, and how many had to be changed for that.
/// - Throws: `MatrixFileError` when the number of lines is not `count`, or a line is empty.
func readNames(_ path: String, count: Int, side: String) throws -> (names: [String], changed: Int) {
  var names: [String]
  do {
    names = try lines(of: path)
  } catch var error as MatrixFileError {
    if error.path.isEmpty { error.path = path }
    throw error
  }
  guard names.count == count else {
    throw MatrixFileError(
      "\(counted(names.count, "line")) found, but the matrix has \(counted(count, side)). Give one "
        + "name a line, without a header" + (side == "row" ? "." : "; see also --transpose."),
      path: path)
  }
  if let empty = names.firstIndex(of: "") {
    throw MatrixFileError(
      "the line is empty; each \(side) needs a name.", path: path, line: empty + 1)
  }
  let changed = makeUnique(&names)
  return (names, changed)
}

/// The lines of a text file, without the empty ones at its end.
func lines(of path: String) throws -> [String] {
  let bytes = try FileInput(path: path).reader().allBytes()
  var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
    String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
  }
  while lines.last == "" { lines.removeLast() }
  return lines
}

/// Appends -1, -2, … to names that came before, and returns how many were changed.
func makeUnique(_ names: inout [String]) -> Int {
  var taken = Set(names)
  var seen: Set<String> = []
  var counters: [String: Int] = [:]
  var changed = 0
  for index in names.indices where !seen.insert(names[index]).inserted {
    let name = names[index]
    var counter = counters[name, default: 0]
    repeat { counter += 1 } while taken.contains("\(name)-\(counter)")
    counters[name] = counter
    names[index] = "\(name)-\(counter)"
    taken.insert(names[index])
    changed += 1
  }
  return changed
}
