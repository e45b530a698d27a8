internal import ArgumentParser
internal import Matrices
internal import NMFIO

/// How a data file is to be read; every default is detected from the file.
struct ReadingOptions: ParsableArguments {
  @Option(help: "Read the file as this format instead of detecting it.")
  var format: MatrixFileFormat?

  @Flag(help: "Exchange rows and columns: for files with features in rows.")
  var transpose = false

  @Flag(inversion: .prefixedNo, help: "Whether the first line holds names of columns.")
  var header: Bool?

  @Flag(inversion: .prefixedNo, help: "Whether the first column holds names of rows.")
  var rowNames: Bool?

  @Option(
    help: ArgumentHelp(
      "A text file with a name for each observation (row), one a line.", valueName: "file"))
  var observationNames: String?

  @Option(
    help: ArgumentHelp(
      "A text file with a name for each feature (column), one a line.", valueName: "file"))
  var featureNames: String?

  @Option(
    help: ArgumentHelp(
      "Each row is a picture of this size in pixels, such as 19x19.", valueName: "WxH"))
  var image: ImageSize?

  @Option(
    help: ArgumentHelp(
      "Resize the pictures of a folder to this size in pixels.", valueName: "WxH"))
  var resize: ImageSize?

  /// What the reader needs to know.
  func readOptions(threads: Int?) -> ReadOptions {
    var options = ReadOptions()
    options.format = format
    options.header = header
    options.rowNames = rowNames
    options.transpose = transpose
    options.observationNames = observationNames
    options.featureNames = featureNames
    options.imageSize = image
    options.resize = resize
    options.threads = threads
    return options
  }
}
