internal import Foundation
internal import NMFCommands

exit(runCommandLine(Array(CommandLine.arguments.dropFirst())))
