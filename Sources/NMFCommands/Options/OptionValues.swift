public import ArgumentParser
public import Matrices
public import NMF
public import NMFIO

extension Loss: ExpressibleByArgument {
  /// Reads a loss by its name or one of the names it has in the field.
  public init?(argument: String) {
    switch argument.lowercased().replacing("_", with: "-") {
    case "poisson", "kl", "kullback-leibler": self = .poisson
    case "frobenius", "fro", "ls", "least-squares", "euclidean": self = .frobenius
    default: return nil
    }
  }
}

extension SolverName: ExpressibleByArgument {
  /// The name on the command line.
  var argument: String { self == .automatic ? "auto" : rawValue }

  /// Reads a solver by its name; `auto` is the default.
  public init?(argument: String) {
    switch argument.lowercased() {
    case "auto": self = .automatic
    case let name: self.init(rawValue: name)
    }
  }

  /// The names on the command line.
  public static var allValueStrings: [String] { allCases.map(\.argument) }

  /// None: help lists the names in one line.
  public static var allValueDescriptions: [String: String] { [:] }

  /// The name on the command line.
  public var defaultValueDescription: String { argument }
}

extension Initialization: ExpressibleByArgument {}

extension MatrixFileFormat: ExpressibleByArgument {}

extension ShippedData: ExpressibleByArgument {}

extension ImageSize: ExpressibleByArgument {
  /// Reads `19x19`, width first, in pixels.
  public init?(argument: String) {
    let sides = argument.lowercased().split(
      whereSeparator: { "x×".contains($0) }
    ).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0,
      !width.multipliedReportingOverflow(by: height).overflow
    else { return nil }
    self.init(width: width, height: height)
  }
}

/// The precision that the factors are computed and stored in.
enum Precision: String, CaseIterable, ExpressibleByArgument, Sendable {
  case single
  case double
}
