/// The members of a zip archive, read through its central directory.
struct ZipArchive {
  /// One file in the archive.
  struct Member {
    var name: String
    var method: Int
    var compressedSize: Int
    var size: Int
    fileprivate var headerOffset: Int
  }

  let members: [Member]
  private let source: ByteSource

  /// Reads the list of members.
  ///
  /// - Throws: `MatrixFileError` for an archive without directory, as one cut short is.
  init(_ source: ByteSource) throws {
    self.source = source
    let tailStart = max(0, source.count - (1 << 16) - 22)
    let tail = LittleEndian(try source.bytes(at: tailStart, count: source.count - tailStart))
    guard
      let end = (0...max(0, tail.bytes.count - 22)).last(where: {
        tail.number(4, at: $0) == 0x0605_4B50
      })
    else {
      throw MatrixFileError("the zip archive has no directory. It is cut short.")
    }
    var entries = tail.number(2, at: end + 10) ?? 0
    var size = tail.number(4, at: end + 12) ?? 0
    var offset = tail.number(4, at: end + 16) ?? 0
    if entries == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF,
      end >= 20, tail.number(4, at: end - 20) == 0x0706_4B50,
      let place = tail.number(8, at: end - 12)
    {
      let large = LittleEndian(try source.bytes(at: place, count: 56))
      guard large.number(4, at: 0) == 0x0606_4B50 else { throw ZipArchive.damaged }
      entries = large.number(8, at: 32) ?? 0
      size = large.number(8, at: 40) ?? 0
      offset = large.number(8, at: 48) ?? 0
    }
    guard offset <= source.count, size <= source.count - offset, entries <= size / 46 else {
      throw ZipArchive.damaged
    }
    let directory = LittleEndian(try source.bytes(at: offset, count: size))
    var members: [Member] = []
    var place = 0
    for _ in 0..<entries {
      guard directory.number(4, at: place) == 0x0201_4B50,
        let member = ZipArchive.member(directory, at: &place)
      else { throw ZipArchive.damaged }
      // Deflate expands at most 1032-fold, so a stated size can be checked before it is trusted.
      guard member.headerOffset < source.count, member.compressedSize <= source.count,
        member.size / 1032 <= member.compressedSize
      else { throw ZipArchive.damaged }
      members.append(member)
    }
    self.members = members
  }

  private static func member(_ directory: LittleEndian, at place: inout Int) -> Member? {
    guard let method = directory.number(2, at: place + 10),
      var compressedSize = directory.number(4, at: place + 20),
      var size = directory.number(4, at: place + 24),
      let nameLength = directory.number(2, at: place + 28),
      let extraLength = directory.number(2, at: place + 30),
      let commentLength = directory.number(2, at: place + 32),
      var offset = directory.number(4, at: place + 42),
      let name = directory.text(at: place + 46, count: nameLength)
    else { return nil }
    // Zip64 puts what does not fit 32 bits into an extra field, in this order.
    var extra = place + 46 + nameLength
    let extraEnd = extra + extraLength
    while extra + 4 <= extraEnd, let id = directory.number(2, at: extra),
      let length = directory.number(2, at: extra + 2)
    {
      if id == 1 {
        var field = extra + 4
        func next(_ value: inout Int) -> Bool {
          guard value == 0xFFFF_FFFF else { return true }
          guard let large = directory.number(8, at: field) else { return false }
          value = large
          field += 8
          return true
        }
        guard next(&size), next(&compressedSize), next(&offset) else { return nil }
      }
      extra += 4 + length
    }
    place = extraEnd + commentLength
    return Member(
      name: name, method: method, compressedSize: compressedSize, size: size, headerOffset: offset)
  }

  /// Reads a member from its beginning, decompressed.
  func reader(_ member: Member) throws -> any ByteReader {
    let local = LittleEndian(try source.bytes(at: member.headerOffset, count: 30))
    guard local.number(4, at: 0) == 0x0403_4B50, let nameLength = local.number(2, at: 26),
      let extraLength = local.number(2, at: 28)
    else { throw ZipArchive.damaged }
    let start = member.headerOffset + 30 + nameLength + extraLength
    let (end, overflow) = start.addingReportingOverflow(member.compressedSize)
    guard !overflow, end <= source.count else { throw ZipArchive.damaged }
    let stored = RangeReader(source, start..<end)
    switch member.method {
    case 0: return stored
    case 8: return try InflatingReader(stored, .raw)
    default:
      throw MatrixFileError(
        "\(quoted(member.name)) is compressed by method \(member.method), which is not read. Save "
          + "the archive with numpy.savez_compressed.")
    }
  }

  private static var damaged: MatrixFileError {
    MatrixFileError("the zip archive is damaged: its directory does not fit its content.")
  }
}

/// Bytes read as little-endian numbers, with their bounds checked.
private struct LittleEndian {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number of `size` bytes at a place; nil outside the bytes or beyond an `Int`.
  func number(_ size: Int, at place: Int) -> Int? {
    guard place >= 0, place <= bytes.count - size else { return nil }
    let value = bytes[place..<place + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  func text(at place: Int, count: Int) -> String? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    return String(decoding: bytes[place..<place + count], as: UTF8.self)
  }
}
