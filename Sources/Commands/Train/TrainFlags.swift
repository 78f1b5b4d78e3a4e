import ArgumentParser
import Training

struct DataFlags: SettingFlags {
  static let group = Setting.Group.data

  @Option(setting: "dataset") var dataset: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Option(setting: "image-size") var imageSize: String?
  @Option(setting: "background") var background: String?
  @Flag(setting: "skip-unreadable") var skipUnreadable = false
  @Option(setting: "val-split") var valSplit: String?
  @Option(setting: "limit-train") var limitTrain: String?
  @Option(setting: "limit-test") var limitTest: String?
  @Option(setting: "overfit-batches") var overfitBatches: String?
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
  @Option(setting: "head-std") var headStd: String?
  @Option(setting: "whiten") var whiten: String?
  @Option(setting: "train-for") var trainFor: String?
  @Option(setting: "image-sizes") var imageSizes: String?
  @Option(setting: "conv-algorithm") var convAlgorithm: String?
}

struct TrainingFlags: SettingFlags {
  static let group = Setting.Group.training

  @Option(setting: "epochs") var epochs: String?
  @Option(setting: "max-steps") var maxSteps: String?
  @Option(setting: "batch-size") var batchSize: String?
  @Option(setting: "accumulate") var accumulate: String?
  @Flag(setting: "drop-last") var dropLast = false
  @Option(setting: "seed") var seed: String?
  @Option(setting: "lr") var lr: String?
  @Option(setting: "lr-factor") var lrFactor: String?
  @Option(setting: "sched") var sched: String?
  @Option(setting: "warmup") var warmup: String?
  @Option(setting: "opt") var opt: String?
  @Option(setting: "momentum") var momentum: String?
  @Flag(setting: "nesterov") var nesterov = false
  @Flag(setting: "decoupled-weight-decay") var decoupledWeightDecay = false
  @Option(setting: "betas") var betas: String?
  @Option(setting: "eps") var eps: String?
  @Option(setting: "alpha") var alpha: String?
  @Option(setting: "muon-rest") var muonRest: String?
  @Option(setting: "muon-coefficients") var muonCoefficients: String?
  @Option(setting: "muon-rescale") var muonRescale: String?
  @Option(setting: "weight-decay") var weightDecay: String?
  @Option(setting: "weight-decay-on") var weightDecayOn: String?
  @Option(setting: "groups") var groups: String?
  @Option(setting: "clip-norm") var clipNorm: String?
  @Option(setting: "clip-value") var clipValue: String?
  @Option(setting: "lookahead") var lookahead: String?
  @Option(setting: "ema") var ema: String?
  @Option(setting: "swa") var swa: String?
  @Option(setting: "patience") var patience: String?
  @Option(setting: "keep") var keep: String?
  @Option(setting: "proxy") var proxy: String?
  @Option(setting: "hardest") var hardest: String?
  @Option(setting: "loss") var loss: String?
  @Option(setting: "smoothing") var smoothing: String?
  @Option(setting: "loss-reduction") var lossReduction: String?
  @Option(setting: "class-weights") var classWeights: String?
  @Option(setting: "tta") var tta: String?
}

struct ExecutionFlags: SettingFlags {
  static let group = Setting.Group.execution

  @Option(setting: "threads") var threads: String?
  @Option(setting: "kernels") var kernels: String?
  @Option(setting: "log-every") var logEvery: String?
  @Option(setting: "checkpoint-every") var checkpointEvery: String?
  @Option(setting: "filters-every") var filtersEvery: String?
  @Flag(setting: "tensorboard") var tensorboard = false
}
