// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "kernels",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "nnmf", path: "../..")],
  targets: [
    .target(name: "CCeilings"),
    .executableTarget(
      name: "Kernels",
      dependencies: [
        "CCeilings", .product(name: "NMF", package: "nnmf"),
        .product(name: "_NMFKernels", package: "nnmf"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
