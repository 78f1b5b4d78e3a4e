#include "jpeg_bridge.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

_Static_assert(jpeg_bridge_message_capacity >= JMSG_LENGTH_MAX, "libjpeg's messages are longer");

// The greatest number of scans. Each scan of a few bytes can cost a pass over the whole image.
static const int most_scans = 500;

// What libjpeg may allocate: the coefficients of the largest progressive image, and its tables.
static const long most_memory = 1L << 30;

struct handler {
  struct jpeg_error_mgr manager;  // libjpeg knows the address of this member only
  jmp_buf jump;
  char *message;
};

static void fail(j_common_ptr info) {
  struct handler *handler = (struct handler *)info->err;
  if (handler->manager.msg_code == JWRN_JPEG_EOF || handler->manager.msg_code == JERR_INPUT_EOF) {
    strcpy(handler->message, "the data ends early");
  } else {
    handler->manager.format_message(info, handler->message);
  }
  longjmp(handler->jump, 1);
}

// Warnings about the image's data are errors; others concern markers that an image does not need.
static void judge(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      fail(info);
    default:
      break;
  }
}

static void count_scans(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > most_scans) {
    struct handler *handler = (struct handler *)info->err;
    strcpy(handler->message, "too many scans");
    longjmp(handler->jump, 1);
  }
}

// x · y / 255, rounded as in Pillow's MULDIV255.
static int product(int x, int y) {
  const int sum = x * y + 128;
  return ((sum >> 8) + sum) >> 8;
}

// Pillow's conversion of a row of CMYK to RGB, with the file's values inverted.
static void convert_row(const uint8_t *inks, uint32_t width, uint8_t *output) {
  for (uint32_t x = 0; x < width; x++) {
    const int light = inks[4 * x + 3];
    for (int c = 0; c < 3; c++) {
      output[3 * x + c] = (uint8_t)(light - product(255 - inks[4 * x + c], light));
    }
  }
}

static void read_pixels(j_decompress_ptr info, uint32_t width, uint32_t height, int channels,
                        uint8_t *pixels) {
  const int is_inks = info->num_components == 4;
  info->out_color_space = channels == 1 ? JCS_GRAYSCALE : is_inks ? JCS_CMYK : JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  // It would guess the details that an incomplete progressive file lacks.
  info->do_block_smoothing = FALSE;
  jpeg_start_decompress(info);
  JSAMPROW inks = NULL;
  if (is_inks) {
    inks = info->mem->alloc_large((j_common_ptr)info, JPOOL_IMAGE, (size_t)width * 4);
  }
  const size_t stride = (size_t)width * (size_t)channels;
  while (info->output_scanline < height) {
    uint8_t *target = pixels + info->output_scanline * stride;
    JSAMPROW row = is_inks ? inks : target;
    jpeg_read_scanlines(info, &row, 1);
    if (is_inks) convert_row(inks, width, target);
  }
  jpeg_finish_decompress(info);
}

int jpeg_bridge_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                       int channels, uint8_t *pixels, char message[jpeg_bridge_message_capacity]) {
  struct jpeg_decompress_struct info;
  struct handler handler;
  struct jpeg_progress_mgr progress;
  memset(&info, 0, sizeof info);
  memset(&progress, 0, sizeof progress);
  message[0] = 0;
  info.err = jpeg_std_error(&handler.manager);
  handler.manager.error_exit = fail;
  handler.manager.emit_message = judge;
  handler.message = message;
  // No variable of this function that is read after a longjmp changes after this setjmp.
  if (setjmp(handler.jump)) {
    jpeg_destroy_decompress(&info);
    return 0;
  }
  jpeg_create_decompress(&info);
  info.mem->max_memory_to_use = most_memory;
  progress.progress_monitor = count_scans;
  info.progress = &progress;
  jpeg_mem_src(&info, bytes, (unsigned long)count);
  jpeg_read_header(&info, TRUE);
  const int expected = info.num_components == 1 ? 1 : 3;
  if (info.image_width != width || info.image_height != height || channels != expected ||
      info.num_components == 2 || info.num_components > 4) {
    strcpy(message, "the header is not the one that was read before");
    longjmp(handler.jump, 1);
  }
  read_pixels(&info, width, height, channels, pixels);
  jpeg_destroy_decompress(&info);
  return 1;
}

int jpeg_bridge_turbo_version(void) {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  return LIBJPEG_TURBO_VERSION_NUMBER;
#else
  return 0;
#endif
}
