public import ArgumentParser

/// A number of parts, or that it is to be found.
enum RankChoice: ExpressibleByArgument, Sendable, Equatable {
  case given(Int)
  case automatic

  init?(argument: String) {
    if argument.lowercased() == "auto" {
      self = .automatic
    } else if let number = Int(argument) {
      self = .given(number)
    } else {
      return nil
    }
  }

  /// The number, where one was given.
  var number: Int? { if case .given(let number) = self { number } else { nil } }
}

/// A range of ranks on the command line: `2..20`, also `2...20`, `2:20`, `2-20`, or one number.
public struct RankRange: ExpressibleByArgument, Sendable, Equatable {
  /// The smallest rank.
  public var lower: Int
  /// The largest rank; whether it is at least `lower` is judged with a sentence of its own.
  public var upper: Int

  /// Reads a range.
  public init?(argument: String) {
    let text = argument.replacing("...", with: " ").replacing("..", with: " ")
      .replacing(":", with: " ").replacing("–", with: " ")
    var words = text.split(separator: " ", omittingEmptySubsequences: true)
    if words.count == 1, let dash = text.dropFirst().firstIndex(of: "-") {
      words = [text[..<dash], text[text.index(after: dash)...]]
    }
    let numbers = words.map { Int($0) }
    guard (1...2).contains(numbers.count), let lower = numbers.first ?? nil,
      let upper = numbers.last ?? nil
    else { return nil }
    self.lower = lower
    self.upper = upper
  }
}
