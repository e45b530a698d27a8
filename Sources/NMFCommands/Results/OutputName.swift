internal import Foundation

/// The default name of results: the name of the data plus an ending, in this folder.
///
/// Known endings of data are dropped, as in `counts.csv.gz`, which gives `counts.nnmf`.
func defaultOutputName(for path: String, ending: String = ".nnmf") -> String {
  guard path != "-" else { return "stdin" + ending }
  let endings = [".gz", ".csv", ".tsv", ".txt", ".mtx", ".npy", ".npz", ".tab", ".dat"]
  var name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  var dropped = true
  while dropped {
    dropped = false
    for known in endings
    where name.lowercased().hasSuffix(known) && name.count > known.count {
      name.removeLast(known.count)
      dropped = true
    }
  }
  return (name == "/" || name.isEmpty ? "data" : name) + ending
}
