/// The version of the program, as written into every result.
let programVersion = "0.1.0"
