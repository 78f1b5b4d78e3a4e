#include "png_bridge.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

// The state of the callbacks: the rest of the input, and the buffer for the reason of a failure.
struct source {
  const uint8_t *next;
  size_t left;
  char *message;
};

static void fail(png_structp png, png_const_charp reason) {
  struct source *source = png_get_error_ptr(png);
  strncpy(source->message, reason, png_bridge_message_capacity - 1);
  source->message[png_bridge_message_capacity - 1] = 0;
  png_longjmp(png, 1);
}

// Warnings concern optional chunks only.
static void ignore(png_structp png, png_const_charp reason) {
  (void)png;
  (void)reason;
}

static void supply(png_structp png, png_bytep output, size_t count) {
  struct source *source = png_get_io_ptr(png);
  if (count > source->left) fail(png, "the data ends early");
  memcpy(output, source->next, count);
  source->next += count;
  source->left -= count;
}

// Blends `count` pixels of `channels` values and an alpha value with the background, in place:
// y = (α·x + (255 − α)·background) / 255, rounded as in libpng and Pillow. Returns 1 if any α is below 255.
static int blend(uint8_t *pixels, size_t count, int channels, uint8_t background) {
  int is_transparent = 0;
  uint8_t *output = pixels;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *pixel = pixels + i * (size_t)(channels + 1);
    const unsigned alpha = pixel[channels];
    if (alpha < 255) is_transparent = 1;
    for (int c = 0; c < channels; c++) {
      const unsigned sum = pixel[c] * alpha + background * (255 - alpha) + 128;
      *output++ = (uint8_t)((sum + (sum >> 8)) >> 8);
    }
  }
  return is_transparent;
}

// Reads the rows with libpng's transforms to 8 bits. Returns the number of values of a pixel: `channels`, or
// one more for alpha.
static int read_rows(png_structp png, png_infop info, int channels, uint8_t *pixels) {
  // Palettes to RGB, fewer bits to 8, and transparent colors to alpha.
  png_set_expand(png);
  png_set_strip_16(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const int decoded = png_get_channels(png, info);
  const size_t stride = png_get_image_width(png, info) * (size_t)decoded;
  if ((decoded != channels && decoded != channels + 1) || png_get_bit_depth(png, info) != 8 ||
      png_get_rowbytes(png, info) != stride) {
    png_error(png, "the header is not the one that was read before");
  }
  const uint32_t height = png_get_image_height(png, info);
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * stride, NULL);
  }
  png_read_end(png, NULL);
  return decoded;
}

int png_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                      int channels, uint8_t background, uint8_t *pixels, int *is_transparent,
                      char message[png_bridge_message_capacity]) {
  struct source source = {bytes, count, message};
  message[0] = 0;
  *is_transparent = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
  if (!png) {
    strncpy(message, "no memory left", png_bridge_message_capacity);
    return 0;
  }
  png_infop info = png_create_info_struct(png);
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strncpy(message, "no memory left", png_bridge_message_capacity);
    return 0;
  }
  // No variable that is read after a longjmp changes after this setjmp.
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, &source, supply);
  png_set_user_limits(png, width, height);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_chunk_cache_max(png, 16);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // A count of −1 means all chunks except those that an image needs.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height) {
    png_error(png, "the header is not the one that was read before");
  }
  const int decoded = read_rows(png, info, channels, pixels);
  png_destroy_read_struct(&png, &info, NULL);
  if (decoded > channels) {
    *is_transparent = blend(pixels, (size_t)width * height, channels, background);
  }
  return 1;
}
