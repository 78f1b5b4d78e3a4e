import Testing

@testable import Layers
@testable import Networks

/// All kinds of mistakes in the notation, with the position, the problem and the expected text of
/// each error. `ArchitectureTests` compares whole messages.
@Suite struct NotationMistakeTests {
  static let mistakes: [Mistake] = [
    // Missing or superfluous arguments.
    .init("conv", "the number of outputs is missing", conv),
    .init("conv(8)", "the kernel's size is missing", conv),
    .init("convt", "the number of outputs is missing", convt),
    .init("convt(8)", "the kernel's size is missing", convt),
    .init("convt(8,3,2)", "it does not take “2”", convt),
    .init("convt(8,3,frozen=yes)", "it does not take “frozen”", convt),
    .init("conv1d(8)", "the kernel's size is missing", conv1d),
    .init(
      "conv1d(8,1x3)", "kernel is “1x3” (expected a whole number from 1 to 65536)", conv1d),
    .init(
      "conv1d(8,3,stride=1x2)",
      "stride is “1x2” (expected a whole number from 1 to 65536)", conv1d),
    .init("conv1d(8,3,padding=3)", "a padding of 3 reaches past the kernel of 3", conv1d),
    .init(
      "conv1d(8,3,padding=1x1)",
      "padding is “1x1” (expected a whole number from 0 to 65536)", conv1d),
    .init("conv1d(8,3,frozen=yes)", "it does not take “frozen”", conv1d),
    .init("conv(8,3,groups=0)", "groups is “0” (expected a whole number from 1 to 65536)", conv),
    .init("convt(8,3,groups=2)", "it does not take “groups”", convt),
    .init("pool1d", "the window's size is missing", pool1d),
    .init("pool1d(1x2)", "size is “1x2” (expected a whole number from 1 to 65536)", pool1d),
    .init("pool1d(257)", "a window of 1×257 (expected 1 to 256 elements)", pool1d),
    .init(
      "pool1d(3,padding=2)", "a padding of 0×2 (expected at most half the window of 1×3)", pool1d),
    .init("signal(784)", "it does not take “784”", "signal without arguments"),
    .init("res", "its layers are missing", res),
    .init("relu res relu", at: 6, of: "res", "its layers are missing", res),
    .init("pool", "the window's size is missing", pool),
    .init("fc", "the number of outputs is missing", fc),
    .init("fc(10,20)", "it does not take “20”", fc),
    .init("pool(2,2,2)", "it does not take “2”", pool),
    .init("flatten(2)", "it does not take “2”", "flatten without arguments"),
    .init("relu(slope=2)", "it does not take “slope”", "relu without arguments"),
    .init("conv(8,3,dilation=2)", "it does not take “dilation”", conv),
    .init("fc(10,stride=2)", "it does not take “stride”", fc),
    .init("pool(2,mode=ceil,mode=floor)", "mode is given twice", pool),
    .init("fc(9,bias=no,bias=no)", "bias is given twice", fc),
    // Numbers.
    .init(
      "conv(many,3)", "outputs is “many” (expected a whole number from 1 to 65536)", conv),
    .init(
      "conv(65537,3)", "outputs is “65537” (expected a whole number from 1 to 65536)", conv),
    .init(
      "conv(99999999999999999999,3)",
      "outputs is “99999999999999999999” (expected a whole number from 1 to 65536)", conv),
    .init("conv(1.5,3)", "outputs is “1.5” (expected a whole number from 1 to 65536)", conv),
    .init("conv(-3,3)", "outputs is “-3” (expected a whole number from 1 to 65536)", conv),
    .init("conv(8,0x3)", "kernel is “0” (expected a whole number from 1 to 65536)", conv),
    .init("conv(8,3x)", "kernel is “” (expected a whole number from 1 to 65536)", conv),
    .init("conv(8,3x3x3)", "kernel is “3x3x3”", "kernel=n or kernel=hxw"),
    .init(
      "conv(8,3,stride=0)", "stride is “0” (expected a whole number from 1 to 65536)", conv),
    .init(
      "conv(8,3,padding=some)",
      "padding is “some” (expected a whole number from 0 to 65536)", conv),
    .init(
      "conv(8,3x5,padding=2x5)", "a padding of 2×5 reaches past the kernel of 3×5", conv),
    .init(
      "convt(8,3,padding=same)",
      "padding is “same” (expected a whole number from 0 to 65536)", convt),
    .init(
      "convt(8,3x5,padding=2x5)", "a padding of 2×5 (expected less than the kernel of 3×5)", convt),
    .init(
      "convt(8,3,stride=2x1,outpad=1)",
      "an output padding of 1×1 (expected less than the stride of 2×1)", convt),
    .init(
      "convt(8,3,outpad=-1)", "outpad is “-1” (expected a whole number from 0 to 65536)", convt),
    .init("pool(0)", "size is “0” (expected a whole number from 1 to 65536)", pool),
    .init("pool(2,0)", "stride is “0” (expected a whole number from 1 to 65536)", pool),
    .init(
      "pool(2,padding=-1)", "padding is “-1” (expected a whole number from 0 to 65536)", pool),
    .init(
      "pool(17x16)", "a window of 17×16 (expected 1 to 256 elements)", pool),
    .init("fc(ten)", "outputs is “ten” (expected a whole number from 1 to 65536)", fc),
    .init("fc(0)", "outputs is “0” (expected a whole number from 1 to 65536)", fc),
    // Words.
    .init("conv(8,3,bias=maybe)", "bias is “maybe”", "bias=yes or bias=no"),
    .init("pool(2,mode=round)", "mode is “round”", "mode=floor or mode=ceil"),
    .init("fer_mnist", "there is no layer “fer_mnist”", layers),
    .init("conv(8,3,frozen=2)", "frozen is “2”", "frozen=yes or frozen=no"),
    .init("conv(8,3,frozen=no,frozen=no)", "frozen is given twice", conv),
    .init("bn(scale=none)", "scale is “none”", "scale=yes or scale=no"),
    // Layers whose arguments are not whole numbers.
    .init("bn(16)", "it does not take “16”", bn),
    .init("bn(affine=no)", "it does not take “affine”", bn),
    .init("bn(momentum=0.1,momentum=0.2)", "momentum is given twice", bn),
    .init(
      "bn(epsilon=0)", "epsilon is “0” (expected a number from 1e-30 to 1)", bn),
    .init(
      "bn(epsilon=nan)", "epsilon is “nan” (expected a number from 1e-30 to 1)", bn),
    .init(
      "bn(epsilon=0x1p-9)", "epsilon is “0x1p-9” (expected a number from 1e-30 to 1)", bn),
    .init(
      "bn(momentum=1.1)", "momentum is “1.1” (expected a number from 0 to 1)", bn),
    .init("bn(momentum=-0.1)", "momentum is “-0.1” (expected a number from 0 to 1)", bn),
    .init("bn(momentum=1/9)", "momentum is “1/9” (expected a number from 0 to 1)", bn),
    .init("gelu(tanh)", "it does not take “tanh”", "gelu without arguments"),
    .init("globalmax(2)", "it does not take “2”", "globalmax without arguments"),
    .init("globalavg(mode=ceil)", "it does not take “mode”", "globalavg without arguments"),
    .init("scale", "the factor is missing", scale),
    .init("scale(1,9)", "it does not take “9”", scale),
    .init(
      "scale(0)", "factor is “0” (expected a number from 0.000001 to 1000000)", scale),
    .init(
      "scale(-2)", "factor is “-2” (expected a number from 0.000001 to 1000000)", scale),
    .init(
      "scale(inf)", "factor is “inf” (expected a number from 0.000001 to 1000000)", scale),
    .init("scale(1/0)", "factor is “0” (expected a whole number from 1 to 65536)", scale),
    .init("scale(1/)", "factor is “” (expected a whole number from 1 to 65536)", scale),
    .init("scale(1.5/2)", "factor is “1.5” (expected a whole number from 1 to 65536)", scale),
    .init(
      "scale(1/2/3)", "factor is “1/2/3” (expected a number from 0.000001 to 1000000)", scale),
    .init("sigmoid(1)", "it does not take “1”", "sigmoid without arguments"),
    .init("tanh(x=1)", "it does not take “x”", "tanh without arguments"),
    .init("avgpool", "the window's size is missing", avgpool),
    .init("avgpool(2,2,2)", "it does not take “2”", avgpool),
    .init("avgpool(0)", "size is “0” (expected a whole number from 1 to 65536)", avgpool),
    .init("avgpool(2,mode=same)", "mode is “same”", "mode=floor or mode=ceil"),
    .init(
      "avgpool(2,countpadding=2)", "countpadding is “2”", "countpadding=yes or countpadding=no"),
    .init(
      "avgpool(3,padding=2)", "a padding of 2×2 (expected at most half the window of 3×3)",
      avgpool),
    .init("pool(2,countpadding=no)", "it does not take “countpadding”", pool),
    .init("upsample", "the factor is missing", upsample),
    .init("upsample(2,3)", "it does not take “3”", upsample),
    .init("upsample(0)", "factor is “0” (expected a whole number from 1 to 65536)", upsample),
    .init("upsample(1.5)", "factor is “1.5” (expected a whole number from 1 to 65536)", upsample),
    .init("upsample(2,mode=cubic)", "mode is “cubic”", "mode=nearest or mode=bilinear"),
    .init("dropout", "the probability is missing", "dropout(probability)"),
    .init("dropout(0.5,0.5)", "it does not take “0.5”", "dropout(probability)"),
    .init(
      "dropout(1)", "probability is “1” (expected a number from 0 to 0.999)",
      "dropout(probability)"),
    .init(
      "dropout(-0.1)", "probability is “-0.1” (expected a number from 0 to 0.999)",
      "dropout(probability)"),
    .init(
      "dropout(nan)", "probability is “nan” (expected a number from 0 to 0.999)",
      "dropout(probability)"),
    .init(
      "dropout(1/2)", "probability is “1/2” (expected a number from 0 to 0.999)",
      "dropout(probability)"),
    // Brackets, commas and signs.
    .init("fc()", "the argument “” is misplaced", order),
    .init("conv(8,,3)", of: "conv(8,,", "the argument “” is misplaced", order),
    .init("conv(8,3,padding=1=2)", "the argument “padding=1=2” is misplaced", order),
    .init("conv(8,3,stride=)", "the argument “stride=” is misplaced", order),
    .init("conv(8,3,=2)", "the argument “=2” is misplaced", order),
    .init("relu conv(8,3", at: 6, of: "conv(8,3", "the bracket is not closed", "a ) at the end"),
    .init("conv(8,3) (3)", at: 11, of: "(", "this is not the name of a layer", name),
    .init("relu )", at: 6, of: ")", "this is not the name of a layer", name),
    .init("conv(8,3)) relu", at: 10, of: ")", "this is not the name of a layer", name),
    .init("relu, fc(10)", at: 5, of: ",", "this is not the name of a layer", name),
    // Blocks.
    .init("relu res( ) fc(10)", at: 6, of: "res( )", "it has no layers", res),
    .init("res(relu res()) fc(10)", at: 10, of: "res()", "it has no layers", res),
    .init(
      "res(relu fc(10)", at: 1, of: "res(relu fc(10)", "the bracket is not closed", "a ) at the end"
    ),
    .init(
      "relu res(relu res(gelu) fc(10)", at: 6, of: "res(relu res(gelu) fc(10)",
      "the bracket is not closed", "a ) at the end"),
    .init("res(relu)) fc(10)", at: 10, of: ")", "this is not the name of a layer", name),
    .init("res(relu gleu) fc(10)", at: 10, of: "gleu", "there is no layer “gleu”", layers),
    .init("res (relu) fc(10)", at: 5, of: "(", "this is not the name of a layer", name),
    // Positions count characters, not bytes.
    .init(
      "relu → → é(3)", at: 10, of: "é(3)", "there is no layer “é”", layers),
    // Layers that cannot follow each other, on images of 8×8×1 and 10 classes.
    .init("fc(5) pool(2) fc(10)", at: 7, of: "pool(2)", "its input is 5, no image any more", image),
    .init(
      "flatten conv(3,3) fc(10)", at: 9, of: "conv(3,3)", "its input is 64, no image any more",
      image
    ),
    .init(
      "flatten convt(3,3) fc(10)", at: 9, of: "convt(3,3)", "its input is 64, no image any more",
      image),
    .init(
      "globalmax conv(3,3) fc(10)", at: 11, of: "conv(3,3)", "its input is 1, no image any more",
      image),
    .init(
      "fc(9) globalavg fc(10)", at: 7, of: "globalavg", "its input is 9, no image any more", image),
    .init(
      "flatten relu bn fc(10)", at: 14, of: "bn", "its input is an image flattened to 64",
      "bn before flatten, or behind fc"),
    .init(
      "fc(9) avgpool(2) fc(10)", at: 7, of: "avgpool(2)", "its input is 9, no image any more",
      image),
    .init(
      "flatten upsample(2) fc(10)", at: 9, of: "upsample(2)", "its input is 64, no image any more",
      image),
    .init(
      "avgpool(9x2) fc(10)", of: "avgpool(9x2)", "it cannot take an input of 8×8×1",
      "an image of at least the window 9×2, padding 0×0"),
    .init(
      "upsample(2000) fc(10)", of: "upsample(2000)",
      "its output of 16000×16000×1 would not fit into memory", "a smaller factor"),
    // A product above the greatest Int.
    .init(
      "upsample(1000) conv(2,1) convt(65536,1,stride=65536) fc(10)", at: 26,
      of: "convt(65536,1,stride=65536)",
      "its output of 524222465×524222465×65536 would not fit into memory",
      "fewer outputs or a smaller stride"),
    .init(
      "upsample(1000) conv(65536,1) fc(10)", at: 16, of: "conv(65536,1)",
      "its output of 8000×8000×65536 would not fit into memory", "fewer outputs"),
    .init("globalmax", "it gives 1 values for 10 classes", "fc(10) as the last layer"),
    .init(
      "fc(9) scale(2)", at: 7, of: "scale(2)", "it gives 9 values for 10 classes",
      "fc(10) as the last layer"),
    .init(
      "pool(9) fc(10)", of: "pool(9)", "it cannot take an input of 8×8×1",
      "an image of at least the window 9×9, padding 0×0"),
    .init(
      "conv(4,5,padding=valid) conv(6,5,padding=valid) fc(10)", at: 25,
      of: "conv(6,5,padding=valid)", "it cannot take an input of 4×4×4",
      "an image of at least the kernel 5×5, padding valid"),
    .init(
      "conv(4,8,padding=0) conv(6,4x2,padding=1x0) fc(10)", at: 21, of: "conv(6,4x2,padding=1x0)",
      "it cannot take an input of 1×1×4",
      "an image of at least the kernel 4×2, padding 1×0"),
    .init(
      "pool(8) convt(4,2x3,padding=1) fc(10)", at: 9, of: "convt(4,2x3,padding=1)",
      "it cannot take an input of 1×1×1", "an image of which the padding 1×1 leaves something"),
    .init(
      "convt(4,2,stride=65536) fc(10)", of: "convt(4,2,stride=65536)",
      "its output of 458754×458754×4 would not fit into memory", "fewer outputs or a smaller stride"
    ),
    .init(
      "convt(4096,300) fc(10)", of: "convt(4096,300)",
      "its weight of 300×300×4096×1 would not fit into memory",
      "a smaller kernel or fewer outputs"),
    .init(
      "relu res(conv(2,3)  relu) fc(10)", at: 6, of: "res(conv(2,3)  relu)",
      "its layers make 8×8×2 of 8×8×1", "layers that keep the shape, for x + f(x)"),
    .init(
      "res(relu res(pool(2)) relu) fc(10)", at: 10, of: "res(pool(2))",
      "its layers make 4×4×1 of 8×8×1", "layers that keep the shape, for x + f(x)"),
    .init(
      "res(fc(64)) fc(10)", of: "res(fc(64))", "its layers make 64 of 8×8×1",
      "layers that keep the shape, for x + f(x)"),
    .init(
      "flatten res(fc(64)) fc(10)", at: 9, of: "res(fc(64))",
      "its input is an image flattened to 64", "res before flatten, or behind fc"),
    .init(
      "relu conv1d(4,3) fc(10)", at: 6, of: "conv1d(4,3)",
      "its input is 8×8×1, more than one row", "signal before it"),
    .init(
      "signal conv1d(4,65,padding=valid) fc(10)", at: 8, of: "conv1d(4,65,padding=valid)",
      "it cannot take an input of 1×64×1",
      "an image of at least the kernel 1×65, padding valid"),
    .init(
      "fc(5) signal fc(10)", at: 7, of: "signal", "its input is 5, no image any more", image),
    .init(
      "fc(10) relu flatten fc(9)", at: 21, of: "fc(9)", "it gives 9 values for 10 classes",
      "fc(10) as the last layer"),
    .init(
      "pool(2)", "the network ends in 4×4×1, not in one value a class",
      "fc(10) as the last layer"),
    .init(
      "flatten", "it gives 64 values for 10 classes", "fc(10) as the last layer"),
    .init(
      " \t\n", at: 1, of: "(nothing)", "the network has no layers",
      "layers such as conv(16,5) relu pool(2) fc(10)"),
  ]

  @Test(arguments: mistakes + groups)
  func givesTheExpectedError(_ mistake: Mistake) throws {
    let error = try #require(
      #expect(throws: NotationError.self) {
        _ = try Architecture(mistake.text).network(input: [1, 8, 8, 1], classes: 10)
      })
    #expect(error.text == mistake.text)
    #expect(error.position == mistake.position)
    #expect(error.layer == mistake.layer)
    #expect(error.problem == mistake.problem)
    #expect(error.expected == mistake.expected)
  }
}
