import Testing

@testable import Layers
@testable import Networks

/// The alternative spellings of the notation, and the canonical text of each.
@Suite struct NotationSpellingTests {
  @Test(arguments: [
    ("maxpool(2) linear(10)", "pool(2) fc(10)"),
    ("CONV(4,3,STRIDE=2,bias=false)", "conv(4,3,stride=2,bias=no)"),
    ("conv(4,3x3,padding=same,stride=1x1)", "conv(4,3)"),
    (
      "convt(4,3x3,padding=0,OUTPAD=0x0,stride=1,bias=true)", "convt(4,3)"
    ),
    (
      "convt(16,4,bias=no,padding=1x1,stride=2)", "convt(16,4,stride=2,padding=1,bias=no)"
    ),
    ("convt(1,3,outpad=0x1,stride=1x2)", "convt(1,3,stride=1x2,outpad=0x1)"),
    ("Conv1D(4,3,stride=1,padding=same,bias=yes)", "conv1d(4,3)"),
    ("conv1d(4,9,bias=no,padding=0,stride=2)", "conv1d(4,9,stride=2,padding=0,bias=no)"),
    ("conv(4,3,groups=1)", "conv(4,3)"),
    ("conv(6,3,bias=no,GROUPS=3,stride=2)", "conv(6,3,stride=2,groups=3,bias=no)"),
    ("conv1d(4,9,groups=2,padding=1)", "conv1d(4,9,padding=1,groups=2)"),
    ("conv1d(4,9,padding=valid)", "conv1d(4,9,padding=valid)"),
    ("pool1d(4)", "pool(1x4)"), ("pool1d(4,2,padding=1)", "pool(1x4,1x2,padding=0x1)"),
    ("SIGNAL res( relu→bn )gelu", "signal res(relu bn) gelu"),
    ("RES(res( relu ) res(gelu;relu))", "res(res(relu) res(gelu relu))"),
    ("pool(2x2,2x2,padding=0,mode=floor)", "pool(2)"),
    ("pool(3,2x1)", "pool(3,2x1)"), ("conv(4,3,padding=1x1)", "conv(4,3,padding=1)"),
    ("relu ; fc(3)", "relu fc(3)"),
    ("conv(4,3,frozen=no)", "conv(4,3)"), ("conv(4,3,FROZEN=true)", "conv(4,3,frozen=yes)"),
    ("bn(scale=yes,momentum=0.1,epsilon=1e-5)", "bn"), ("BatchNorm(epsilon=0.00001)", "bn"),
    (
      "bn(scale=false,momentum=.40,epsilon=1E-12)",
      "bn(epsilon=1e-12,momentum=0.4,scale=no)"
    ),
    ("bn(momentum=1,epsilon=1)", "bn(epsilon=1,momentum=1)"),
    ("gelu GlobalMax", "gelu globalmax"),
    ("Sigmoid TANH", "sigmoid tanh"), ("avgpool(2,2,mode=floor,countpadding=true)", "avgpool(2)"),
    ("AvgPool(3x2,3x2,countpadding=false)", "avgpool(3x2,countpadding=no)"),
    ("upsample(2x2,mode=nearest)", "upsample(2)"), ("upsample(1x2)", "upsample(1x2)"),
    ("dropout(.50)", "dropout(0.5)"), ("dropout(0)", "dropout(0)"),
    ("dropout(5e-1)", "dropout(0.5)"),
    ("scale(2/18)", "scale(1/9)"), ("scale(0.5)", "scale(0.5)"), ("scale(1/2)", "scale(0.5)"),
    ("scale(3.0)", "scale(3)"), ("scale(0.1111111111111111)", "scale(1/9)"),
    ("scale(0.111)", "scale(0.111)"), ("scale(200/3)", "scale(200/3)"),
    ("scale(0.123456789)", "scale(0.123456789)"), ("scale(1e-6)", "scale(1e-06)"),
    ("scale(1e6)", "scale(1000000)"),
  ])
  func otherSpellings(_ text: String, _ canonical: String) throws {
    let architecture = try Architecture(text)
    #expect(architecture.canonical == canonical)
    #expect(try Architecture(canonical) == architecture)
  }
}
