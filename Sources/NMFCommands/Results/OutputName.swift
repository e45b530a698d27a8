internal import Foundation

/// The default name of the results of a fit: the name of the data plus `.nnmf`, in this folder.
///
/// Known endings are dropped, as in `counts.csv.gz`, which gives `counts.nnmf`.
func defaultOutputName(for path: String) -> String {
  guard path != "-" else { return "stdin.nnmf" }
  let endings = [".gz", ".csv", ".tsv", ".txt", ".mtx", ".npy", ".npz", ".tab", ".dat"]
  var name = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
  var dropped = true
  while dropped {
    dropped = false
    for ending in endings
    where name.lowercased().hasSuffix(ending) && name.count > ending.count {
      name.removeLast(ending.count)
      dropped = true
    }
  }
  return (name == "/" || name.isEmpty ? "data" : name) + ".nnmf"
}
