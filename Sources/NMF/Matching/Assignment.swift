/// The assignment of rows to columns that costs least in total.
///
/// The Hungarian method as shortest augmenting paths with potentials (Kuhn 1955; Jonker & Volgenant
/// 1987): rows are added one at a time, each along the cheapest path of exchanges. Exact, whatever
/// the signs of the costs. Of several assignments that cost the same, the one returned depends on
/// the costs alone.
///
/// - Parameter cost: n rows of m ≥ n finite costs each.
/// - Returns: For each row its column; no column comes twice. With m > n some columns are left over.
/// - Complexity: O(n² m).
package func minimumCostAssignment(_ cost: [[Double]]) -> [Int] {
  let rows = cost.count
  guard let columns = cost.first?.count else { return [] }
  precondition(cost.allSatisfy { $0.count == columns }, "every row needs one cost a column")
  precondition(columns >= rows, "an assignment needs at least as many columns as rows")
  precondition(cost.allSatisfy { $0.allSatisfy(\.isFinite) }, "costs must be finite")

  var rowPotential = [Double](repeating: 0, count: rows)
  // Column `columns` is where each path begins.
  var columnPotential = [Double](repeating: 0, count: columns + 1)
  var rowOfColumn = [Int](repeating: -1, count: columns + 1)
  var previous = [Int](repeating: columns, count: columns)
  for newRow in 0..<rows {
    rowOfColumn[columns] = newRow
    var column = columns
    var distance = [Double](repeating: .infinity, count: columns)
    var isReached = [Bool](repeating: false, count: columns + 1)
    // Dijkstra over reduced costs, which the potentials keep non-negative.
    while rowOfColumn[column] >= 0 {
      isReached[column] = true
      let row = rowOfColumn[column]
      var nearest = -1
      var shortest = Double.infinity
      for j in 0..<columns where !isReached[j] {
        let reduced = cost[row][j] - rowPotential[row] - columnPotential[j]
        if reduced < distance[j] {
          distance[j] = reduced
          previous[j] = column
        }
        if nearest < 0 || distance[j] < shortest {
          shortest = distance[j]
          nearest = j
        }
      }
      for j in 0...columns where isReached[j] {
        rowPotential[rowOfColumn[j]] += shortest
        columnPotential[j] -= shortest
      }
      for j in 0..<columns where !isReached[j] { distance[j] -= shortest }
      column = nearest
    }
    // The rows on the path move over by one column each.
    while column != columns {
      rowOfColumn[column] = rowOfColumn[previous[column]]
      column = previous[column]
    }
  }
  var assignment = [Int](repeating: -1, count: rows)
  for column in 0..<columns where rowOfColumn[column] >= 0 {
    assignment[rowOfColumn[column]] = column
  }
  return assignment
}
