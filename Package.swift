// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "nnmf",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "NMF", targets: ["NMF", "NMFIO", "NMFReport"]),
    .executable(name: "nnmf", targets: ["nnmf"]),
    // For Benchmarks/ only: not API.
    .library(name: "_NMFKernels", targets: ["CNMFKernels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // System libraries: LAPACK (Accelerate on macOS), zlib for .gz and .npz, libpng for pictures.
    .systemLibrary(name: "CLAPACK", providers: [.apt(["liblapack-dev"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),

    // The exchange of two paths, which Swift cannot call by itself on Linux.
    .systemLibrary(name: "CRename"),

    // What the allocator keeps of freed memory, which Swift cannot ask for by itself on Linux.
    .systemLibrary(name: "CAllocator"),

    // Where threads begin, which Swift cannot say on Linux.
    .target(name: "CCores"),

    .target(name: "CNMFKernels"),
    .target(
      name: "Matrices", dependencies: ["CCores", "CNMFKernels", "CLAPACK"],
      swiftSettings: swiftSettings),
    .target(
      name: "NMF", dependencies: ["Matrices", "CNMFKernels"], swiftSettings: swiftSettings),
    .target(
      name: "NMFIO", dependencies: ["Matrices", "CZlib", "CPNG", "CRename"],
      exclude: ["Data/README.md"],
      resources: [.embedInCode("Data/digits.bin.gz")],
      swiftSettings: swiftSettings),
    .target(
      name: "NMFReport", dependencies: ["NMF", "NMFIO", "Matrices"], swiftSettings: swiftSettings),
    .target(
      name: "NMFCommands",
      dependencies: [
        "NMF", "NMFIO", "NMFReport", "Matrices", "CAllocator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(name: "nnmf", dependencies: ["NMFCommands"], swiftSettings: swiftSettings),

    .target(
      name: "_NMFTestSupport", dependencies: ["NMF", "Matrices"], swiftSettings: swiftSettings),
    .testTarget(
      name: "MatricesTests", dependencies: ["Matrices", "_NMFTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NMFTests", dependencies: ["NMF", "Matrices", "NMFIO", "_NMFTestSupport"],
      resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NMFIOTests", dependencies: ["NMFIO", "Matrices"], exclude: ["Fixtures"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NMFReportTests", dependencies: ["NMFReport", "NMF", "NMFIO", "Matrices"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NMFCommandsTests",
      dependencies: [
        "NMFCommands", "NMF", "NMFIO", "Matrices", "nnmf",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
