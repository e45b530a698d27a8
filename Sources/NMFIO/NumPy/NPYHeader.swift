/// What the header of a NumPy array says.
struct NPYHeader: Equatable {
  /// How one number is stored.
  var element: NPYElement
  /// Whether columns stand together (Fortran order).
  var isColumnMajor: Bool
  /// The sizes, outermost first.
  var shape: [Int]

  /// The product of the sizes.
  let count: Int

  /// Reads the magic bytes, the version and the header, and leaves the reader at the first number.
  ///
  /// - Parameters:
  ///   - reader: The array from its first byte.
  ///   - available: How many bytes it has in all, if that is known.
  /// - Returns: The header, and how many bytes it took.
  /// - Throws: `MatrixFileError` for a header that cannot be read or does not fit the bytes.
  static func read(
    _ reader: any ByteReader, available: Int?
  ) throws -> (header: NPYHeader, length: Int) {
    let start = try reader.bytes(8)
    guard start.count == 8, start.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw MatrixFileError("this is not a NumPy array: it does not begin with \"\\x93NUMPY\".")
    }
    guard (1...3).contains(start[6]) else {
      throw MatrixFileError("version \(start[6]) of the .npy format is not known; 1 to 3 are.")
    }
    let sizeBytes = try reader.bytes(start[6] == 1 ? 2 : 4)
    let length = sizeBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 20 else {
      throw MatrixFileError("the header states a length of \(length) bytes, which is absurd.")
    }
    let text = try reader.bytes(length)
    guard text.count == length else {
      throw MatrixFileError("the file ends within its header. It is cut short.")
    }
    let header = try NPYHeader(String(decoding: text, as: UTF8.self))
    let taken = 8 + sizeBytes.count + length
    if let available {
      let (bytes, overflow) = header.count.multipliedReportingOverflow(by: header.element.size)
      let found = available - taken
      guard !overflow, bytes <= found else {
        throw MatrixFileError(
          "an array of shape \(header.shapeText) was announced, and only \(found) bytes follow. "
            + "The file is cut short, or its header is wrong.")
      }
      guard bytes == found else {
        throw MatrixFileError(
          "\(found - bytes) bytes follow the array of shape \(header.shapeText). The header is "
            + "wrong, or something was appended.")
      }
    }
    return (header, taken)
  }

  /// Reads the dictionary, such as `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
  private init(_ text: String) throws {
    func value(of key: String) throws -> Substring {
      guard let range = text.firstRange(of: "'\(key)':") else {
        throw MatrixFileError("the header has no '\(key)': \(quoted(text)).")
      }
      return text[range.upperBound...].drop { $0 == " " }
    }
    let description = try value(of: "descr")
    guard description.first == "'" else {
      throw MatrixFileError("the array has several fields; save the one you need as its own array.")
    }
    element = try NPYElement(String(description.dropFirst().prefix { $0 != "'" }))
    isColumnMajor = try value(of: "fortran_order").hasPrefix("True")
    let sizes = try value(of: "shape")
    guard sizes.first == "(", let end = sizes.firstIndex(of: ")") else {
      throw MatrixFileError("the header's shape cannot be read: \(quoted(text)).")
    }
    let parts = sizes[sizes.index(after: sizes.startIndex)..<end].split(separator: ",")
      .map { $0.filter { $0 != " " && $0 != "L" } }.filter { !$0.isEmpty }
    shape = parts.compactMap { Int($0) }
    guard shape.count == parts.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw MatrixFileError("the header's shape cannot be read: \(quoted(text)).")
    }
    var product = 1
    for size in shape where size != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw MatrixFileError(
          "the header states \(parts.joined(separator: " × ")) numbers, too many.")
      }
      product = next
    }
    count = shape.contains(0) ? 0 : product
  }

  /// The sizes as NumPy prints them.
  var shapeText: String {
    "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
  }
}

/// How one number of a NumPy array is stored.
struct NPYElement: Equatable {
  /// What the bytes mean.
  enum Kind: Character {
    case float = "f"
    case signed = "i"
    case unsigned = "u"
    case boolean = "b"
    case bytes = "S"
    case characters = "U"
  }

  var kind: Kind
  /// Bytes a number.
  var size: Int
  var isBigEndian: Bool

  /// Reads a description such as `<f8`.
  init(_ text: String) throws {
    let digits = text.drop { !$0.isNumber }
    let letters = text.dropLast(digits.count)
    let order = letters.first ?? " "
    guard letters.count == 2, "<>|=".contains(order), let kind = letters.last.flatMap(Kind.init),
      let width = Int(digits), width >= 0, width < 1 << 20
    else { throw NPYElement.unreadable(text) }
    let sizes: [Int] =
      switch kind {
      case .float: [2, 4, 8]
      case .signed, .unsigned: [1, 2, 4, 8]
      case .boolean: [1]
      case .bytes, .characters: [width]
      }
    guard sizes.contains(width) else { throw NPYElement.unreadable(text) }
    self.kind = kind
    size = kind == .characters ? 4 * width : width
    isBigEndian = order == ">"
  }

  private static func unreadable(_ text: String) -> MatrixFileError {
    MatrixFileError(
      "numbers of type \(quoted(text)) are not read. Save the array as float32 or float64, as with "
        + "x.astype('float64').")
  }

  /// The name of the type, as NumPy says it.
  var name: String {
    switch kind {
    case .float: "float\(8 * size)"
    case .signed: "int\(8 * size)"
    case .unsigned: "uint\(8 * size)"
    case .boolean: "bool"
    case .bytes, .characters: "text"
    }
  }
}
