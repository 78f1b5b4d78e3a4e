import Testing

@testable import Datasets

@Suite struct AugmentationNotationTests {
  @Test(arguments: [
    ("flip", "flip"), ("flip(0.5)", "flip"), ("Flip( 0.25 )", "flip(0.25)"),
    ("altflip", "altflip"), ("translate(2)", "translate(2)"),
    ("translate(2,padding=reflect)", "translate(2)"),
    ("translate(2, padding = zero)", "translate(2,padding=zero)"),
    ("crop(4)", "translate(4,padding=zero)"), ("crop(4,padding=reflect)", "translate(4)"),
    ("rotate(15)", "rotate(15)"), ("rotate(15.0)", "rotate(15)"), ("rotate(1.5e1)", "rotate(15)"),
    ("zoom(.15)", "zoom(0.15)"), ("shear(10)", "shear(10)"), ("shift(0.1)", "shift(0.1)"),
    ("elastic(0.06)", "elastic(0.06)"),
    ("brightness(0.2) contrast(0.3)", "brightness(0.2) contrast(0.3)"),
    ("cutout(8)", "cutout(8)"), ("erase(1)", "erase(1)"), ("erase(-0)", "erase(0)"),
    ("mixup(0.2)", "mixup(0.2)"), ("cutmix(1)", "cutmix(1)"),
    ("  altflip   translate(2)\tcutout(8) ", "altflip translate(2) cutout(8)"),
    ("flip flip", "flip flip"), (" none ", "none"),
  ])
  func readsAndWrites(_ text: String, _ canonical: String) throws {
    let augmentation = try Augmentation(text)
    #expect(augmentation.description == canonical)
    #expect(try Augmentation(canonical) == augmentation)
  }

  @Test func readsTheSteps() throws {
    #expect(
      try Augmentation("altflip crop(4) erase(0.5) cutmix(1)").steps == [
        .alternatingFlip, .translate(4, .zero), .erase(probability: 0.5), .cutmix(alpha: 1),
      ])
    #expect(try Augmentation("none").isEmpty)
    #expect(try !Augmentation("flip").mixes)
    #expect(try Augmentation("flip mixup(1)").mixes)
    #expect(try Augmentation("translate(2) crop(5) flip").greatestTranslation == 5)
    #expect(try Augmentation("rotate(2)").greatestTranslation == nil)
  }

  static let names =
    "one of flip, altflip, translate, crop, rotate, zoom, shear, shift, elastic, brightness, "
    + "contrast, cutout, erase, mixup, cutmix"

  @Test(arguments: [
    (
      "",
      "position 1, (nothing): there is no step (expected steps such as altflip translate(2) cutout(8), or none)."
    ),
    ("flip cutot(8)", "position 6, cutot(8): there is no step “cutot” (expected \(names))."),
    ("(3)", "position 1, (3): there is no step “” (expected \(names))."),
    ("flip none", "position 6, none: there is no step “none” (expected \(names))."),
    (
      "flip(2)",
      "position 1, flip(2): the probability is “2” (expected a number from 0 to 1, in flip or flip(probability))."
    ),
    (
      "flip()",
      "position 1, flip(): the probability is missing (expected flip or flip(probability))."
    ),
    (
      "flip(0.5,1)",
      "position 1, flip(0.5,1): it does not take “1” (expected flip or flip(probability))."
    ),
    (
      "altflip(1)",
      "position 1, altflip(1): it does not take “1” (expected altflip without arguments)."
    ),
    (
      "translate",
      "position 1, translate: the distance is missing (expected translate(pixels), with padding=reflect|zero)."
    ),
    (
      "translate(-1)",
      "position 1, translate(-1): the distance is “-1” (expected a whole number from 0 to 1024, in translate(pixels), with padding=reflect|zero)."
    ),
    (
      "translate(2.5)",
      "position 1, translate(2.5): the distance is “2.5” (expected a whole number from 0 to 1024, in translate(pixels), with padding=reflect|zero)."
    ),
    (
      "translate(2,padding=edge)",
      "position 1, translate(2,padding=edge): it does not take “padding=edge” (expected translate(pixels), with padding=reflect|zero)."
    ),
    (
      "crop(2,zero)",
      "position 1, crop(2,zero): it does not take “zero” (expected crop(pixels), with padding=zero|reflect)."
    ),
    (
      "flip  rotate(181)",
      "position 7, rotate(181): the angle is “181” (expected a number from 0 to 180, in rotate(degrees))."
    ),
    (
      "rotate(nan)",
      "position 1, rotate(nan): the angle is “nan” (expected a number from 0 to 180, in rotate(degrees))."
    ),
    (
      "rotate(0x1p3)",
      "position 1, rotate(0x1p3): the angle is “0x1p3” (expected a number from 0 to 180, in rotate(degrees))."
    ),
    (
      "zoom(1)",
      "position 1, zoom(1): the zoom is “1” (expected a number from 0 to 0.9, in zoom(part), as 0.15 for factors from 0.85 to 1.15)."
    ),
    (
      "shear(61)",
      "position 1, shear(61): the angle is “61” (expected a number from 0 to 60, in shear(degrees))."
    ),
    (
      "cutout(0)",
      "position 1, cutout(0): the side is “0” (expected a whole number from 1 to 1024, in cutout(pixels))."
    ),
    (
      "erase(1.1)",
      "position 1, erase(1.1): the probability is “1.1” (expected a number from 0 to 1, in erase(probability))."
    ),
    (
      "mixup(0)",
      "position 1, mixup(0): the α is “0” (expected a number from 0.1 to 2, in mixup(α))."
    ),
    (
      "mixup(1) cutmix(1)",
      "position 10, cutmix(1): images are mixed twice (expected one of mixup and cutmix, once)."
    ),
    ("rotate(15", "position 1, rotate(15: the brackets are not right (expected rotate(degrees))."),
    ("rotate 15)", "position 1, rotate: the angle is missing (expected rotate(degrees))."),
    ("flip)", "position 1, flip): there is no step “flip)” (expected \(names))."),
    (
      "rotate((15))",
      "position 1, rotate((15)): the brackets are not right (expected rotate(degrees))."
    ),
    (
      "rotate(15)flip",
      "position 1, rotate(15)flip: the brackets are not right (expected rotate(degrees))."
    ),
  ])
  func tellsMistakes(_ text: String, _ message: String) {
    let error = #expect(throws: AugmentationError.self) { try Augmentation(text) }
    #expect(error?.description == message)
  }

  @Test func theNumberOfStepsIsLimited() throws {
    func flips(_ count: Int) -> String {
      Array(repeating: "flip", count: count).joined(separator: " ")
    }
    #expect(try Augmentation(flips(64)).steps.count == 64)
    let error = #expect(throws: AugmentationError.self) { try Augmentation(flips(65)) }
    #expect(
      error?.description == "position 321, flip: there are too many steps (expected at most 64).")
  }

  /// Any text gives an augmentation that its canonical form reproduces, or an error of one line.
  @Test func neverTraps() throws {
    let pieces = [
      "flip", "altflip", "translate", "crop", "rotate", "zoom", "shear", "shift", "elastic",
      "brightness", "contrast", "cutout", "erase", "mixup", "cutmix", "none", "(", ")", ",", "=",
      "padding=zero",
      "padding=reflect", " ", " ", "1", "0.5", "8", "-", "1e-3", "1e999", "é", "\u{301}", "\n",
    ]
    var random = TestNumbers(seed: 5)
    var good = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...9, using: &random))
        .map { _ in pieces.randomElement(using: &random)! }.joined()
      do throws(AugmentationError) {
        let augmentation = try Augmentation(text)
        good += 1
        #expect(try Augmentation(augmentation.description) == augmentation, "\(text)")
      } catch {
        #expect(error.position >= 1 && error.position <= text.count + 1, "\(text)")
      }
    }
    #expect(good > 100)
  }
}
