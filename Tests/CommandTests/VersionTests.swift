import Foundation
import Tensors
import Testing
import Training

@testable import Commands

/// `version`, and `--version` of the other commands.
@Suite struct VersionTests {
  @Test func jsonNamesKernelsAndLibraries() throws {
    let scratch = try Scratch()
    let outcome = try Program.run("version", ["--json"], in: scratch)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let found = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(found["version"] as? String == RunEnvironment.version)
    #expect(found["compiler"] as? String == RunEnvironment.compiler)
    #expect(found["processors"] as? Int == Processors.available)
    let kernels = try #require(found["kernels"] as? [String: Any])
    #expect(kernels["chosen"] as? String == KernelSet.best.rawValue)
    #expect(kernels["available"] as? [String] == KernelSet.available.map(\.rawValue))
    #expect(kernels["built"] as? [String] == KernelSet.compiled.map(\.rawValue))
    let libraries = try #require(found["libraries"] as? [[String: Any]])
    let names = libraries.compactMap { $0["name"] as? String }
    #expect(names.contains("zlib") && names.contains("libpng") && names.contains("libyaml"))
    #expect(names == names.sorted())
    for library in libraries {
      let name = library["name"] as? String ?? ""
      // libjpeg-turbo tells the version of its headers alone.
      let version = library["version"] as? String ?? library["built_with"] as? String ?? ""
      #expect(version.first?.isNumber == true && version.contains("."), "\(library)")
      #if os(Linux)
        let file = library["file"] as? String ?? ""
        #expect(FileManager.default.fileExists(atPath: file), "\(name): \(file)")
        #expect(file.split(separator: "/").last?.hasPrefix("lib") == true, "\(name): \(file)")
      #endif
    }
  }

  @Test func textHasTheSame() throws {
    let scratch = try Scratch()
    let outcome = try Program.run("lecture-cnn", ["version"], in: scratch)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("lecture-cnn \(RunEnvironment.version)\n"))
    #expect(outcome.output.contains(RunEnvironment.processor))
    for library in SystemLibrary.all { #expect(outcome.output.contains(library.name)) }
  }

  @Test func theFileIsFoundByAnAddress() {
    let maps = """
      7f0000001000-7f0000003000 r--p 00000000 fe:00 12                         /usr/lib/libz.so.1.2.13
      7f0000003000-7f0000004000 r-xp 00002000 fe:00 12                         /usr/lib/a folder/lib b.so
      7f0000005000-7f0000006000 rw-p 00000000 00:00 0
      7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                          [vdso]

      """
    #expect(SystemLibrary.file(at: 0x7f00_0000_2fff, in: maps) == "/usr/lib/libz.so.1.2.13")
    #expect(SystemLibrary.file(at: 0x7f00_0000_3000, in: maps) == "/usr/lib/a folder/lib b.so")
    for address: UInt in [0x7f00_0000_4000, 0x7f00_0000_5000, 0x7ffd_0000_0000] {
      #expect(SystemLibrary.file(at: address, in: maps) == nil)
    }
  }

  @Test func everyCommandHasTheNumber() throws {
    let scratch = try Scratch()
    for name in Launcher.names {
      let outcome = try Program.run("lecture-cnn", [name, "--version"], in: scratch)
      #expect(outcome.status == 0 && outcome.output == "\(RunEnvironment.version)\n", "\(name)")
    }
  }
}
