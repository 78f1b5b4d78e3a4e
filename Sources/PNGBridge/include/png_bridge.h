#ifndef PNG_BRIDGE_H
#define PNG_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The capacity of a message in bytes, with the terminating zero.
enum { png_bridge_message_capacity = 64 };

/// The maximum size in bytes of a PNG file with these extents, or 0 if an extent is zero or the image is too
/// large.
///
/// `channels` is 1 for gray or 3 for RGB, with 8 bits for each channel.
size_t png_bridge_capacity(uint32_t width, uint32_t height, int channels);

/// Writes `pixels`, `[height, width, channels]` without padding, as a PNG file into `output`.
///
/// Returns the number of bytes written, or 0 with the reason in `message`. No longjmp leaves the function:
/// libpng's simplified interface catches its own. The file has no time or text chunk, so equal pixels give
/// equal bytes with one version of libpng and zlib.
size_t png_bridge_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                         uint8_t *output, size_t capacity,
                         char message[png_bridge_message_capacity]);

/// Decodes the PNG file `bytes` into the start of `pixels`, `[height, width, channels]` without padding.
///
/// The header must have the given extents, and `channels` must be 1 for gray or 3 for RGB and palettes. Gray
/// values of 1, 2 and 4 bits are scaled to 8, and of 16 bits the upper 8 are taken. Transparent pixels are
/// blended with `background`, the value of every channel; `is_transparent` becomes 1 if there are any, and
/// else 0. Gamma is ignored.
///
/// `pixels` needs room for `[height, width, channels + 1]`. Returns 1, or 0 with libpng's reason in
/// `message`. Any defect of the file is an error, also a wrong checksum. Optional chunks are skipped after
/// their checksums. The memory that libpng may allocate is limited. No longjmp leaves the function.
int png_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                      int channels, uint8_t background, uint8_t *pixels, int *is_transparent,
                      char message[png_bridge_message_capacity]);

#ifdef __cplusplus
}
#endif

#endif
