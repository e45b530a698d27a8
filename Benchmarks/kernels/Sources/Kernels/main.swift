// Kernels against what the machine allows, measured in the same run; whole iterations; allocations.
// Usage: swift run -c release Kernels [more data files]
import Foundation

let threads = min(2, ProcessInfo.processInfo.activeProcessorCount)
let ceilings = Ceilings(threads: threads)
ceilings.printed()
benchmarkKernels(ceilings)
try benchmarkDense(ceilings)
try benchmarkSparse(ceilings)
try benchmarkDataSets(Array(CommandLine.arguments.dropFirst()), threads: threads)
