internal import Matrices

/// How a least-squares pass cuts a dense X: chunks of rows, their super-blocks, and the tasks of those.
struct PassBlocks {
  /// Rows with sums of their own. They depend on the shape alone.
  let chunks: [Range<Int>]
  /// Whether each chunk is the work of one thread; else threads share each super-block.
  let takesChunksWhole: Bool
  /// Rows between one XᵀW and the next.
  let superblock: Int
  /// Whether XᵀW of a super-block fetches the next one's rows from memory.
  let fetchesNext: Bool
  private let rank: Int
  private let threads: Int
  /// Rows of a kernel's tile.
  private let tile: Int

  /// Rows whose sums may be added in single precision, and the sizes that divide them.
  static var panel: Int { 960 }
  private static var superblocks: [Int] { [960, 480, 240, 192, 96, 48] }
  /// Super-blocks above this many rows gain nothing more.
  private static var mostRows: Int { 192 }
  /// Rows of a task: a whole number of the kernels' tiles of 16, 12, 8 or 6 rows.
  private static var rowPiece: Int { 48 }
  /// Rows of a tile of the kernel for factors one vector wide; their smallest super-block has two.
  private static var slimRows: Int { 16 }
  /// Columns of a task: a whole number of the kernels' tiles.
  private static var columnTile: Int { 64 }
  private static var componentTile: Int { 6 }

  /// - Parameters:
  ///   - x: N × p.
  ///   - rank: The components of the factors.
  init<Scalar: MatrixScalar>(of x: DataMatrix<Scalar>, rank: Int, threads: Int) {
    (self.rank, self.threads) = (rank, threads)
    let lanes = Factor<Scalar>.lanes
    tile = rank <= lanes ? Self.slimRows : Self.rowPiece / 4
    // A power of two, so that they can be dealt evenly; a chunk has a panel or about as much, or is one
    // of two of half a panel, and all sums are small beside X.
    // Sums that stay in a cache may be larger beside X: what they save are meetings.
    let rowsForTwo = (8 * rank * x.columns <= 1 << 18 ? 32 : 64) * rank
    var count = max(Self.panel, rowsForTwo) <= x.rows ? 2 : 1
    while count < 32, 2 * count * max(Self.panel, 32 * rank) <= x.rows { count *= 2 }
    let length = ((x.rows + count - 1) / count + Self.rowPiece - 1) / Self.rowPiece * Self.rowPiece
    chunks = stride(from: 0, to: x.rows, by: max(1, length)).map {
      $0..<min(x.rows, $0 + length)
    }
    takesChunksWhole = chunks.count > 1 && chunks.count >= threads
    // Threads that share a super-block have a cache each for it.
    let caches = takesChunksWhole ? 1 : threads
    let bytesPerRow = max(1, x.columns * MemoryLayout<Scalar>.stride)
    let fewest = min(Self.panel, Self.rowPiece * caches)
    let usual =
      Self.superblocks.first { $0 * bytesPerRow <= (1 << 20) * caches && $0 >= fewest }
      ?? Self.superblocks.last { $0 >= fewest } ?? Self.panel
    // Few vectors take little arithmetic: XᵀW has time to read the next rows. Slower kernels always have.
    fetchesNext = takesChunksWhole && (rank <= 2 * lanes || kernelSet != "avx512")
    var wanted = usual
    if fetchesNext {
      // With one, a super-block shares the second-level cache with Hᵀ and the sums, or XᵀW waits for memory.
      if rank <= lanes, Self.slimRows * bytesPerRow <= 1 << 20 {
        wanted = Self.superblocks.first { $0 * bytesPerRow <= 3 << 17 } ?? 2 * Self.slimRows
      }
    } else if takesChunksWhole {
      // With many, Hᵀ and the sums do not fit into it, and are read once a super-block.
      let most = Self.superblocks.first { $0 <= Self.mostRows && $0 * bytesPerRow <= 1 << 23 }
      wanted = max(usual, most ?? usual)
    }
    superblock = max(1, min(wanted, length))
  }

  /// Rows of a task of a super-block of `count` rows: an equal share for each thread, as far as the
  /// kernels' tiles of one vector or of several allow.
  func rowPiece(_ count: Int) -> Int {
    guard !takesChunksWhole else { return min(count, Self.mostRows) }
    let pieces = ((count + Self.rowPiece - 1) / Self.rowPiece + threads - 1) / threads * threads
    return min(Self.rowPiece, ((count + pieces - 1) / pieces + tile - 1) / tile * tile)
  }

  /// Tiles of WᵀX, at least two a thread that shares it, where it is large enough.
  func sumTiles(_ columns: Int) -> [(columns: Range<Int>, components: Range<Int>)] {
    let wanted = takesChunksWhole ? 1 : 2 * threads
    let units = (columns + Self.columnTile - 1) / Self.columnTile
    let width = max(1, units / wanted) * Self.columnTile
    let across = (columns + width - 1) / width
    let most = (rank + Self.componentTile - 1) / Self.componentTile
    let down = min(most, max(1, wanted / across))
    return (0..<across).flatMap { column in
      (0..<down).map { row in
        (
          columns: column * width..<min(columns, (column + 1) * width),
          components: row * rank / down..<(row + 1) * rank / down
        )
      }
    }
  }
}
