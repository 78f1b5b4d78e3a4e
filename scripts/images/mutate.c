// Decodes image files and random changes of them: the check of the C bridges for scripts/check-images.
//
// usage: mutate ROUNDS < RECORDS
//
// A record has four numbers of 32 bits and the bytes of a file: its length, and the width, height and channels
// that its header states. The file itself must be decoded; of its changes, each is decoded or refused.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg_bridge.h"
#include "png_bridge.h"

static uint64_t state = 88172645463325252u;

// Marsaglia's xorshift (2003): equal numbers in every run.
static uint32_t draw(uint32_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 11) % bound;
}

static int decode(const uint8_t *bytes, size_t count, const uint32_t *size) {
  char message[jpeg_bridge_message_capacity];
  // Exactly as much memory as the bridges need, so that a write beyond is found.
  const size_t pixels = (size_t)size[0] * size[1];
  const int is_jpeg = count > 0 && bytes[0] == 0xff;
  uint8_t *output = malloc(pixels * (size[2] + (is_jpeg ? 0 : 1)));
  int is_transparent = 0;
  const int is_whole =
      is_jpeg ? jpeg_bridge_decode(bytes, count, size[0], size[1], (int)size[2], output, message)
              : png_bridge_decode(bytes, count, size[0], size[1], (int)size[2], 255, output,
                                  &is_transparent, message);
  free(output);
  return is_whole;
}

// A copy of the file with up to four bits or bytes changed, and often cut off.
static uint8_t *change(const uint8_t *bytes, size_t *count) {
  if (draw(4) == 0) *count = 1 + draw((uint32_t)*count);
  uint8_t *copy = malloc(*count);
  memcpy(copy, bytes, *count);
  for (uint32_t left = 1 + draw(4); left > 0; left--) {
    const uint32_t place = draw((uint32_t)*count);
    copy[place] = draw(2) ? (uint8_t)draw(256) : copy[place] ^ (uint8_t)(1 << draw(8));
  }
  return copy;
}

int main(int argc, char **argv) {
  const long rounds = argc > 1 ? atol(argv[1]) : 1000;
  long files = 0, decoded = 0, refused = 0;
  uint32_t header[4];
  while (fread(header, sizeof header, 1, stdin) == 1) {
    uint8_t *bytes = malloc(header[0]);
    if (fread(bytes, 1, header[0], stdin) != header[0]) return 2;
    if (!decode(bytes, header[0], header + 1)) {
      fprintf(stderr, "file %ld was refused\n", files);
      return 1;
    }
    files++;
    for (long round = 0; round < rounds; round++) {
      size_t count = header[0];
      uint8_t *changed = change(bytes, &count);
      if (decode(changed, count, header + 1)) {
        decoded++;
      } else {
        refused++;
      }
      free(changed);
    }
    free(bytes);
  }
  printf("%ld files and %ld changes of them: %ld decoded, %ld refused\n", files, decoded + refused,
         decoded, refused);
  return files == 0;
}
