internal import Foundation
internal import Matrices
internal import NMF

extension ModelManifest: Decodable {
  private enum Key: String, CodingKey {
    case version, command, created, data, rows, columns, options, imageSize, notes
    case rowNames, columnNames
  }

  private struct Start: Decodable {
    var start: StartFiles?
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Key.self)
    version = try keys.decode(String.self, forKey: .version)
    command = try keys.decode(String.self, forKey: .command)
    created = try keys.decode(String.self, forKey: .created)
    data = try keys.decode(DataDescription.self, forKey: .data)
    rows = try keys.decode(Int.self, forKey: .rows)
    columns = try keys.decode(Int.self, forKey: .columns)
    options = try keys.decode(FitOptions.self, forKey: .options)
    startFiles = try keys.decode(Start.self, forKey: .options).start
    // The keys of the report are top-level keys here.
    report = try FitReport(from: decoder)
    imageSize = try keys.decodeIfPresent(ImageSize.self, forKey: .imageSize)
    notes = try keys.decode([String].self, forKey: .notes)
    rowNames = try keys.decodeIfPresent([String].self, forKey: .rowNames)
    columnNames = try keys.decodeIfPresent([String].self, forKey: .columnNames)
  }
}
