import Foundation
import Matrices
import NMF
import Testing
import _NMFTestSupport

/// Lee & Seung's rules against their formulas, written out.
///
/// A wrong factor in a rule is hidden from the contract, as a step that fails to lower the objective
/// is not taken: so single steps are compared.
@Suite struct MultiplicativeUpdateTests {
  private typealias Matrix = DenseMatrix<Double>

  @Test(arguments: [Loss.poisson, .frobenius], [PlantedProblem.counts, .sparse])
  func `two iterations are the textbook's`(_ loss: Loss, _ problem: PlantedProblem) throws {
    let x = problem.x
    let rank = 3
    func positive(_ rows: Int, _ columns: Int) -> Matrix {
      var matrix = Matrix(rows: rows, columns: columns)
      for i in 0..<rows {
        for j in 0..<columns {
          let step = (7 * i + 5 * j + i * j) % 11
          matrix[i, j] = 0.2 + Double(step) / 10
        }
      }
      return matrix
    }
    var w = positive(x.rows, rank)
    var h = positive(rank, x.columns)
    // A fit begins with zeros where a whole row or column of X is zero, and so does this.
    for i in 0..<x.rows where (0..<x.columns).allSatisfy({ x[i, $0] == 0 }) {
      for k in 0..<rank { w[i, k] = 0 }
    }
    for j in 0..<x.columns where (0..<x.rows).allSatisfy({ x[$0, j] == 0 }) {
      for k in 0..<rank { h[k, j] = 0 }
    }
    var options = FitOptions(rank: rank, loss: loss)
    options.solver = .mu
    options.maxIterations = 2
    let model = try fit(x, options: options, start: (w: w, h: h))
    for _ in 0..<2 {
      w = Self.updated(w, times: h, to: x, loss)
      h = Self.updated(h.transposed(), times: w.transposed(), to: x.transposed(), loss).transposed()
    }
    // A factor that all of a rule is off by cancels in the parts, but not in the objective.
    let v = product(w, h)
    var objective = 0.0
    for i in 0..<x.rows {
      for j in 0..<x.columns {
        let (entry, fit) = (x[i, j], v[i, j])
        switch loss {
        case .poisson: objective += fit - entry + (entry > 0 ? entry * log(entry / fit) : 0)
        case .frobenius: objective += (entry - fit) * (entry - fit) / 2
        }
      }
    }
    let reached = try #require(model.report.history.last)
    #expect(reached.iteration == 2 && abs(reached.objective / objective - 1) < 1e-9)
    // Parts are compared in the model's scale and order; W is solved anew after the last iteration.
    let expected = (0..<rank).map { k -> [Double] in
      let row = Array(h.row(k))
      let size =
        loss == .poisson
        ? row.reduce(0, +) : row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / size }
    }
    for k in 0..<rank {
      let distances = expected.map { part in
        zip(part, model.h.row(k)).map { abs($0 - $1) }.max() ?? 1
      }
      #expect((distances.min() ?? 1) < 1e-9)
    }
  }

  /// W ∘ (X ⊘ V)Hᵀ ⊘ 1Hᵀ (Poisson), or W ∘ XHᵀ ⊘ VHᵀ (least squares), with V = WH.
  private static func updated(
    _ w: Matrix, times h: Matrix, to x: DataMatrix<Double>, _ loss: Loss
  ) -> Matrix {
    let v = product(w, h)
    var result = w
    for i in 0..<w.rows {
      for k in 0..<w.columns {
        var above = 0.0
        var below = 0.0
        for j in 0..<x.columns {
          // An entry of zero asks for nothing, though V be zero there too.
          let ratio = x[i, j] == 0 ? 0 : loss == .poisson ? x[i, j] / v[i, j] : x[i, j]
          above += ratio * h[k, j]
          below += (loss == .poisson ? 1 : v[i, j]) * h[k, j]
        }
        result[i, k] = below > 0 ? w[i, k] * above / below : 0
      }
    }
    return result
  }
}
