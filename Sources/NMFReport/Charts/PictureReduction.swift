import NMFIO

extension Picture {
  /// The picture at most `side` pixels wide and high: each pixel the mean of a square of pixels.
  func reduced(toFit side: Int) -> Picture {
    let factor = (max(self.width, self.height) + side - 1) / side
    guard factor > 1 else { return self }
    let width = (self.width + factor - 1) / factor
    let height = (self.height + factor - 1) / factor
    var reduced: [UInt8] = []
    reduced.reserveCapacity(width * height * channels)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          var (sum, count) = (0, 0)
          for row in y * factor..<min((y + 1) * factor, self.height) {
            for column in x * factor..<min((x + 1) * factor, self.width) {
              sum += Int(pixels[(row * self.width + column) * channels + channel])
              count += 1
            }
          }
          reduced.append(UInt8((sum + count / 2) / max(1, count)))
        }
      }
    }
    return Picture(width: width, height: height, channels: channels, pixels: reduced)
  }
}
