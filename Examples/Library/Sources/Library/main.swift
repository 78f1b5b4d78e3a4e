import Datasets
import Training

// Images of your own: 8×8 pixels with a bright bar, across or upright, at a random place.
func image(upright: Bool) -> [UInt8] {
  let place = Int.random(in: 0..<8)
  return (0..<64).map { (upright ? $0 % 8 : $0 / 8) == place ? 255 : UInt8.random(in: 0...99) }
}
let labels: [UInt8] = (0..<400).map { UInt8($0 % 2) }
let images = ImageSet(
  height: 8, width: 8, channels: 1, classes: 2,
  pixels: labels.flatMap { image(upright: $0 == 1) }, labels: labels)

// A network from its notation.
let model = try Model(
  "conv(8,3) relu pool(2) fc(classes)", height: 8, width: 8, channels: 1,
  classNames: ["across", "upright"])

// Training steps, forty images of them set aside to validate with.
let trainer = try Trainer(model, on: images, validation: 40) {
  $0.epochs = 5
  $0.batchSize = 20
  $0.learningRate = 0.05
}
while !trainer.isFinished {
  let (step, epoch) = try trainer.advance()
  if step.step % 18 == 0 { print("step \(step.step): loss \(step.loss)") }
  if let epoch { print("epoch \(epoch.epoch): accuracy \(epoch.validationAccuracy ?? 0)") }
}

// Answers for new images.
print(model.classes(of: image(upright: true) + image(upright: false)))
print(model.probabilities(of: image(upright: true)))

// A file, and the model read from it.
try model.save(to: "bars.safetensors")
let again = try Model(contentsOf: "bars.safetensors")
print(again.classes(of: image(upright: false)))
