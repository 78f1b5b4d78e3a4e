import ArgumentParser
import Terminal

extension ProgressDisplay.Mode: ExpressibleByArgument {}
