/* png.c - PNG in and out. libspng is shown only the chunks that make the pixels: what stands in
 * the others (colour, text, dates) can then neither refuse a picture nor unpack into memory. */
#include "io/png.h"

#include <spng.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/exif.h"

/* ---- chunks ---- */

#define SIGNATURE 8
#define FRAME 12 /* length and type before a chunk's data, checksum after */

/* The file, and how far libspng has read it. */
typedef struct source {
  const uint8_t *bytes;
  size_t n;
  size_t at;   /* next byte of the file */
  size_t left; /* of them, bytes to hand out before the next chunk is looked at */
  uint8_t color_type;
} source;

static size_t u32_at(const uint8_t *p) {
  return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static bool is_type(const uint8_t *chunk, const char *type) {
  return !memcmp(chunk + 4, type, 4);
}

/* Critical chunks have a capital first letter. Transparency beside an alpha channel has no
 * meaning, and Pillow does not read it. */
static bool makes_pixels(const source *s, const uint8_t *chunk) {
  if (is_type(chunk, "tRNS"))
    return s->color_type != SPNG_COLOR_TYPE_GRAYSCALE_ALPHA &&
           s->color_type != SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  return (chunk[4] & 0x20) == 0;
}

static int stream(spng_ctx *ctx, void *user, void *dest, size_t length) {
  (void)ctx;
  source *s = user;
  uint8_t *to = dest;
  while (length) {
    while (!s->left) {
      if (s->n - s->at < FRAME)
        return SPNG_IO_EOF;
      size_t whole = FRAME + u32_at(s->bytes + s->at);
      if (whole > s->n - s->at)
        return SPNG_IO_EOF;
      if (makes_pixels(s, s->bytes + s->at))
        s->left = whole;
      else
        s->at += whole;
    }
    size_t part = length < s->left ? length : s->left;
    memcpy(to, s->bytes + s->at, part);
    to += part;
    length -= part;
    s->at += part;
    s->left -= part;
  }
  return 0;
}

/* Walk the chunks to IEND: they are all there, and where the EXIF data and how large the packed
 * pixels are. */
static int survey(source *s, size_t *packed, unsigned *orientation, motcl_err *err) {
  bool ended = false;
  *packed = 0;
  *orientation = 1;
  for (size_t at = SIGNATURE; !ended; at += FRAME + u32_at(s->bytes + at)) {
    if (s->n - at < FRAME || u32_at(s->bytes + at) > s->n - at - FRAME)
      return mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is cut short");
    const uint8_t *chunk = s->bytes + at;
    size_t length = u32_at(chunk);
    if (at == SIGNATURE && is_type(chunk, "IHDR") && length == 13)
      s->color_type = chunk[17];
    else if (is_type(chunk, "IDAT"))
      *packed += length;
    else if (is_type(chunk, "eXIf"))
      *orientation = mcl_exif_orientation(chunk + 8, length);
    ended = is_type(chunk, "IEND");
  }
  s->at = 0;
  s->left = SIGNATURE;
  return MOTCL_OK;
}

/* ---- samples ---- */

/* What a picture's samples mean. */
typedef struct layout {
  struct spng_ihdr ihdr;
  struct spng_trns trns;
  bool transparent; /* trns counts */
  uint8_t palette[256][4];
  uint32_t channels; /* of the result */
  uint32_t samples;  /* per pixel in the file */
  size_t row;        /* bytes of a row in the file */
} layout;

/* Places beyond a palette's end are black, as in Pillow. */
static void read_palette(layout *l, spng_ctx *ctx) {
  struct spng_plte plte = {0};
  if (spng_get_plte(ctx, &plte))
    plte.n_entries = 0;
  for (uint32_t i = 0; i < 256; i++) {
    uint8_t *p = l->palette[i];
    p[3] = l->transparent && i < l->trns.n_type3_entries ? l->trns.type3_alpha[i] : 255;
    if (i >= plte.n_entries)
      continue;
    p[0] = plte.entries[i].red;
    p[1] = plte.entries[i].green;
    p[2] = plte.entries[i].blue;
  }
}

static void read_layout(layout *l, spng_ctx *ctx) {
  static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
  l->samples = samples[l->ihdr.color_type];
  l->row = ((size_t)l->ihdr.width * l->samples * l->ihdr.bit_depth + 7) / 8;
  l->transparent = spng_get_trns(ctx, &l->trns) == 0;
  l->channels = l->transparent ? 4 : l->samples;
  if (l->ihdr.color_type == SPNG_COLOR_TYPE_INDEXED) {
    l->channels = l->transparent ? 4 : 3;
    read_palette(l, ctx);
  } else if (l->samples == 2 && l->ihdr.bit_depth == 16) {
    l->channels = 4;
  }
}

/* Sample i of a row: the whole of it, of 1 to 16 bits. */
static unsigned sample(const layout *l, const uint8_t *row, size_t i) {
  unsigned depth = l->ihdr.bit_depth;
  if (depth == 16)
    return (unsigned)row[2 * i] << 8 | row[2 * i + 1];
  if (depth == 8)
    return row[i];
  size_t bit = i * depth;
  return (unsigned)row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
}

static uint8_t to_8_bits(unsigned v, unsigned depth) {
  return (uint8_t)(depth == 16 ? v >> 8 : v * (255 / ((1u << depth) - 1)));
}

/* Whether grey v is the transparent one. Pillow compares grey of 2 and 4 bits after widening it,
 * with a value it does not widen. */
static bool grey_is_clear(const layout *l, unsigned v) {
  unsigned depth = l->ihdr.bit_depth, clear = l->trns.gray;
  if (depth == 1)
    return v == (clear != 0);
  return (depth == 16 ? v : to_8_bits(v, depth)) == (depth == 16 ? clear : (clear & 0xff));
}

static bool is_clear(const layout *l, const unsigned *v) {
  if (l->samples == 1)
    return grey_is_clear(l, v[0]);
  unsigned mask = l->ihdr.bit_depth == 16 ? 0xffff : 0xff;
  return v[0] == (l->trns.red & mask) && v[1] == (l->trns.green & mask) &&
         v[2] == (l->trns.blue & mask);
}

static void put_pixel(uint8_t *to, const layout *l, const uint8_t *row, size_t x) {
  unsigned v[4];
  for (uint32_t s = 0; s < l->samples; s++)
    v[s] = sample(l, row, x * l->samples + s);
  if (l->ihdr.color_type == SPNG_COLOR_TYPE_INDEXED) {
    memcpy(to, l->palette[v[0]], l->channels);
    return;
  }
  bool alpha = l->samples == 2 || l->samples == 4;
  for (uint32_t c = 0; c < l->channels; c++) {
    uint32_t from = l->samples <= 2 ? 0 : c;
    if (alpha && c + 1 == l->channels)
      from = l->samples - 1;
    to[c] = l->transparent && c == 3 ? (is_clear(l, v) ? 0 : 255)
                                     : to_8_bits(v[from], l->ihdr.bit_depth);
  }
}

static void put_pixels(mcl_image *im, const layout *l, const uint8_t *raw) {
  uint8_t *to = im->px;
  for (size_t y = 0; y < im->height; y++)
    for (size_t x = 0; x < im->width; x++, to += im->channels)
      put_pixel(to, l, raw + y * l->row, x);
}

/* ---- reading ---- */

static void *spng_malloc(size_t size) {
  return mcl_alloc(1, size);
}

static void *spng_realloc(void *p, size_t size) {
  return mcl_realloc(p, 1, size);
}

static spng_ctx *new_context(int flags) {
  struct spng_alloc alloc = {spng_malloc, spng_realloc, mcl_zalloc, mcl_free};
  return spng_ctx_new2(&alloc, flags);
}

/* To libspng a zlib without memory is a stream that is damaged, so `code`, which a call came to
 * that began with that number of misses, may be corrected. */
static int check_memory(int code, size_t misses, motcl_err *err) {
  if (code == MOTCL_OK || mcl_mem_misses() == misses)
    return code;
  return mcl_fail(err, MOTCL_ENOMEM, "out of memory for a PNG picture");
}

static int fail_spng_at(const char *where, motcl_err *err, int code) {
  return mcl_fail_at(err, MOTCL_EFORMAT, 0, where,
                     "the PNG picture is damaged or of a kind not read (%s)", spng_strerror(code));
}
#define fail_spng(...) fail_spng_at(__func__, __VA_ARGS__)

/* Where the file's samples are the result's, they go there; else through a copy of the file's. */
static int decode(mcl_image *im, const layout *l, spng_ctx *ctx, motcl_err *err) {
  bool as_stored = l->ihdr.bit_depth == 8 && l->samples == l->channels &&
                   l->ihdr.color_type != SPNG_COLOR_TYPE_INDEXED;
  size_t size;
  uint8_t *raw = im->px;
  if (!mcl_mul_ok(l->row, l->ihdr.height, &size))
    return mcl_fail_nomem(err, SIZE_MAX);
  if (!as_stored)
    raw = mcl_zalloc(1, size); /* libspng ors interlaced samples below 8 bits in */
  if (!raw)
    return mcl_fail_nomem(err, size);

  int bad = spng_decode_image(ctx, raw, size, SPNG_FMT_RAW, 0);
  if (!bad)
    bad = spng_decode_chunks(ctx); /* the end as well */
  if (!bad && !as_stored)
    put_pixels(im, l, raw);
  if (!as_stored)
    mcl_free(raw);
  return bad ? fail_spng(err, bad) : MOTCL_OK;
}

static int read_picture(mcl_image *im, spng_ctx *ctx, size_t packed, const mcl_picture_limits *lim,
                        motcl_err *err) {
  layout l = {0};
  int bad = spng_get_ihdr(ctx, &l.ihdr);
  if (bad)
    return fail_spng(err, bad);
  int rc = mcl_picture_check_size(l.ihdr.width, l.ihdr.height, lim, err);
  if (rc)
    return rc;
  bad = spng_decode_chunks(ctx);
  if (bad)
    return fail_spng(err, bad);
  read_layout(&l, ctx);

  /* deflate makes at most 1032 bytes of one: a file that promises more is refused before memory
   * is taken */
  if (l.row * (uint64_t)l.ihdr.height / 1032 > packed)
    return mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is cut short");
  rc = mcl_image_init(im, l.ihdr.width, l.ihdr.height, l.channels, err);
  return rc ? rc : decode(im, &l, ctx, err);
}

int mcl_png_read(mcl_image *out, unsigned *orientation, const uint8_t *bytes, size_t n,
                 const mcl_picture_limits *lim, motcl_err *err) {
  source s = {.bytes = bytes, .n = n};
  size_t misses = mcl_mem_misses();
  size_t packed;
  unsigned turned;
  int rc = survey(&s, &packed, &turned, err);
  if (rc)
    return rc;

  mcl_image im = {0};
  spng_ctx *ctx = new_context(0);
  if (!ctx || spng_set_png_stream(ctx, stream, &s))
    rc = mcl_fail(err, MOTCL_ENOMEM, "out of memory for a PNG picture");
  else
    rc = check_memory(read_picture(&im, ctx, packed, lim, err), misses, err);
  spng_ctx_free(ctx);
  if (rc) {
    mcl_image_finish(&im);
    return rc;
  }
  *orientation = turned;
  *out = im;
  return MOTCL_OK;
}

/* ---- writing ---- */

static int fail_write_at(const char *where, motcl_err *err, int code) {
  return mcl_fail_at(err, MOTCL_EINVAL, 0, where, "the PNG cannot be written (%s)",
                     spng_strerror(code));
}
#define fail_write(...) fail_write_at(__func__, __VA_ARGS__)

static bool is_plain(const char *text) {
  for (; *text; text++)
    if ((*text < 32 || *text > 126) && *text != '\n')
      return false;
  return true;
}

/* libspng does not write through these pointers. */
static int set_texts(spng_ctx *ctx, const motcl_line *texts, size_t n, motcl_err *err) {
  static char none[1];
  if (!n)
    return MOTCL_OK;
  struct spng_text *list = n <= UINT32_MAX ? mcl_zalloc(n, sizeof *list) : NULL;
  if (!list)
    return mcl_fail_nomem(err, n);
  uint32_t used = 0;
  for (size_t i = 0; i < n; i++) {
    struct spng_text *t = &list[used];
    if (!*texts[i].value)
      continue;
    memcpy(t->keyword, texts[i].key, strlen(texts[i].key));
    t->type = is_plain(texts[i].value) ? SPNG_TEXT : SPNG_ITXT;
    t->text = (char *)(uintptr_t)texts[i].value;
    t->length = strlen(texts[i].value);
    t->language_tag = t->translated_keyword = none;
    used++;
  }
  int bad = used ? spng_set_text(ctx, list, used) : 0;
  mcl_free(list);
  return bad ? fail_write(err, bad) : MOTCL_OK;
}

int mcl_png_write(uint8_t **out, size_t *n, const mcl_image *rgb, const motcl_line *texts,
                  size_t n_texts, motcl_err *err) {
  size_t misses = mcl_mem_misses();
  spng_ctx *ctx = new_context(SPNG_CTX_ENCODER);
  if (!ctx)
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory for a PNG picture");
  struct spng_ihdr ihdr = {.width = rgb->width,
                           .height = rgb->height,
                           .bit_depth = 8,
                           .color_type = SPNG_COLOR_TYPE_TRUECOLOR};
  int rc = set_texts(ctx, texts, n_texts, err);
  if (rc)
    goto end;
  int bad = spng_set_ihdr(ctx, &ihdr);
  if (!bad)
    bad = spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
  if (!bad)
    bad = spng_encode_image(ctx, rgb->px, (size_t)rgb->width * rgb->height * 3, SPNG_FMT_PNG,
                            SPNG_ENCODE_FINALIZE);
  size_t size;
  uint8_t *file = bad ? NULL : spng_get_png_buffer(ctx, &size, &bad);
  if (file) {
    *out = file;
    *n = size;
  } else {
    rc = fail_write(err, bad);
  }

end:
  spng_ctx_free(ctx);
  return check_memory(rc, misses, err);
}
