internal import Foundation
internal import Matrices

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
