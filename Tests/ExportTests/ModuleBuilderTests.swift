import Tensors
import Testing

@testable import Export

/// The members and statements of PyTorch modules.
@Suite struct ModuleBuilderTests {
  private func module(_ notation: String, _ input: Shape) throws -> ModuleBuilder {
    try LayerFormTests.module(notation, input)
  }

  @Test func layersWithParametersAreMembers() throws {
    let module = try module(
      "conv(4,3,bias=no) bn(epsilon=0.001) relu pool(3,2,padding=1) dwconv(3,stride=2,padding=1)"
        + " gn(2) globalmax fc(3)", [1, 8, 8, 2])
    #expect(
      module.members == [
        "self.conv1 = nn.Conv2d(2, 4, 3, padding=1, bias=False)",
        "self.bn1 = nn.BatchNorm2d(4, eps=0.001)",
        "self.dwconv1 = nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=4)",
        "self.gn1 = nn.GroupNorm(2, 4)",
        "self.fc1 = nn.Linear(4, 3)",
      ])
    #expect(
      module.statements == [
        "x = self.conv1(x)  # [n, 4, 8, 8]",
        "x = self.bn1(x)",
        "x = F.relu(x)",
        "x = F.max_pool2d(x, 3, 2, padding=1)  # [n, 4, 4, 4]",
        "x = self.dwconv1(x)  # [n, 4, 2, 2]",
        "x = self.gn1(x)",
        "x = x.amax(dim=(2, 3))  # [n, 4]",
        "x = self.fc1(x)  # [n, 3]",
      ])
  }

  @Test func groupsAreAnArgument() throws {
    let module = try module("conv(6,3,groups=2,bias=no) signal conv1d(9,3,groups=3)", [1, 4, 4, 4])
    #expect(
      module.members == [
        "self.conv1 = nn.Conv2d(4, 6, 3, padding=1, groups=2, bias=False)",
        "self.conv2 = nn.Conv1d(6, 9, 3, padding=1, groups=3)",
      ])
  }

  @Test func zerosOnOneSideAreAStatement() throws {
    let module = try module("conv(1,2x3)", [1, 4, 4, 1])
    #expect(module.members == ["self.conv1 = nn.Conv2d(1, 1, (2, 3))"])
    #expect(module.statements == ["x = F.pad(x, (1, 1, 0, 1))", "x = self.conv1(x)"])
  }

  /// Layers of signals get signals, and layers of images behind them get images of one row.
  @Test func signalsHaveThreeExtents() throws {
    let module = try module(
      "signal conv1d(4,4,stride=2) bn pool1d(2) res(conv1d(4,3)) conv(2,1x3) conv1d(3,1) globalavg",
      [1, 4, 8, 1])
    #expect(
      module.statements == [
        "x = x.flatten(2)  # [n, 1, 32]",
        "x = F.pad(x, (1, 2))",
        "x = self.conv1(x)  # [n, 4, 16]",
        "x = self.bn1(x)",
        "x = F.max_pool1d(x, 2)  # [n, 4, 8]",
        "skip1 = x",
        "x = self.conv2(x)",
        "x = x + skip1",
        "x = x.unsqueeze(2)",
        "x = self.conv3(x)  # [n, 2, 1, 8]",
        "x = x.squeeze(2)",
        "x = self.conv4(x)  # [n, 3, 8]",
        "x = x.mean(dim=2)  # [n, 3]",
      ])
    #expect(module.members[1] == "self.bn1 = nn.BatchNorm1d(4)")
  }

  @Test func stochasticDepthIsAFunction() throws {
    let module = try module(
      "res(dropout(0.25) droppath(0.5)) res(tanh droppath(0.1)) upsample(2x3,mode=bilinear)"
        + " scale(1/9)", [1, 2, 2, 1])
    #expect(module.functions.count == 1)
    #expect(module.functions[0].hasPrefix("def drop_path(x"))
    #expect(
      module.statements == [
        "skip1 = x",
        "x = F.dropout(x, 0.25, self.training)",
        "x = drop_path(x, 0.5, self.training)",
        "x = x + skip1",
        "skip2 = x",
        "x = torch.tanh(x)",
        "x = drop_path(x, 0.1, self.training)",
        "x = x + skip2",
        "x = F.interpolate(x, scale_factor=(2, 3), mode=\"bilinear\")  # [n, 1, 4, 6]",
        "x = x * 0.11111111",
      ])
  }

  @Test func anOutputOfFlattenedImagesIsTransposed() throws {
    #expect(
      try module("flatten", [1, 2, 3, 4]).statements == [
        "x = x.flatten(1)  # [n, 24]",
        "x = x.unflatten(1, (4, 2, 3)).permute(0, 2, 3, 1).flatten(1)",
      ])
  }

  @Test func longListsAreWrapped() {
    #expect(TorchModule.list("A", ["1", "2"]) == "A = [1, 2]")
    let wrapped = TorchModule.list("NAMES", (100..<130).map { "\"\($0)\"" })
    let lines = wrapped.split(separator: "\n")
    #expect(lines.first == "NAMES = [" && lines.last == "]" && lines.count == 5)
    #expect(lines.allSatisfy { $0.count <= 96 })
    #expect(lines[1].hasPrefix("    \"100\", \"101\","))
  }
}
