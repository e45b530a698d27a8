// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "RankSimulation",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "nnmf", path: "../..")],
  targets: [
    .executableTarget(
      name: "RankSimulation", dependencies: [.product(name: "NMF", package: "nnmf")])
  ],
  swiftLanguageModes: [.v6]
)
