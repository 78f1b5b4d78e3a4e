#ifndef JPEG_BRIDGE_H
#define JPEG_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The capacity of a message in bytes, with the terminating zero. It is at least libjpeg's JMSG_LENGTH_MAX.
enum { jpeg_bridge_message_capacity = 200 };

/// Decodes the JPEG file `bytes` into `pixels`, `[height, width, channels]` without padding.
///
/// `channels` is 1 for a file of one component, and 3 for one of three or four. The header must have the given
/// extents. Colors with four components become RGB as in Pillow: the values are those of Adobe's inverted
/// CMYK. The integer transform and the smooth interpolation of colors are exact, so all versions and
/// processors give equal pixels.
///
/// Returns 1, or 0 with the reason in `message`. Damaged and missing data are errors. The memory that
/// libjpeg may allocate and the number of scans are limited. No longjmp leaves the function.
int jpeg_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                       int channels, uint8_t *pixels, char message[jpeg_bridge_message_capacity]);

/// The version of libjpeg-turbo's headers as 1000000·major + 1000·minor + patch, or 0 if they are of another
/// libjpeg. The library itself tells no version.
int jpeg_bridge_turbo_version(void);

#ifdef __cplusplus
}
#endif

#endif
