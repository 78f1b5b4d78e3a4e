import Terminal

/// The sections with the images of the cells of the confusion matrix.
struct GallerySections {
  private let result: ClassificationResult
  private let gallery: ExampleGallery

  init(_ result: ClassificationResult, _ gallery: ExampleGallery) {
    self.result = result
    self.gallery = gallery
  }

  /// The mistakes by pair of classes.
  var mistakes: HTML {
    let (shown, all) = (gallery.shownMistakes, result.mistakes.count)
    let note: HTML =
      shown == all
      ? "\(all == 1 ? "The only mistake" : "All \(Format.count(all)) mistakes") by pair of classes, in each the largest loss first."
      : """
      Shown are \(Format.count(shown)) of \(Format.count(all)) mistakes, so that the page stays small: those \
      of the largest loss of each pair of classes, the most frequent pairs first. predictions.csv has all.
      """
    let groups = gallery.mistakes.map { group -> HTML in
      element(
        group,
        heading: "\(result.name(group.label)), taken for \(result.name(group.prediction))")
    }
    return "<p class=\"note\">\(note)</p>\n<div class=\"groups\">\n\(groups)</div>\n"
  }

  /// The right examples of each class of which the network was least sure.
  var right: HTML {
    let groups = gallery.right.map { group -> HTML in
      element(group, heading: "\(result.name(group.label))")
    }
    return """
      <p class="note">Examples of each class that are classified correctly, those of the largest loss \
      first.</p>
      <div class="groups">
      \(groups)</div>

      """
  }

  private func element(_ group: ExampleGallery.Group, heading: HTML) -> HTML {
    let name = ExampleGallery.name(group.label, group.prediction)
    let number: HTML =
      group.places.count == group.count
      ? "\(Format.count(group.count))"
      : "\(Format.count(group.places.count)) of \(Format.count(group.count))"
    let images = zip(group.places, group.thumbnails).map { place, image -> HTML in
      let factor = max(1, ExampleGallery.side / max(image.width, image.height))
      let confidence = Format.percent(result.examples.confidences[place], decimals: 1)
      let text = "Example \(result.placeText(place)), confidence \(confidence)"
      let picture = image.element(
        alternative: text, factor: Double(factor), isSharp: factor > 1)
      return "<li>\(picture)</li>\n"
    }
    return """
      <div class="group">
      <h3 id="\(name)">\(heading) (\(number))</h3>
      <ul class="thumbs">
      \(images)</ul>
      </div>

      """
  }
}
