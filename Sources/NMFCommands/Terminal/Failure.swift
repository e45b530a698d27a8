internal import Foundation
internal import Matrices
internal import NMF
internal import NMFIO

/// A failure that is told in one sentence and ends the command with status 1.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
  /// What is wrong, where, and the way out.
  var description: String

  init(_ sentence: String) {
    description = sentence
  }
}

/// The one sentence that a person reads when a command fails.
func sentence(for error: any Error) -> String {
  switch error {
  case let failure as CommandFailure: failure.description
  case let failure as MatrixFileError: failure.description
  case let failure as MatrixError: failure.description
  case let failure as FitError: failure.description
  default: (error as NSError).localizedDescription
  }
}

/// Why a rank cannot be fitted, and what can.
func rankSentence(_ rank: Int, largest: Int) -> String {
  rank < 1
    ? "the rank must be at least 1, but -r is \(rank)."
    : "the rank must be at most \(groupedCount(largest)), the larger side of the matrix, "
      + "but -r is \(groupedCount(rank))."
}
