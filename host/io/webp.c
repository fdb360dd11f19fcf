/* webp.c - WebP in and out. A file is chunks, which libwebpdemux finds and libwebpmux puts together;
 * libwebp unpacks and packs what is in them. A still picture is one frame, as large as the canvas. */
#include "io/webp.h"

#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/exif.h"

bool mcl_webp_begins(const void *bytes, size_t n) {
  return n >= 12 && !memcmp(bytes, "RIFF", 4) && !memcmp((const char *)bytes + 8, "WEBP", 4);
}

static int fail_version(motcl_err *err) {
  return mcl_fail(err, MOTCL_EUNSUPPORTED,
                  "libwebp is of another version than motcl was compiled with");
}

static int fail_memory(motcl_err *err, uint32_t width, uint32_t height) {
  return mcl_fail(err, MOTCL_ENOMEM, "out of memory for a WebP picture of %ux%u pixels", width,
                  height);
}

/* ---- reading ---- */

/*
 * A file whose first frame is all there.
 *
 * frame          the first one
 * width, height  of the canvas
 * alpha          whether the file says that there is transparency: if not, none of a frame counts
 */
typedef struct reader {
  WebPDemuxer *demux;
  WebPIterator frame;
  uint32_t width, height;
  bool alpha;
  const char *remark;
} reader;

static void close_reader(reader *r) {
  WebPDemuxReleaseIterator(&r->frame);
  WebPDemuxDelete(r->demux);
}

static int fail_cut(motcl_err *err) {
  return mcl_fail(err, MOTCL_EFORMAT, "the WebP picture is cut short");
}

static int fail_damaged(motcl_err *err) {
  return mcl_fail(err, MOTCL_EFORMAT, "the WebP picture is damaged");
}

/* Whether a file is shorter than it says, of which libwebp tells only if it comes to a chunk that is. */
static bool is_cut(const uint8_t *bytes, size_t n) {
  uint32_t size = (uint32_t)bytes[7] << 24 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[5] << 8 |
                  (uint32_t)bytes[4];
  return n - 8 < size;
}

/* On failure there is nothing to close. */
static int open_reader(reader *r, const uint8_t *bytes, size_t n, motcl_err *err) {
  const WebPData file = {bytes, n};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  WebPBitstreamFeatures said;
  *r = (reader){.demux = WebPDemuxPartial(&file, &state)};
  int rc = MOTCL_OK;
  if (state == WEBP_DEMUX_PARSE_ERROR)
    rc = fail_damaged(err);
  else if (!r->demux || !WebPDemuxGetFrame(r->demux, 1, &r->frame) || !r->frame.complete)
    rc = fail_cut(err);
  if (rc != MOTCL_OK) {
    close_reader(r);
    return rc;
  }
  r->width = WebPDemuxGetI(r->demux, WEBP_FF_CANVAS_WIDTH);
  r->height = WebPDemuxGetI(r->demux, WEBP_FF_CANVAS_HEIGHT);
  r->alpha = WebPGetFeatures(bytes, n, &said) != VP8_STATUS_OK || said.has_alpha;
  if (is_cut(bytes, n))
    r->remark = "the WebP is cut short behind its pixels";
  else if (r->frame.num_frames > 1)
    r->remark = "the WebP is an animation, of which the first frame is taken";
  return MOTCL_OK;
}

/* The first chunk of a name; no bytes if there is none. They are the file's, which outlive the iterator. */
static WebPData find_chunk(const reader *r, const char *name) {
  WebPChunkIterator i;
  if (!WebPDemuxGetChunk(r->demux, name, 1, &i))
    return (WebPData){0};
  const WebPData chunk = i.chunk;
  WebPDemuxReleaseChunkIterator(&i);
  return chunk;
}

static unsigned orientation_of(const reader *r) {
  const WebPData exif = find_chunk(r, "EXIF"), xmp = find_chunk(r, "XMP ");
  mcl_turned turned = {.has_exif = exif.bytes != NULL};
  if (exif.bytes)
    turned.exif = mcl_exif_orientation(exif.bytes, exif.size);
  if (xmp.bytes)
    turned.xmp = mcl_xmp_orientation((const char *)xmp.bytes, xmp.size);
  return mcl_turned_by(&turned);
}

/* The frame, into its place on the canvas, which is transparent around it, or black. */
static int read_pixels(const reader *r, mcl_image *im, motcl_err *err) {
  size_t row = (size_t)im->width * im->channels, size = row * im->height;
  size_t at = (size_t)r->frame.y_offset * row + (size_t)r->frame.x_offset * im->channels;
  WebPDecoderConfig c;
  if (!WebPInitDecoderConfig(&c))
    return fail_version(err);
  if ((uint32_t)r->frame.width < im->width || (uint32_t)r->frame.height < im->height)
    memset(im->px, 0, size);
  c.output.colorspace = r->alpha ? MODE_RGBA : MODE_RGB;
  c.output.is_external_memory = 1;
  c.output.u.RGBA = (WebPRGBABuffer){im->px + at, (int)row, size - at};
  switch (WebPDecode(r->frame.fragment.bytes, r->frame.fragment.size, &c)) {
  case VP8_STATUS_OK:
    return MOTCL_OK;
  case VP8_STATUS_OUT_OF_MEMORY:
    return fail_memory(err, im->width, im->height);
  case VP8_STATUS_NOT_ENOUGH_DATA:
  case VP8_STATUS_SUSPENDED:
    return fail_cut(err);
  default:
    return fail_damaged(err);
  }
}

/* What a file packs says nothing of how many pixels come of it: a picture of one colour is a few bytes, of
 * any size. So the limits alone bound the memory. */
int mcl_webp_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                  size_t n, const mcl_picture_limits *lim, motcl_err *err) {
  reader r;
  mcl_image im = {0};
  int rc = open_reader(&r, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_picture_check_size(r.width, r.height, lim, err);
  if (rc == MOTCL_OK)
    rc = mcl_image_init(&im, r.width, r.height, r.alpha ? 4 : 3, err);
  if (rc == MOTCL_OK)
    rc = read_pixels(&r, &im, err);
  if (rc == MOTCL_OK) {
    *orientation = orientation_of(&r);
    *remark = r.remark;
    *out = im;
  } else {
    mcl_image_finish(&im);
  }
  close_reader(&r);
  return rc;
}

int mcl_webp_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                   const mcl_picture_limits *lim, motcl_err *err) {
  reader r;
  int rc = open_reader(&r, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_picture_check_size(r.width, r.height, lim, err);
  if (rc == MOTCL_OK) {
    *orientation = orientation_of(&r);
    sides[0] = r.width;
    sides[1] = r.height;
  }
  close_reader(&r);
  return rc;
}

int mcl_webp_exif(const uint8_t **exif, size_t *exif_n, const uint8_t *bytes, size_t n,
                  motcl_err *err) {
  reader r;
  int rc = open_reader(&r, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  const WebPData chunk = find_chunk(&r, "EXIF");
  *exif = chunk.bytes;
  *exif_n = chunk.size;
  close_reader(&r);
  return MOTCL_OK;
}

/* ---- writing ---- */

enum { EFFORT = 6 }; /* of 9, for lossless ones: what libwebp's own command takes */

static bool configure(WebPConfig *c, int quality) {
  if (!WebPConfigInit(c))
    return false;
  c->quality = (float)quality;
  return quality || WebPConfigLosslessPreset(c, EFFORT);
}

/* A picture without metadata. What was written goes with the writer, however it ends. */
static int encode(WebPMemoryWriter *w, const mcl_image *rgb, int quality, motcl_err *err) {
  WebPConfig c;
  WebPPicture p;
  if (!configure(&c, quality) || !WebPPictureInit(&p))
    return fail_version(err);
  p.use_argb = !quality;
  p.width = (int)rgb->width;
  p.height = (int)rgb->height;
  p.writer = WebPMemoryWrite;
  p.custom_ptr = w;
  bool done = WebPPictureImportRGB(&p, rgb->px, (int)rgb->width * 3) && WebPEncode(&c, &p);
  WebPEncodingError code = p.error_code;
  WebPPictureFree(&p);
  if (done)
    return MOTCL_OK;
  if (code == VP8_ENC_ERROR_OUT_OF_MEMORY || code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
    return fail_memory(err, rgb->width, rgb->height);
  return mcl_fail(err, MOTCL_EINVAL,
                  "the WebP picture cannot be written (libwebp's error %d): write a PNG",
                  (int)code);
}

/* A file of the picture, and of the comment if that is not NULL; false without memory. */
static bool put_together(WebPData *file, const WebPMemoryWriter *picture, const char *comment) {
  const WebPData frame = {picture->mem, picture->size};
  WebPData exif = {0};
  uint8_t *bytes = comment ? mcl_exif_with_comment(&exif.size, comment) : NULL;
  exif.bytes = bytes;
  WebPMux *mux = WebPMuxNew();
  bool done = mux && !comment == !bytes && WebPMuxSetImage(mux, &frame, 0) == WEBP_MUX_OK &&
              (!bytes || WebPMuxSetChunk(mux, "EXIF", &exif, 0) == WEBP_MUX_OK) &&
              WebPMuxAssemble(mux, file) == WEBP_MUX_OK;
  WebPMuxDelete(mux);
  mcl_free(bytes);
  return done;
}

int mcl_webp_write(uint8_t **out, size_t *n, const mcl_image *rgb, int quality, const char *comment,
                   motcl_err *err) {
  WebPMemoryWriter w;
  WebPData file;
  uint8_t *bytes = NULL;
  if (rgb->width > WEBP_MAX_DIMENSION || rgb->height > WEBP_MAX_DIMENSION)
    return mcl_fail(err, MOTCL_EINVAL,
                    "a WebP picture has at most %d pixels on a side, not %ux%u: write a PNG",
                    WEBP_MAX_DIMENSION, rgb->width, rgb->height);
  WebPMemoryWriterInit(&w);
  WebPDataInit(&file);
  int rc = encode(&w, rgb, quality, err);
  if (rc == MOTCL_OK) {
    bytes = put_together(&file, &w, comment) ? mcl_alloc(file.size, 1) : NULL;
    rc = bytes ? MOTCL_OK : fail_memory(err, rgb->width, rgb->height);
  }
  if (rc == MOTCL_OK) {
    memcpy(bytes, file.bytes, file.size);
    *out = bytes;
    *n = file.size;
  }
  WebPDataClear(&file);
  WebPMemoryWriterClear(&w);
  return rc;
}
