import Foundation
import Layers
import Testing

extension BadInputTests {
  @Test func aBusyRunIsLeftAlone() throws {
    let scratch = try prepare()
    #expect(try Program.run("train", tinyRun("good", "--epochs", "1"), in: scratch).status == 0)
    let lock = open(scratch.path("good/.lock"), O_RDWR)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let outcome = try Program.run("train", ["--resume", "good"], in: scratch)
    #expect(outcome.status == 3 && outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errorLines.first?.contains("another process works in this directory") == true)
  }

  @Test func aLossThatIsNotFiniteSavesNothing() throws {
    let scratch = try prepare()
    let outcome = try Program.run(
      "train", tinyRun("run", "--lr", "1e30", "--sched", "constant"), in: scratch)
    #expect(outcome.status == 5)
    #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
    #expect(outcome.errorLines.first?.hasPrefix("error: step 2: ") == true, "\(outcome.errors)")
    #expect(scratch.names("run/checkpoints") == ["step-0000000000.safetensors"])
  }
}
