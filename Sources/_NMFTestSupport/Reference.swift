internal import Foundation
public import Matrices
public import NMF

/// e to the power of x.
func exponential(_ x: Double) -> Double { exp(x) }

/// WH, entry by entry.
public func product<Scalar: MatrixScalar>(
  _ w: DenseMatrix<Scalar>, _ h: DenseMatrix<Scalar>
) -> DenseMatrix<Double> {
  var result = DenseMatrix<Double>(rows: w.rows, columns: h.columns)
  for i in 0..<w.rows {
    for k in 0..<h.rows where w[i, k] != 0 {
      for j in 0..<h.columns { result[i, j] += Double(w[i, k]) * Double(h[k, j]) }
    }
  }
  return result
}

/// The objective, written down from its definition.
public func referenceObjective<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, _ w: DenseMatrix<Scalar>, _ h: DenseMatrix<Scalar>, _ loss: Loss
) -> Double {
  let v = product(w, h)
  var sum = 0.0
  for i in 0..<x.rows {
    for j in 0..<x.columns {
      let entry = Double(x[i, j])
      switch loss {
      case .frobenius: sum += (entry - v[i, j]) * (entry - v[i, j]) / 2
      case .poisson: sum += (entry > 0 ? entry * log(entry / v[i, j]) : 0) - entry + v[i, j]
      }
    }
  }
  return sum
}

/// How badly W and H violate the Karush–Kuhn–Tucker conditions, from their definition.
///
/// The largest over all entries f of either factor of |min(f, ∂/∂f)| with f and its derivative both
/// scaled to be free of units: f times the norm of its partner, the derivative over that norm,
/// both over the norm of X (least squares) or the mean of X (Poisson).
public func referenceViolation<Scalar: MatrixScalar>(
  _ x: DataMatrix<Scalar>, _ w: DenseMatrix<Scalar>, _ h: DenseMatrix<Scalar>, _ loss: Loss
) -> Double {
  let v = product(w, h)
  var scale = 0.0
  for i in 0..<x.rows {
    for j in 0..<x.columns {
      let entry = Double(x[i, j])
      scale += loss == .frobenius ? entry * entry : entry
    }
  }
  if loss == .frobenius { scale = scale.squareRoot() }
  // ∂ loss / ∂v.
  var slope = DenseMatrix<Double>(rows: x.rows, columns: x.columns)
  for i in 0..<x.rows {
    for j in 0..<x.columns {
      let entry = Double(x[i, j])
      switch loss {
      case .frobenius: slope[i, j] = v[i, j] - entry
      case .poisson: slope[i, j] = 1 - (entry > 0 ? entry / v[i, j] : 0)
      }
    }
  }
  var worst = 0.0
  func judge(_ value: Double, _ derivative: Double, _ partner: Double) {
    guard partner > 0 else { return }
    switch loss {
    case .frobenius:
      worst = max(worst, abs(min(value * partner, derivative / partner)) / scale)
    case .poisson:
      // Mass in counts, and the relative gain of a unit of mass.
      let mass = value * partner / scale
      worst = max(worst, abs(min(mass, derivative / partner)))
    }
  }
  for k in 0..<h.rows {
    let row = (0..<h.columns).map { Double(h[k, $0]) }
    let column = (0..<w.rows).map { Double(w[$0, k]) }
    let rowSize = loss == .frobenius ? norm(row) : row.reduce(0, +)
    let columnSize = loss == .frobenius ? norm(column) : column.reduce(0, +)
    for i in 0..<w.rows {
      var derivative = 0.0
      for j in 0..<h.columns { derivative += slope[i, j] * row[j] }
      judge(column[i], derivative, rowSize)
    }
    for j in 0..<h.columns {
      var derivative = 0.0
      for i in 0..<w.rows { derivative += slope[i, j] * column[i] }
      judge(row[j], derivative, columnSize)
    }
  }
  return worst
}

private func norm(_ values: [Double]) -> Double {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
