import Testing

@testable import NMFReport

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (0.0, "0"), (25, "25"), (4096, "4,096"), (1234.5, "1,234.5"), (0.01234567, "0.01235"),
    (8.2e-6, "8.2e-6"), (1e-5, "1e-5"), (-13_808_053.4, "−13,808,053"), (1e20, "1e20"),
    (12.5, "12.5"), (0.5, "0.5"), (9999.99, "10,000"), (.infinity, "∞"), (.nan, "not known"),
  ])
  func `numbers have few digits and groups of three`(_ value: Double, _ text: String) {
    #expect(NumberFormat.number(value, digits: value == 1234.5 ? 6 : 4) == text)
  }

  @Test(arguments: [
    (0.0, "0 %"), (1, "100 %"), (0.0001, "< 0.1 %"), (0.4321, "43.2 %"), (0.9997, "99.97 %"),
    (0.999999, "> 99.99 %"), (0.47, "47 %"), (-0.02, "−2 %"),
    (-0.0001, "> −0.1 %"),
  ])
  func `a percentage is never rounded to nothing or to all`(_ share: Double, _ text: String) {
    #expect(NumberFormat.percent(share).replacing("\u{A0}", with: " ") == text)
  }

  @Test(arguments: [
    (0.001, "less than 0.01 s"), (0.5, "0.50 s"), (4.12, "4.1 s"), (200, "3 min 20 s"),
    (7500, "2 h 5 min"),
  ])
  func `times have fitting units`(_ seconds: Double, _ text: String) {
    #expect(NumberFormat.seconds(seconds).replacing("\u{A0}", with: " ") == text)
  }

  @Test func `runs of numbers are drawn together`() {
    #expect(NumberFormat.ranges([5, 7]) == "5 and 7")
    #expect(NumberFormat.ranges(Array(2...17)) == "2–17")
    #expect(NumberFormat.ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9 and 10")
  }
}
