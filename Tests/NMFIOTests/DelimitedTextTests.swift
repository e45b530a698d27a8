import Foundation
import Matrices
import NMFIO
import Testing

@Suite struct DelimitedTextTests {
  func read(_ text: String, _ options: ReadOptions = ReadOptions()) throws -> MatrixFile<Double> {
    let folder = try TemporaryFolder()
    return try readMatrix(try folder.write(text, "table.txt"), options: options)
  }

  func message(_ text: String, _ options: ReadOptions = ReadOptions()) -> String {
    do {
      let file = try read(text, options)
      return "read \(file.table.matrix.shape)"
    } catch let error as MatrixFileError {
      var placeless = error
      placeless.path = ""
      return placeless.description
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [",", "\t", ";", " "])
  func `separators are found`(separator: String) throws {
    let file = try read("a,b,c\n1,2,3\n4,5.5,-6e1\n".replacing(",", with: separator))
    #expect(
      file.table.matrix
        == .dense(try DenseMatrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5.5, -60])))
    #expect(file.table.columnNames == ["a", "b", "c"])
    #expect(file.table.rowNames == nil)
    #expect(file.format == (separator == "\t" ? .tsv : separator == " " ? .text : .csv))
    #expect(file.notes.contains("The first line is a header of 3 column names."))
  }

  @Test func `tables without header and with row names are recognised`() throws {
    #expect(try read("1,2\n3,4\n").table.columnNames == nil)
    let named = try read("x,1,2\ny,3,4\n")
    #expect(named.table.rowNames == ["x", "y"])
    #expect(named.table.columnNames == nil)
    let both = try read("sample,a,b\nx,1,2\ny,3,4\n")
    #expect(both.table.rowNames == ["x", "y"])
    #expect(both.table.columnNames == ["a", "b"])
    let short = try read("a,b\nx,1,2\ny,3,4\n")
    #expect(short.table.rowNames == ["x", "y"])
    #expect(short.table.columnNames == ["a", "b"])
    let pandas = try read(",0,1,2\n0,5,6,7\n1,8,9,10\n")
    #expect(pandas.table.rowNames == ["0", "1"])
    #expect(pandas.table.columnNames == ["0", "1", "2"])
    let counted = try read("id,a,b\n1,5,6\n2,8,9\n")
    #expect(counted.table.rowNames == ["1", "2"])
    let single = try read("a\n1\n2\n")
    #expect(single.table.columnNames == ["a"])
    #expect(single.table.matrix.shape == Shape(2, 1))
    let spaced = try read("  1   2\t3 \n 4 5   6\n\n")
    #expect(
      spaced.table.matrix
        == .dense(try DenseMatrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])))
  }

  @Test func `what is said overrides what is detected`() throws {
    var options = ReadOptions()
    options.header = true
    #expect(try read("1,2\n3,4\n", options).table.columnNames == ["1", "2"])
    options.rowNames = true
    let file = try read("1,2\n3,4\n", options)
    #expect(file.table.columnNames == ["2"])
    #expect(file.table.rowNames == ["3"])
    options = ReadOptions()
    options.transpose = true
    let turned = try read("sample,a,b\nx,1,2\ny,3,4\nz,5,6\n", options)
    #expect(turned.table.matrix.shape == Shape(2, 3))
    #expect(turned.table.rowNames == ["a", "b"])
    #expect(turned.table.columnNames == ["x", "y", "z"])
  }

  @Test func `quotation marks follow RFC 4180`() throws {
    let file = try read(
      "\u{FEFF}\"na,me\",\"a \"\"b\"\"\",\"c\nd\"\r\n\"x\ny\",\"1\", 2 \r\n\"z\",3,\"4\"\r\n\r\n")
    #expect(file.table.columnNames == ["a \"b\"", "c\nd"])
    #expect(file.table.rowNames == ["x\ny", "z"])
    #expect(file.table.matrix.storedValues == [1, 2, 3, 4])
  }

  @Test func `missing numbers become NaN and infinities stay`() throws {
    let file = try read("a,b,c,d,e\n1,,NA,n/a,NaN\nnull,inf,-Infinity,2,3\n")
    let values = file.table.matrix.storedValues
    #expect(
      values.map(\.isNaN) == [false, true, true, true, true, true, false, false, false, false])
    #expect(values[6] == .infinity && values[7] == -.infinity)
    #expect(file.notes.contains("5 entries are missing."))
  }

  @Test func `a header that NumPy wrote as a comment loses its mark`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("# a,b\n1,2\n3,4\n", "savetxt.csv")
    #expect(try readMatrix(path).table.columnNames == ["a", "b"])
  }

  @Test func `names that are not UTF-8 are read leniently`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Array("name,a".utf8) + [0xE9] + Array("\nx,1\ny,2\n".utf8), "latin.csv")
    #expect(try readMatrix(path).table.columnNames == ["a\u{FFFD}"])
  }

  @Test func `mistakes are named with their place and a way out`() throws {
    #expect(message("") == "the file is empty.")
    #expect(message("\n\n").contains("empty"))
    #expect(message("a,b,c\n").contains("no data"))
    #expect(
      message("a,b,c\n1,2,3\n4,5\n7,8,9\n")
        == "line 3, row 2: 3 cells expected, 2 found. Cells are separated by commas; a cell that "
        + "contains one must be in quotation marks.")
    #expect(
      message("a,b,c\n1,2,3\n4,5,6,7,8\n").hasPrefix("line 3, row 2: 3 cells expected, 5 found."))
    #expect(
      message("a,b,c\n1,2,3\n\n4,x7,6\n").hasPrefix("line 4, row 2, column 2 (b): \"x7\" is not"))
    #expect(
      message("s,a,b\nr,1,2\nq,1,oh\n").hasPrefix("line 3, row 2, column 2 (b): \"oh\" is not"))
    #expect(message("1,2,3\n4,x,6\n5,6,7\n").hasPrefix("line 2, row 2, column 2: \"x\""))
    #expect(message("a;b\n1,5;2,5\n3,5;4,5\n").contains("Commas within numbers"))
    #expect(message("1,5;2,5\n3,5;4,5\n").contains("Commas within numbers"))
    #expect(message("\"1,234,567\",2\n3,4\n").contains("Commas within numbers"))
    #expect(message("a,b\n\"1,2\n3,4\n").contains("never closed"))
    #expect(message("1,2\r3,4\r").contains("carriage return"))
    #expect(message("1,2,3\n4,5,6,7\n7,8,9\n").hasPrefix("line 2, row 2: 3 cells expected"))
    #expect(message("c,\"a\nb\"\n1,2\n1,x\n").contains("column 2 (a b)"))
    #expect(message("a,b\n1,\"2\n").contains("never closed"))
    #expect(message("a,b\n1,\"2\"3\n").contains("closing quotation mark"))
    #expect(message("1,2,3\n4,5,6\n7,8,9x\n").contains("\"9x\""))
    var options = ReadOptions()
    options.rowNames = false
    #expect(message("x,1,2\ny,3,4\n", options).contains("--row-names"))
    options = ReadOptions()
    options.header = false
    #expect(message("a,b\n1,2\n", options).contains("--header"))
    #expect(throws: MatrixFileError.self) { try readMatrix("/nonexistent/file.csv") }
  }

  @Test func `a few wide rows and many short ones are refused without taking memory`() {
    let wide = Array(repeating: "1", count: 100_000).joined(separator: ",")
    let text = wide + "\n" + String(repeating: "1\n", count: 200_000)
    #expect(message(text).contains("100000 cells expected, 1 found"))
  }

  @Test(arguments: [1, 2, 3, 7])
  func `every number of threads reads the same`(threads: Int) throws {
    let folder = try TemporaryFolder()
    for marks in [false, true] {
      var random = SplitMix(state: 5)
      var text = marks ? "\"name\",\"a\",\"b, c\",\"d\"\n" : "name,a,b,d\n"
      var expected: [Double] = []
      var names: [String] = []
      for row in 0..<100_000 {
        let values = (0..<3).map { _ in Double.random(in: 0..<1, using: &random) }
        expected += values
        names.append("row \(row)")
        text +=
          (marks ? "\"row \(row)\"," : "row \(row),")
          + values.map { "\($0)" }.joined(separator: ",") + (row % 1000 == 0 ? "\r\n\n" : "\n")
      }
      let path = try folder.write(text, "large.csv")
      var options = ReadOptions()
      options.threads = threads
      let file = try readMatrix(path, options: options)
      #expect(file.table.matrix.storedValues == expected)
      #expect(file.table.rowNames == names)
      // The place of a mistake is right wherever the text was cut.
      let broken = try folder.write(
        text.replacing(",\(expected[270_001]),", with: ",oops,"), "broken.csv")
      let error = #expect(throws: MatrixFileError.self) { try readMatrix(broken, options: options) }
      #expect(error?.row == 90_001)
      #expect(error?.line == 90_002 + 90)
      #expect(error?.column == 2)
    }
  }

  @Test func `newlines within marks keep a large table whole`() throws {
    let folder = try TemporaryFolder()
    var text = "name,a\n"
    for row in 0..<200_000 { text += "\"first\nsecond \(row)\",\(row)\n" }
    let file = try readMatrix(try folder.write(text, "large.csv"))
    #expect(file.table.matrix.shape == Shape(200_000, 1))
    #expect(file.table.rowNames?[777] == "first\nsecond 777")
  }
}
