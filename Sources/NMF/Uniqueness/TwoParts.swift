extension Geometry {
  /// All factorisations of the same WH by two parts.
  ///
  /// Part 1 can be h₁ + t h₂ for t from −min h₁/h₂ to min w₂/w₁, and part 2 likewise; every pair of
  /// such parts is a factorisation, and there are no others (Lawton & Sylvestre 1971).
  func roomOfTwo() -> [PartRoom] {
    precondition(rank == 2)
    return (0..<2).map { k in
      let l = 1 - k
      var room = PartRoom(component: components[k], part: h[k], isExact: true)
      var least = Double.infinity
      for j in 0..<columns where h[l][j] > 0 { least = min(least, h[k][j] / h[l][j]) }
      for t in [-least, give(k, l)] where t.isFinite {
        let moved = (0..<columns).map { max(0, h[k][$0] + t * h[l][$0]) }
        let sum = moved.reduce(0, +)
        // Two equal parts would cancel; then WH has rank one, and there is nothing to tell.
        guard sum > 1e-12 else { continue }
        room.include(moved.map { $0 / sum }, asExtreme: true)
      }
      return room
    }
  }
}
