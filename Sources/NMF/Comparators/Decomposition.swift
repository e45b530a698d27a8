public import Matrices

/// A description of X as centre + encoding · basis, whatever the method that found it.
///
/// It has the shape of a factorisation, so that methods can be compared: for NMF the basis is H,
/// the encoding W and the centre zero.
public protocol Decomposition<Scalar>: Sendable {
  /// The precision.
  associatedtype Scalar: MatrixScalar

  /// What observations are made of, r × p.
  var basis: DenseMatrix<Scalar> { get }
  /// How much of each each observation has, N × r.
  var encoding: DenseMatrix<Scalar> { get }
  /// What is added to every observation, p numbers; all zero where nothing was subtracted.
  var centre: [Scalar] { get }

  /// The encoding of new observations, with basis and centre held fixed.
  ///
  /// - Parameters:
  ///   - x: M observations × p features.
  ///   - threads: Threads to compute with; nil for one a core.
  /// - Returns: M × r.
  /// - Throws: `DecompositionError` when X has another number of features.
  func transform(_ x: DataMatrix<Scalar>, threads: Int?) throws -> DenseMatrix<Scalar>
}

extension Decomposition {
  /// The number of components r.
  public var rank: Int { basis.rows }

  /// Centre + encoding · basis, N × p.
  ///
  /// - Complexity: O(N p r); the result is dense.
  public func reconstruct() -> DenseMatrix<Scalar> { reconstruct(encoding) }

  /// Centre + the given encoding · basis.
  ///
  /// - Parameter encoding: M × r.
  /// - Returns: M × p.
  public func reconstruct(_ encoding: DenseMatrix<Scalar>) -> DenseMatrix<Scalar> {
    precondition(encoding.columns == basis.rows, "the encoding must have one column a component")
    var result = DenseMatrix<Scalar>(rows: encoding.rows, columns: basis.columns)
    for i in 0..<encoding.rows {
      for j in 0..<basis.columns {
        var sum = Double(centre[j])
        for k in 0..<basis.rows { sum += Double(encoding[i, k]) * Double(basis[k, j]) }
        result[i, j] = Scalar(sum)
      }
    }
    return result
  }

  func requireColumns(of x: DataMatrix<Scalar>) throws {
    guard x.columns == basis.columns else {
      throw DecompositionError.featureCount(expected: basis.columns, found: x.columns)
    }
  }
}

/// Why a decomposition cannot be made.
public enum DecompositionError: Error, Equatable {
  /// The rank is below 1 or above what the method can give for data of this shape.
  case rankOutOfRange(method: String, rank: Int, largest: Int)
  /// The data vary in fewer directions than components were asked for.
  case tooFewDirections(method: String, rank: Int, directions: Int)
  /// Features are the samples of ICA, and they vary in fewer directions than components were asked for.
  case tooFewFeatures(features: Int, rank: Int, directions: Int)
  /// Every observation is the same.
  case constantData(method: String)
  /// Fewer distinct observations than prototypes.
  case tooFewDistinctRows(prototypes: Int, distinct: Int)
  /// An entry is missing or infinite; rows and columns count from 0.
  case notFinite(row: Int, column: Int)
  /// New data do not have the features of the decomposition.
  case featureCount(expected: Int, found: Int)
}

extension DecompositionError: CustomStringConvertible {
  /// One sentence that says what is wrong.
  public var description: String {
    switch self {
    case .rankOutOfRange(let method, let rank, let largest):
      "\(method) can give 1 to \(largest) components for data of this shape, but \(rank) were asked for."
    case .tooFewDirections(let method, let rank, let directions):
      "The data vary in \(directions) \(directions == 1 ? "direction" : "directions") only, so \(method) "
        + "cannot give \(rank) \(rank == 1 ? "component" : "components")."
    case .tooFewFeatures(let features, let rank, let directions):
      "ICA takes the \(features) \(features == 1 ? "feature" : "features") as samples, and less their "
        + "mean these vary in \(directions) \(directions == 1 ? "direction" : "directions") only, so it "
        + "cannot give \(rank) \(rank == 1 ? "component" : "components")."
    case .constantData(let method):
      "All observations are the same, so there is nothing that \(method) could describe."
    case .tooFewDistinctRows(let prototypes, let distinct):
      "There \(distinct == 1 ? "is 1 distinct observation" : "are \(distinct) distinct observations"), "
        + "too few for \(prototypes) prototypes."
    case .notFinite(let row, let column):
      "The entry in row \(row + 1), column \(column + 1) is missing or infinite."
    case .featureCount(let expected, let found):
      "The data have \(found) features, but the decomposition has \(expected)."
    }
  }
}

/// Refuses entries that are missing or infinite.
func requireFinite<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>) throws {
  switch x {
  case .dense(let matrix):
    guard let index = matrix.elements.firstIndex(where: { !$0.isFinite }) else { return }
    throw DecompositionError.notFinite(row: index / matrix.columns, column: index % matrix.columns)
  case .sparse(let matrix):
    guard let index = matrix.values.firstIndex(where: { !$0.isFinite }) else { return }
    let row = matrix.rowOffsets.lastIndex { $0 <= index } ?? 0
    throw DecompositionError.notFinite(row: row, column: Int(matrix.columnIndices[index]))
  }
}
