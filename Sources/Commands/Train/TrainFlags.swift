import ArgumentParser
import Training

struct DataFlags: SettingFlags {
  static let group = Setting.Group.data

  @Option(setting: "dataset") var dataset: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Option(setting: "image-size") var imageSize: String?
  @Option(setting: "val-split") var valSplit: String?
  @Option(setting: "limit-train") var limitTrain: String?
  @Option(setting: "limit-test") var limitTest: String?
  @Option(setting: "sampler") var sampler: String?
  @Flag(setting: "shuffle") var noShuffle = false
  @Option(setting: "augment") var augment: String?
  @Option(setting: "mean") var mean: String?
  @Option(setting: "std") var std: String?
}

struct NetworkFlags: SettingFlags {
  static let group = Setting.Group.network

  @Option(setting: "model") var model: String?
  @Option(setting: "arch") var arch: String?
  @Option(setting: "decoder") var decoder: String?
  @Option(setting: "init") var `init`: String?
  @Option(setting: "init-layout") var initLayout: String?
  @Option(setting: "freeze") var freeze: String?
  @Option(setting: "init-scheme") var initScheme: String?
  @Option(setting: "conv-algorithm") var convAlgorithm: String?
}

struct TrainingFlags: SettingFlags {
  static let group = Setting.Group.training

  @Option(setting: "epochs") var epochs: String?
  @Option(setting: "max-steps") var maxSteps: String?
  @Option(setting: "batch-size") var batchSize: String?
  @Option(setting: "accumulate") var accumulate: String?
  @Option(setting: "seed") var seed: String?
  @Option(setting: "lr") var lr: String?
  @Option(setting: "lr-factor") var lrFactor: String?
  @Option(setting: "sched") var sched: String?
  @Option(setting: "opt") var opt: String?
  @Option(setting: "momentum") var momentum: String?
  @Flag(setting: "nesterov") var nesterov = false
  @Option(setting: "weight-decay") var weightDecay: String?
  @Option(setting: "weight-decay-on") var weightDecayOn: String?
  @Option(setting: "loss") var loss: String?
  @Option(setting: "smoothing") var smoothing: String?
  @Option(setting: "class-weights") var classWeights: String?
}

struct ExecutionFlags: SettingFlags {
  static let group = Setting.Group.execution

  @Option(setting: "threads") var threads: String?
  @Option(setting: "kernels") var kernels: String?
  @Option(setting: "log-every") var logEvery: String?
  @Option(setting: "checkpoint-every") var checkpointEvery: String?
  @Option(setting: "filters-every") var filtersEvery: String?
}
