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

/// Decodes the PNG file `bytes` into `pixels`, `[height, width, channels]` without padding.
///
/// The header must have the given extents and channels, 8 bits for each channel, and no interlacing. Returns
/// 1, or 0 with libpng's reason in `message`. Any defect of the file is an error, also a wrong checksum.
/// Optional chunks are skipped after their checksums. The memory that libpng may allocate is limited. No
/// longjmp leaves the function.
int png_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                      int channels, uint8_t *pixels, char message[png_bridge_message_capacity]);

#ifdef __cplusplus
}
#endif

#endif
