#include "png_bridge.h"

#include <png.h>
#include <string.h>

// The greatest width and height. It keeps the products below within 64 bits, and a row within libpng's
// signed 32-bit stride.
static const uint32_t largest_side = 1000000;

static int is_valid(uint32_t width, uint32_t height, int channels) {
  return width > 0 && height > 0 && width <= largest_side && height <= largest_side &&
         (channels == 1 || channels == 3);
}

static png_image describe(uint32_t width, uint32_t height, int channels) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  return image;
}

size_t png_bridge_capacity(uint32_t width, uint32_t height, int channels) {
  if (!is_valid(width, height, channels)) return 0;
  // PNG_IMAGE_PNG_SIZE_MAX computes in 32 bits, so larger images would overflow.
  const uint64_t pixels = (uint64_t)width * height * (uint64_t)channels;
  if (pixels > 0x70000000u) return 0;
  const png_image image = describe(width, height, channels);
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

size_t png_bridge_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                         uint8_t *output, size_t capacity,
                         char message[png_bridge_message_capacity]) {
  message[0] = 0;
  if (png_bridge_capacity(width, height, channels) == 0) {
    strncpy(message, "image size not supported", png_bridge_message_capacity);
    return 0;
  }
  png_image image = describe(width, height, channels);
  png_alloc_size_t count = capacity;
  if (!png_image_write_to_memory(&image, output, &count, 0, pixels, 0, NULL)) {
    strncpy(message, image.message[0] ? image.message : "the buffer is too small",
            png_bridge_message_capacity);
    message[png_bridge_message_capacity - 1] = 0;
    return 0;
  }
  return count;
}
