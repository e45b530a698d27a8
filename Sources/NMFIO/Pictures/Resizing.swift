import Matrices

/// Brings a grey picture to another size: averages areas to shrink, interpolates lines to enlarge.
///
/// - Complexity: O(pixels of the larger of the two).
func resized(_ levels: [Double], from old: ImageSize, to new: ImageSize) -> [Double] {
  guard old != new else { return levels }
  let across = weights(from: old.width, to: new.width)
  let down = weights(from: old.height, to: new.height)
  var narrowed = [Double](repeating: 0, count: new.width * old.height)
  for y in 0..<old.height {
    for x in 0..<new.width {
      narrowed[y * new.width + x] = across[x].reduce(0) {
        $0 + levels[y * old.width + $1.index] * $1.weight
      }
    }
  }
  var result = [Double](repeating: 0, count: new.count)
  for y in 0..<new.height {
    for x in 0..<new.width {
      result[y * new.width + x] = down[y].reduce(0) {
        $0 + narrowed[$1.index * new.width + x] * $1.weight
      }
    }
  }
  return result
}

/// Which old pixels make up each new one on a line, with weights that sum to 1.
private func weights(from old: Int, to new: Int) -> [[(index: Int, weight: Double)]] {
  let scale = Double(old) / Double(new)
  return (0..<new).map { position in
    if new < old {
      let begin = Double(position) * scale
      let end = begin + scale
      return (Int(begin)..<min(old, Int(end.rounded(.up)))).map { index in
        (index, (min(end, Double(index + 1)) - max(begin, Double(index))) / scale)
      }
    }
    let centre = min(max((Double(position) + 0.5) * scale - 0.5, 0), Double(old - 1))
    let left = Int(centre)
    let share = centre - Double(left)
    return share == 0 ? [(left, 1)] : [(left, 1 - share), (min(left + 1, old - 1), share)]
  }
}
