import Foundation
import Matrices

/// Parses decimal numbers, rounded exactly.
///
/// Up to 15 digits and small exponents by one multiplication or division (W. D. Clinger, 1990), up to
/// 19 digits by D. Lemire's 128-bit product (2021); what is longer, or too near a midpoint to tell,
/// by `strtod`.
@safe struct DecimalParser {
  private let fives: UnsafePointer<UInt64>
  private let tens: UnsafePointer<Double>

  /// The tables are made once and live as long as the process.
  private static nonisolated(unsafe) let shared: DecimalParser = {
    let fives = UnsafeMutablePointer<UInt64>.allocate(capacity: powersOfFive.count)
    for (index, word) in powersOfFive.enumerated() {
      unsafe (fives + index).initialize(to: word)
    }
    let tens = UnsafeMutablePointer<Double>.allocate(capacity: 23)
    var power = 1.0
    for index in 0..<23 {
      // Exact: 10^22 is the last power of ten that a Double holds.
      unsafe (tens + index).initialize(to: power)
      power *= 10
    }
    return unsafe DecimalParser(fives: UnsafePointer(fives), tens: UnsafePointer(tens))
  }()

  private init(fives: UnsafePointer<UInt64>, tens: UnsafePointer<Double>) {
    unsafe self.fives = unsafe fives
    unsafe self.tens = unsafe tens
  }

  init() { unsafe self = DecimalParser.shared }

  /// Parses the number at `position` and moves behind it.
  ///
  /// The text must end in a byte no number contains, followed by seven readable bytes.
  ///
  /// - Returns: Whether there was a number; if not, `position` stays.
  @inline(__always)
  func parse<Scalar: MatrixScalar>(
    _ position: inout UnsafePointer<UInt8>, _ value: inout Scalar
  ) -> Bool {
    let start = unsafe position
    var p = unsafe start
    let negative = unsafe p[0] == 0x2D
    if unsafe negative || p[0] == 0x2B { unsafe p += 1 }
    let firstDigit = unsafe p
    var mantissa: UInt64 = 0
    unsafe readDigits(&p, &mantissa)
    var digits = unsafe p - firstDigit
    var exponent = 0
    if unsafe p[0] == 0x2E {
      unsafe p += 1
      let fraction = unsafe p
      unsafe readDigits(&p, &mantissa)
      exponent = unsafe fraction - p
      digits -= exponent
    }
    guard digits > 0 else { return false }
    if unsafe p[0] | 0x20 == 0x65 { unsafe readExponent(&p, &exponent) }
    unsafe position = unsafe p
    if digits > 19 {
      digits -= unsafe leadingZeros(firstDigit)
      if digits > 19 {
        value = unsafe parseSlowly(start, p)
        return true
      }
    }
    guard let magnitude = exactDouble(mantissa, exponent) else {
      value = unsafe parseSlowly(start, p)
      return true
    }
    if Scalar.self == Float.self {
      // Rounding twice is wrong only if the first rounding stopped midway between two Floats.
      let isMidway = magnitude.bitPattern & 0x1FFF_FFFF == 0x1000_0000
      if isMidway || (magnitude != 0 && magnitude < 1.2e-38) {
        value = unsafe parseSlowly(start, p)
        return true
      }
    }
    value = Scalar(negative ? -magnitude : magnitude)
    return true
  }

  @inline(__always)
  private func readDigits(_ p: inout UnsafePointer<UInt8>, _ mantissa: inout UInt64) {
    // Eight digits at once (little-endian machines only, which all our platforms are).
    var word = unsafe UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
    while (word & 0xF0F0_F0F0_F0F0_F0F0)
      | (((word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4) == 0x3333_3333_3333_3333
    {
      word &-= 0x3030_3030_3030_3030
      word = word &* 10 &+ (word >> 8)
      let even = (word & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
      let odd = ((word >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
      mantissa = mantissa &* 100_000_000 &+ ((even &+ odd) >> 32)
      unsafe p += 8
      word = unsafe UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
    }
    while true {
      let digit = unsafe p[0] &- 0x30
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      unsafe p += 1
    }
  }

  /// Reads `e-12`; leaves an `e` without digits where it is.
  @inline(__always)
  private func readExponent(_ p: inout UnsafePointer<UInt8>, _ exponent: inout Int) {
    var q = unsafe p + 1
    let negative = unsafe q[0] == 0x2D
    if unsafe negative || q[0] == 0x2B { unsafe q += 1 }
    guard unsafe q[0] &- 0x30 <= 9 else { return }
    var power = 0
    while true {
      let digit = unsafe q[0] &- 0x30
      if digit > 9 { break }
      if power < 100_000 { power = power * 10 + Int(digit) }
      unsafe q += 1
    }
    exponent += negative ? -power : power
    unsafe p = unsafe q
  }

  /// How many digits stand before the first that is not zero.
  private func leadingZeros(_ start: UnsafePointer<UInt8>) -> Int {
    var p = unsafe start
    var zeros = 0
    while unsafe p[0] == 0x30 || p[0] == 0x2E {
      if unsafe p[0] == 0x30 { zeros += 1 }
      unsafe p += 1
    }
    return zeros
  }

  /// mantissa · 10^exponent, rounded to nearest, or nil when that needs more than 128 bits.
  @inline(__always)
  private func exactDouble(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    if mantissa <= 1 << 53 && exponent >= -22 && exponent <= 22 {
      let value = Double(mantissa)
      return unsafe exponent < 0 ? value / tens[-exponent] : value * tens[exponent]
    }
    if mantissa == 0 { return 0 }
    return product(mantissa, exponent)
  }

  private func product(_ mantissa: UInt64, _ exponent: Int) -> Double? {
    guard exponent >= -110 && exponent <= 60 else { return nil }
    let shift = mantissa.leadingZeroBitCount
    let w = mantissa << UInt64(shift)
    let index = 2 * (exponent + 110)
    var (high, low) = unsafe w.multipliedFullWidth(by: fives[index])
    if high & 0x1FF == 0x1FF {
      let second = unsafe w.multipliedFullWidth(by: fives[index + 1])
      let (sum, carry) = low.addingReportingOverflow(second.high)
      low = sum
      if carry { high += 1 }
    }
    if low == UInt64.max && (exponent < -27 || exponent > 55) { return nil }
    let upper = Int(high >> 63)
    var bits = high >> UInt64(upper + 9)
    var power = ((217_706 * exponent) >> 16) + 63 + upper - shift + 1023
    guard power > 0 else { return nil }
    // Midway between two Doubles: round to even, unless bits were lost.
    if low <= 1 && exponent >= -4 && exponent <= 23 && bits & 3 == 1
      && bits << UInt64(upper + 9) == high
    {
      bits &= ~1
    }
    bits = (bits + (bits & 1)) >> 1
    if bits >= 2 << 52 {
      bits = 1 << 52
      power += 1
    }
    guard power < 0x7FF else { return nil }
    return Double(bitPattern: (bits & ~(1 << 52)) | UInt64(power) << 52)
  }

  /// The C library's answer, which is exact and takes its time.
  @inline(never)
  private func parseSlowly<Scalar: MatrixScalar>(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> Scalar {
    let count = unsafe end - start
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { text in
      for index in 0..<count { unsafe text[index] = unsafe CChar(bitPattern: start[index]) }
      unsafe text[count] = 0
      // Safe: the text ends in 0 and strtod stays within it.
      guard let address = text.baseAddress else { return 0 }
      return Scalar.self == Float.self
        ? unsafe Scalar(strtof(address, nil)) : unsafe Scalar(strtod(address, nil))
    }
  }
}
