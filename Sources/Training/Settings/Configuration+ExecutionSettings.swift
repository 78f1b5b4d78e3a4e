import Datasets
import Tensors

extension Configuration {
  /// The settings of what results do not depend on.
  static let executionSettings: [Setting] = [
    .text("data-dir", \.dataDirectory)
      .flag(.data, "The only folder in which to look for the files of the data set."),
    .boolean("skip-unreadable", \.skipsUnreadable, omitsDefault: true, changesResults: false)
      .switchFlag(.data, "Leave out the files of --dataset folder that cannot be read."),
    .text("init", \.initialValues)
      .flag(.network, "Initial values: a safetensors file with PyTorch's names."),
    .value(
      "init-layout", \.initialLayout,
      expected: "one of \(WeightLayout.allCases.map(\.rawValue).joined(separator: ", "))",
      changesResults: false, text: { $0?.rawValue },
      parse: { WeightLayout(rawValue: $0).map { .some($0) } }
    )
    .flag(
      .network, "The layout of that file's weights, recognized by its shapes unless given.",
      value: "layout", words: { WeightLayout.allCases.map(\.rawValue) }),
    .integer("max-steps", \.maxSteps, in: 1...1_000_000_000, changesResults: false)
      .flag(.training, "Stop after this many steps; the learning rates stay those of --epochs."),
    .integer("threads", \.threads, in: 1...256, changesResults: false)
      .flag(.execution, "Threads."),
    .value(
      "kernels", \.kernelSet,
      expected: "one of \(KernelSet.available.map(\.rawValue).joined(separator: ", ")) here",
      changesResults: false, text: { $0?.rawValue },
      parse: { text in KernelSet.available.first { $0.rawValue == text }.map { .some($0) } }
    )
    .flag(
      .execution, "The instruction set: avx512, avx2, neon or portable.",
      words: { KernelSet.available.map(\.rawValue) }),
    .integer("log-every", \.logEvery, in: 1...1_000_000, changesResults: false)
      .flag(.execution, "Steps between lines of progress, where progress is shown as lines."),
    .value(
      "checkpoint-every", \.checkpointInterval, expected: CheckpointInterval.forms,
      changesResults: false, text: { $0?.description },
      parse: { CheckpointInterval($0).map { .some($0) } }
    )
    .flag(
      .execution,
      "Save a checkpoint within an epoch, too: every 500 steps, or 90s, 10m or 2h after the last one.",
      value: "steps|time"),
    .integer("filters-every", \.filtersEvery, in: 0...1_000_000, changesResults: false)
      .flag(.execution, "Epochs between images of filters and reconstructions; 0 for none."),
    .boolean("tensorboard", \.writesEvents, omitsDefault: true, changesResults: false)
      .switchFlag(
        .execution,
        "Write scalars, images and histograms for TensorBoard into the run's tensorboard/."),
  ]
}
