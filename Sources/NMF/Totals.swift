internal import Foundation
internal import Matrices

/// Sums over X that do not change during a fit, in double.
struct Totals {
  var rowSums: [Double]
  var columnSums: [Double]
  var squares = 0.0
  /// How many entries are above zero.
  var positiveCount = 0

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(_ x: DataMatrix<Scalar>) {
    rowSums = [Double](repeating: 0, count: x.rows)
    columnSums = [Double](repeating: 0, count: x.columns)
    switch x {
    case .dense(let matrix):
      var index = 0
      for i in 0..<matrix.rows {
        var rowSum = 0.0
        var rowSquares = 0.0
        for j in 0..<matrix.columns {
          let value = Double(matrix.elements[index])
          index += 1
          rowSum += value
          rowSquares += value * value
          columnSums[j] += value
          if value > 0 { positiveCount += 1 }
        }
        rowSums[i] = rowSum
        squares += rowSquares
      }
    case .sparse(let matrix):
      for i in 0..<matrix.rows {
        var rowSquares = 0.0
        for index in matrix.rowOffsets[i]..<matrix.rowOffsets[i + 1] {
          let value = Double(matrix.values[index])
          rowSums[i] += value
          rowSquares += value * value
          columnSums[Int(matrix.columnIndices[index])] += value
          if value > 0 { positiveCount += 1 }
        }
        squares += rowSquares
      }
    }
  }
}

/// Σ x log x over x > 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func entropy<Scalar: MatrixScalar>(of x: DataMatrix<Scalar>) -> Double {
  switch x {
  case .dense(let matrix): xLogX(matrix.elements)
  case .sparse(let matrix): xLogX(matrix.values)
  }
}

/// The natural logarithm.
func log(_ x: Double) -> Double { Foundation.log(x) }

/// e to the power of x.
func exponential(_ x: Double) -> Double { Foundation.exp(x) }

/// The cosine.
func cosine(_ x: Double) -> Double { Foundation.cos(x) }
