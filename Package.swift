// swift-tools-version: 6.2

import PackageDescription

/// CI sets this; a newer compiler must not break the build of a user.
let warningsAreErrors = Context.environment["PACKETFS_WARNINGS_AS_ERRORS"] == "1"

/// scripts/fuzz sets this: our modules are built so that libFuzzer sees which way each input takes.
let isFuzzing = Context.environment["PACKETFS_FUZZING"] == "1"
let sanitizers = ["-sanitize=fuzzer,address"]

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
    + (isFuzzing ? [.unsafeFlags(sanitizers + ["-enable-testing"])] : [])

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "packetfs",
    products: [
        .library(name: "PacketFS", targets: ["PacketFS"]),
        .executable(name: "packetfs", targets: ["packetfs"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CP11Kit", pkgConfig: "p11-kit-1", providers: [.apt(["libp11-kit-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CAnchors", cSettings: warningsAreErrors ? [.treatAllWarnings(as: .error)] : []),
        .target(name: "CLinux", cSettings: warningsAreErrors ? [.treatAllWarnings(as: .error)] : []),

        .target(name: "CMixing", cSettings: warningsAreErrors ? [.treatAllWarnings(as: .error)] : []),
        .target(name: "PacketFSModel", dependencies: ["CMixing"], swiftSettings: settings),
        .target(name: "PacketFSSecrets", dependencies: ["CSodium", "CLinux"], swiftSettings: settings),
        .target(
            name: "PacketFSWire",
            dependencies: ["PacketFSModel"],
            swiftSettings: settings + [.strictMemorySafety(), .enableExperimentalFeature("Lifetimes")]
        ),
        .target(
            name: "PacketFSChannel",
            dependencies: ["PacketFSSecrets", "PacketFSWire", "CSodium", crypto],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSVault",
            dependencies: ["PacketFSSecrets", "PacketFSWire", "CLinux", "CP11Kit", "CSodium"],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSBlob", dependencies: ["PacketFSWire", "CAnchors", "CLinux", crypto], swiftSettings: settings),
        .target(
            name: "PacketFSPlan",
            dependencies: ["PacketFSWire", "PacketFSModel", "PacketFSBlob", "CLinux", "CZstd"],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSRebuild",
            dependencies: ["PacketFSWire", "PacketFSModel", "PacketFSBlob", "CLinux", "CZstd", crypto],
            swiftSettings: settings
        ),
        .target(name: "PacketFSEngine", dependencies: ["PacketFSWire"], swiftSettings: settings),
        .target(
            name: "PacketFSPad",
            dependencies: ["PacketFSSecrets", "PacketFSWire", "CLinux", "CSodium", crypto],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSTransport",
            dependencies: [
                "CLinux",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSStore",
            dependencies: ["PacketFSWire", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFS",
            dependencies: [
                "PacketFSSecrets", "PacketFSWire", "PacketFSChannel", "PacketFSVault", "PacketFSBlob", "PacketFSPlan",
                "PacketFSRebuild", "PacketFSEngine", "PacketFSPad", "PacketFSTransport", "PacketFSStore", "CLinux",
                metrics,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "PacketFSMetrics",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "packetfs",
            dependencies: [
                "PacketFS", "PacketFSMetrics", "CLinux", log, metrics, system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "CGather", path: "Benchmarks/CGather"),
        .executableTarget(
            name: "bench-residency",
            dependencies: ["PacketFSBlob", "PacketFSWire", "CGather"],
            path: "Benchmarks/Residency",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "two-homes",
            dependencies: ["PacketFS"],
            path: "Examples/TwoHomes",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "packetfs-stages",
            dependencies: [
                "PacketFSSecrets", "PacketFSWire", "PacketFSChannel", "PacketFSBlob", "PacketFSPlan", "PacketFSRebuild",
            ],
            path: "Benchmarks/Stages",
            swiftSettings: settings
        ),

        .executableTarget(
            name: "simulate",
            dependencies: ["PacketFS", "PacketFSTestKit"],
            path: "Tests/Simulate",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "pad-worker",
            dependencies: ["PacketFSPad", "PacketFSWire"],
            path: "Tests/PadWorker",
            swiftSettings: settings
        ),

        .executableTarget(
            name: "vector-maker",
            dependencies: [
                "CSodium", "PacketFSSecrets", "PacketFSWire", "PacketFSModel", "PacketFSChannel", "PacketFSVault",
                "PacketFSBlob", "PacketFSRebuild", "PacketFSPad", "PacketFSTestKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Tests/VectorMaker",
            swiftSettings: settings
        ),

        .target(
            name: "PacketFSTestKit",
            dependencies: [
                "PacketFS", "PacketFSSecrets", "PacketFSWire", "PacketFSModel", "PacketFSChannel", "PacketFSBlob",
                "PacketFSRebuild", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSSecretsTests",
            dependencies: ["PacketFSSecrets", "PacketFSTestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSModelTests",
            dependencies: ["PacketFSModel", "CMixing", "PacketFSTestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSWireTests",
            dependencies: ["PacketFSWire", "PacketFSModel", "PacketFSTestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSChannelTests",
            dependencies: [
                "PacketFSChannel", "PacketFSSecrets", "PacketFSTestKit", "PacketFSWire", "CSodium", crypto,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSVectorTests",
            dependencies: [
                "PacketFS", "PacketFSBlob", "PacketFSChannel", "PacketFSModel", "PacketFSRebuild", "PacketFSWire",
                "PacketFSTestKit",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSVaultTests",
            dependencies: [
                "PacketFSVault", "PacketFSSecrets", "PacketFSWire", "PacketFSTestKit", "CLinux", "CP11Kit", crypto,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSBlobTests",
            dependencies: ["PacketFSBlob", "PacketFSWire", "PacketFSTestKit", "CLinux", crypto],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSPlanTests",
            dependencies: [
                "PacketFSPlan", "PacketFSWire", "PacketFSModel", "PacketFSBlob", "PacketFSTestKit", "CZstd",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSRebuildTests",
            dependencies: [
                "PacketFSRebuild", "PacketFSWire", "PacketFSModel", "PacketFSBlob", "CLinux", "CZstd",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSEngineTests",
            dependencies: ["PacketFSEngine", "PacketFSWire"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSPadTests",
            dependencies: ["PacketFSPad", "PacketFSSecrets", "PacketFSWire", "PacketFSTestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSMetricsTests",
            dependencies: [
                "PacketFSMetrics", "PacketFSTestKit", .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSTransportTests",
            dependencies: [
                "PacketFSTransport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSStoreTests",
            dependencies: ["PacketFSStore", "PacketFSWire", .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSTests",
            dependencies: [
                "PacketFS", "PacketFSWire", "PacketFSEngine", "PacketFSChannel", "PacketFSBlob", "PacketFSPad",
                "PacketFSPlan", "PacketFSRebuild", "PacketFSStore", "PacketFSTestKit", "PacketFSTransport",
                "PacketFSVault", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PacketFSCommandTests",
            dependencies: [
                "packetfs", "PacketFS", "PacketFSTestKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzing {
    package.targets += [
        .systemLibrary(name: "CFuzz", path: "Tests/Fuzz/CFuzz"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "PacketFS", "PacketFSBlob", "PacketFSChannel", "PacketFSModel", "PacketFSPad", "PacketFSRebuild",
                "PacketFSSecrets", "PacketFSTestKit", "PacketFSTransport", "PacketFSVault", "PacketFSWire", "CFuzz",
            ],
            path: "Tests/Fuzz",
            exclude: ["CFuzz"],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(sanitizers + ["-use-ld=lld"])]
        ),
    ]
}
