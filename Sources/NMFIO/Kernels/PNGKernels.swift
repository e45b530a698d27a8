import CPNG

/// Encodes through libpng's simplified interface; the caller has checked the size.
func encodePNG(_ picture: Picture) throws -> [UInt8] {
  var image = unsafe png_image()
  unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
  unsafe image.width = png_uint_32(picture.width)
  unsafe image.height = png_uint_32(picture.height)
  unsafe image.format =
    picture.channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : png_uint_32(0)
  // The largest a PNG of these pixels can get: deflate's bound, chunk headers, small chunks.
  let raw = picture.height * (picture.width * picture.channels + 1)
  let deflated = raw + raw / 8 + raw / 64 + 64
  let capacity = deflated + 12 * (deflated / 8192 + 1) + 1024
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    var size = png_alloc_size_t(capacity)
    // Safe: libpng writes at most `size` bytes and reads height × stride pixels, which exist.
    let written = unsafe picture.pixels.withUnsafeBufferPointer { pixels in
      unsafe png_image_write_to_memory(
        &image, buffer.baseAddress, &size, 0, pixels.baseAddress,
        png_int_32(picture.width * picture.channels), nil)
    }
    count = written != 0 ? Int(size) : 0
  }
  let reason = unsafe message(of: image)
  unsafe png_image_free(&image)
  guard !bytes.isEmpty else { throw PictureError.unencodablePNG(reason: reason) }
  return bytes
}

/// Decodes through libpng's simplified interface.
func decodePNG(_ bytes: [UInt8], forceColour: Bool) throws -> Picture {
  guard !bytes.isEmpty else { throw PictureError.undecodablePNG(reason: "the file is empty") }
  var image = unsafe png_image()
  unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
  defer { unsafe png_image_free(&image) }
  return try unsafe bytes.withUnsafeBytes { file in
    // Safe: `file` outlives both calls, which read no more than its count.
    guard unsafe png_image_begin_read_from_memory(&image, file.baseAddress, file.count) != 0 else {
      throw PictureError.undecodablePNG(reason: unsafe message(of: image))
    }
    let width = unsafe Int(image.width)
    let height = unsafe Int(image.height)
    try PNGCodec.checkSize(width: width, height: height)
    let stored = unsafe image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR) != 0
    let channels = stored || forceColour ? 3 : 1
    unsafe image.format = channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : png_uint_32(0)
    // 16-bit samples are grey levels like 8-bit ones, not linear light.
    unsafe image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    var white = png_color(red: 255, green: 255, blue: 255)
    let count = width * height * channels
    let pixels = try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      // Safe: height rows of `width * channels` bytes are exactly the buffer.
      let read = unsafe png_image_finish_read(
        &image, &white, buffer.baseAddress, png_int_32(width * channels), nil)
      guard read != 0 else {
        throw PictureError.undecodablePNG(reason: unsafe message(of: image))
      }
      initialized = count
    }
    return Picture(width: width, height: height, channels: channels, pixels: pixels)
  }
}

/// libpng's own words on what went wrong.
private func message(of image: png_image) -> String {
  unsafe withUnsafeBytes(of: image.message) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
