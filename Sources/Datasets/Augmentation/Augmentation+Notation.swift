extension Augmentation: CustomStringConvertible {
  /// The notation in its shortest form; equal augmentations have equal forms.
  public var description: String {
    isEmpty ? "none" : steps.map(\.description).joined(separator: " ")
  }

  /// Reads the notation: steps separated by spaces, or `none`.
  public init(_ text: String) throws(AugmentationError) {
    if text.filter({ !$0.isWhitespace }) == "none" {
      self = .none
      return
    }
    var steps: [Step] = []
    let characters = Array(text)
    var index = 0
    while true {
      while index < characters.count, characters[index].isWhitespace { index += 1 }
      guard index < characters.count else { break }
      let start = index
      // Spaces inside brackets do not end a step.
      var isOpen = false
      while index < characters.count, isOpen || !characters[index].isWhitespace {
        if characters[index] == "(" { isOpen = true }
        if characters[index] == ")" { isOpen = false }
        index += 1
      }
      var word = AugmentationWord(String(characters[start..<index]), position: start + 1)
      let step = try word.step()
      if step.mixes, steps.contains(where: \.mixes) {
        throw word.error("images are mixed twice", "one of mixup and cutmix, once")
      }
      guard steps.count < Self.mostSteps else {
        throw word.error("there are too many steps", "at most \(Self.mostSteps)")
      }
      steps.append(step)
    }
    guard !steps.isEmpty else {
      throw AugmentationError(
        position: 1, step: "(nothing)", problem: "there is no step",
        expected: "steps such as altflip translate(2) cutout(8), or none")
    }
    self.init(steps)
  }
}

extension Augmentation.Step: CustomStringConvertible {
  public var description: String {
    switch self {
    case .flip(let probability): probability == 0.5 ? "flip" : "flip(\(Self.text(probability)))"
    case .alternatingFlip: "altflip"
    case .translate(let pixels, let padding):
      "translate(\(pixels)\(padding == .reflect ? "" : ",padding=\(padding.rawValue)"))"
    case .rotate(let degrees): "rotate(\(Self.text(degrees)))"
    case .zoom(let part): "zoom(\(Self.text(part)))"
    case .shear(let degrees): "shear(\(Self.text(degrees)))"
    case .shift(let part): "shift(\(Self.text(part)))"
    case .elastic(let part): "elastic(\(Self.text(part)))"
    case .brightness(let part): "brightness(\(Self.text(part)))"
    case .contrast(let part): "contrast(\(Self.text(part)))"
    case .cutout(let pixels): "cutout(\(pixels))"
    case .erase(let probability): "erase(\(Self.text(probability)))"
    case .mixup(let alpha): "mixup(\(Self.text(alpha)))"
    case .cutmix(let alpha): "cutmix(\(Self.text(alpha)))"
    }
  }

  fileprivate static func text(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// One step as written, `translate(2,padding=zero)`, whose arguments are read one by one.
struct AugmentationWord {
  private let text: String
  private let position: Int
  private let name: String
  /// Nil if the brackets do not match.
  private var arguments: [String]?

  /// The maximum extent of an image.
  private static let greatest = 1024

  init(_ text: String, position: Int) {
    self.text = text
    self.position = position
    let plain = text.filter { !$0.isWhitespace }
    let open = plain.firstIndex(of: "(") ?? plain.endIndex
    name = plain[..<open].lowercased()
    if open == plain.endIndex {
      arguments = plain.contains(")") ? nil : []
    } else {
      let rest = plain[plain.index(after: open)...]
      let inner = rest.dropLast()
      arguments =
        rest.last == ")" && !inner.contains { $0 == "(" || $0 == ")" }
        ? inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : nil
    }
  }

  mutating func step() throws(AugmentationError) -> Augmentation.Step {
    guard let form = Self.forms.first(where: { $0.name == name })?.form else {
      throw error(
        "there is no step “\(name)”",
        "one of \(Self.forms.map(\.name).joined(separator: ", "))")
    }
    guard arguments != nil else { throw error("the brackets are not right", form) }
    let step: Augmentation.Step =
      switch name {
      case "flip":
        .flip(probability: arguments == [] ? 0.5 : try number("probability", 0...1, form))
      case "altflip": .alternatingFlip
      case "translate", "crop": try translation(form)
      case "rotate": .rotate(degrees: try number("angle", 0...180, form))
      case "zoom": .zoom(try number("zoom", 0...0.9, form))
      case "shear": .shear(degrees: try number("angle", 0...60, form))
      case "shift": .shift(try number("shift", 0...1, form))
      case "elastic": .elastic(try number("distance", 0...0.5, form))
      case "brightness": .brightness(try number("brightness", 0...1, form))
      case "contrast": .contrast(try number("contrast", 0...1, form))
      case "cutout": .cutout(try pixels("side", from: 1, form))
      case "erase": .erase(probability: try number("probability", 0...1, form))
      case "mixup": .mixup(alpha: try number("α", 0.1...2, form))
      default: .cutmix(alpha: try number("α", 0.1...2, form))
      }
    if let extra = arguments?.first { throw error("it does not take “\(extra)”", form) }
    return step
  }

  private static let forms: [(name: String, form: String)] = [
    ("flip", "flip or flip(probability)"), ("altflip", "altflip without arguments"),
    ("translate", "translate(pixels), with padding=reflect|zero"),
    ("crop", "crop(pixels), with padding=zero|reflect"), ("rotate", "rotate(degrees)"),
    ("zoom", "zoom(part), as 0.15 for factors from 0.85 to 1.15"), ("shear", "shear(degrees)"),
    ("shift", "shift(part), as 0.1 for a tenth of the size"),
    ("elastic", "elastic(part), as 0.06 for a sixteenth of the size"),
    ("brightness", "brightness(part), as 0.2 for factors from 0.8 to 1.2"),
    ("contrast", "contrast(part), as 0.2 for factors from 0.8 to 1.2"),
    ("cutout", "cutout(pixels)"), ("erase", "erase(probability)"),
    ("mixup", "mixup(α)"), ("cutmix", "cutmix(α)"),
  ]

  private mutating func translation(
    _ form: String
  ) throws(AugmentationError) -> Augmentation.Step {
    let pixels = try pixels("distance", from: 0, form)
    var padding = name == "crop" ? Augmentation.Padding.zero : .reflect
    if let option = arguments?.first {
      guard option.hasPrefix("padding="),
        let known = Augmentation.Padding(rawValue: String(option.dropFirst("padding=".count)))
      else { throw error("it does not take “\(option)”", form) }
      padding = known
      arguments?.removeFirst()
    }
    return .translate(pixels, padding)
  }

  private mutating func next(
    _ what: String, _ form: String
  ) throws(AugmentationError) -> String {
    guard let value = arguments?.first, !value.isEmpty else {
      throw error("the \(what) is missing", form)
    }
    arguments?.removeFirst()
    return value
  }

  private mutating func number(
    _ what: String, _ range: ClosedRange<Double>, _ form: String
  ) throws(AugmentationError) -> Double {
    let value = try next(what, form)
    // `Double` also accepts hexadecimal numbers and words.
    guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
      let number = Double(value), range.contains(number)
    else {
      throw error(
        "the \(what) is “\(value)” (expected a number from "
          + "\(Augmentation.Step.text(range.lowerBound)) to "
          + "\(Augmentation.Step.text(range.upperBound)))", form)
    }
    // −0 becomes 0, so that equal augmentations have equal text.
    return number == 0 ? 0 : number
  }

  private mutating func pixels(
    _ what: String, from least: Int, _ form: String
  ) throws(AugmentationError) -> Int {
    let value = try next(what, form)
    guard let number = Int(value), (least...Self.greatest).contains(number) else {
      throw error(
        "the \(what) is “\(value)” (expected a whole number from \(least) to \(Self.greatest))",
        form)
    }
    return number
  }

  func error(_ problem: String, _ expected: String) -> AugmentationError {
    AugmentationError(position: position, step: text, problem: problem, expected: expected)
  }
}
