#ifndef PNG_BRIDGE_H
#define PNG_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The length of `png_bridge_encode`'s message, its final zero included.
enum { png_bridge_message_capacity = 64 };

/// The most bytes that a PNG of this size can take, however badly it compresses; 0 when the size is
/// outside what PNG or this machine's memory can hold.
///
/// `channels` is 1 for gray and 3 for RGB, 8 bits a channel.
size_t png_bridge_capacity(uint32_t width, uint32_t height, int channels);

/// Writes `pixels`, `[height, width, channels]` without padding, as a PNG into `output`.
///
/// Returns the number of bytes written, or 0 with the reason in `message`. libpng's longjmp stays
/// inside: it is caught by libpng's own simplified interface. No time or text chunk is written, so
/// equal pixels give equal bytes with one version of libpng and zlib.
size_t png_bridge_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                         uint8_t *output, size_t capacity,
                         char message[png_bridge_message_capacity]);

/// Reads the PNG file `bytes`, whose image is known to be of this size and number of channels, 8
/// bits each and not interlaced, into `pixels`, `[height, width, channels]` without padding.
///
/// Returns 1, or 0 with libpng's reason in `message`: whatever is not as it should be, a checksum
/// included, ends the reading. Optional chunks are passed over unread, apart from their checksums,
/// and libpng may take no more memory than its rows need. Its longjmp stays inside.
int png_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                      int channels, uint8_t *pixels, char message[png_bridge_message_capacity]);

#ifdef __cplusplus
}
#endif

#endif
