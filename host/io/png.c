/* png.c - PNG in and out. libspng unpacks the pixels, and is shown nothing but what that takes: what
 * stands in other chunks (colour, text, dates), and what is wrong with the file around its pixels,
 * can then neither refuse a picture nor unpack into memory. */
#include "io/png.h"

#include <spng.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/exif.h"
#include "io/picture.h"
#include "io/png_chunk.h"

/* ---- the file ---- */

enum { PALETTE_MOST = 256, HEADER = 13 };

/*
 * What a walk over the chunks found.
 *
 * header, palette, clear  data of IHDR, PLTE, tRNS; NULL: none. Of several the last counts
 * pixels                  where the first IDAT stands, 0 if there is none
 * packed                  bytes of all IDAT
 */
typedef struct survey {
  const uint8_t *bytes, *header, *palette, *clear;
  size_t n, palette_n, clear_n, pixels, packed;
  mcl_turned turned;
  const char *remark;
} survey;

static const char ends_early[] = "the PNG has no end, or a damaged one, but all of its pixels";

static bool is_xmp(const char *key, size_t n) {
  return n == 17 && !memcmp(key, "XML:com.adobe.xmp", n);
}

static bool is_profile(const char *key, size_t n) {
  return n == 21 && !memcmp(key, "Raw profile type exif", n);
}

static bool turns(const char *key, size_t n) {
  return is_xmp(key, n) || is_profile(key, n);
}

static int take_text(survey *s, const mcl_png_chunk *c, motcl_err *err) {
  mcl_png_text t;
  int rc = mcl_png_text_read(&t, c, turns, MCL_PICTURE_LINES_BYTES, err);
  if (t.key && is_xmp(t.key, t.key_n))
    s->turned.xmp = mcl_xmp_orientation(t.text, t.n);
  else if (t.key)
    rc = mcl_profile_orientation(&s->turned.profile, t.text, t.n, err);
  mcl_free(t.owned);
  return rc;
}

/* Pixels depend on it, so its checksum counts. */
static int take(const uint8_t **data, size_t *n, const mcl_png_chunk *c, motcl_err *err) {
  if (!mcl_png_sound(c))
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the PNG picture is damaged (the checksum of its %.4s is wrong)", c->type);
  *data = c->data;
  *n = c->n;
  return MOTCL_OK;
}

static int take_header(survey *s, const mcl_png_chunk *c, motcl_err *err) {
  size_t n = 0;
  int rc = take(&s->header, &n, c, err);
  if (rc == MOTCL_OK && n < HEADER)
    rc = mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is damaged (its header is too short)");
  return rc;
}

static void take_pixels(survey *s, const mcl_png_chunk *c) {
  if (!s->pixels)
    s->pixels = (size_t)(c->data - s->bytes) - 8;
  s->packed += c->n;
  if (!mcl_png_sound(c) && !c->cut)
    s->remark = "a checksum of the PNG's pixels is wrong, though they unpack";
}

/* A chunk before IEND. Size and palette are known before the pixels. */
static int take_chunk(survey *s, const mcl_png_chunk *c, motcl_err *err) {
  if (mcl_png_is(c, "IDAT")) {
    take_pixels(s, c);
  } else if (mcl_png_is(c, "tRNS")) {
    return take(&s->clear, &s->clear_n, c, err);
  } else if (mcl_png_is(c, "eXIf")) {
    s->turned.has_exif = true;
    s->turned.exif = mcl_exif_orientation(c->data, c->n);
  } else if (mcl_png_is(c, "IHDR")) {
    return s->pixels ? MOTCL_OK : take_header(s, c, err);
  } else if (mcl_png_is(c, "PLTE")) {
    return s->pixels ? MOTCL_OK : take(&s->palette, &s->palette_n, c, err);
  } else if (!(c->type[0] & 0x20)) {
    s->remark = "the PNG holds a chunk that nobody knows, marked as one that matters";
  } else {
    return take_text(s, c, err);
  }
  return MOTCL_OK;
}

/* Walk over the chunks to IEND, or to where there are no more. What is cut behind the pixels is no
 * loss; whether they are all there, unpacking tells. */
static int look(survey *s, motcl_err *err) {
  mcl_png_chunk c = {0};
  size_t at = MCL_PNG_SIGNATURE;
  bool ended = false;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && !ended && mcl_png_next(&c, s->bytes, s->n, &at)) {
    ended = mcl_png_is(&c, "IEND");
    if (ended ? c.n != 0 || !mcl_png_sound(&c) : c.cut)
      s->remark = ends_early;
    if (!ended && (!c.cut || mcl_png_is(&c, "IDAT")))
      rc = take_chunk(s, &c, err);
  }
  if (rc != MOTCL_OK)
    return rc;
  if (!s->pixels && !ended && s->n - at >= 8)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the PNG picture is damaged (no chunk begins at byte %zu of it)", at + 1);
  if (!s->pixels)
    return mcl_fail(err, MOTCL_EFORMAT,
                    ended ? "the PNG picture is damaged (it has no pixels)"
                          : "the PNG picture is cut short");
  if (!s->header)
    return mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is damaged (it has no header)");
  if (!ended)
    s->remark = ends_early;
  return MOTCL_OK;
}

/* ---- what libspng sees ---- */

/*
 * A file as it should be, made of the one that is there: signature, header, a palette where there
 * must be one, the packed pixels, an end, with checksums that are right. (libspng would go on where
 * one is wrong, but then it passes over the sum of the packed pixels as well.)
 *
 * front    [front_n] bytes before the pixels
 * frame    length and type of the chunk at hand, then its checksum
 * p, left  bytes that are handed out next
 * at       next chunk of the file; 0 before the first
 */
typedef struct source {
  const survey *s;
  uint8_t front[80], frame[8];
  const uint8_t *p;
  size_t front_n, left, at;
  mcl_png_chunk chunk;
  enum { FRAME, DATA, CHECKSUM, END } next;
} source;

static const uint8_t end_chunk[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

static void put_u32(uint8_t *p, size_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_chunk(source *o, const char *type, const void *data, size_t n) {
  uint8_t *p = o->front + o->front_n;
  put_u32(p, n);
  memcpy(p + 4, type, 4);
  memcpy(p + 8, data, n);
  put_u32(p + 8 + n, mcl_png_checksum((const char *)p + 4, n));
  o->front_n += 12 + n;
}

/* The method of packing is there to be one, and no reader looks at it. */
static void source_init(source *o, const survey *s) {
  uint8_t header[HEADER];
  memset(o, 0, sizeof *o);
  o->s = s;
  o->front_n = MCL_PNG_SIGNATURE;
  memcpy(o->front, s->bytes, MCL_PNG_SIGNATURE);
  memcpy(header, s->header, HEADER);
  header[10] = 0;
  put_chunk(o, "IHDR", header, HEADER);
  if (header[9] == SPNG_COLOR_TYPE_INDEXED)
    put_chunk(o, "PLTE", "\0\0", 3);
  o->p = o->front;
  o->left = o->front_n;
  o->at = s->pixels;
  o->next = FRAME;
}

static bool next_pixels(source *o) {
  while (mcl_png_next(&o->chunk, o->s->bytes, o->s->n, &o->at) && !mcl_png_is(&o->chunk, "IEND"))
    if (mcl_png_is(&o->chunk, "IDAT"))
      return true;
  return false;
}

/* The next piece to hand out; false behind the end. */
static bool next_piece(source *o) {
  switch (o->next) {
  case FRAME:
    if (next_pixels(o)) {
      put_u32(o->frame, o->chunk.n);
      memcpy(o->frame + 4, "IDAT", 4);
      o->p = o->frame;
      o->left = sizeof o->frame;
      o->next = DATA;
    } else {
      o->p = end_chunk;
      o->left = sizeof end_chunk;
      o->next = END;
    }
    return true;
  case DATA:
    o->p = o->chunk.data;
    o->left = o->chunk.n;
    o->next = CHECKSUM;
    return true;
  case CHECKSUM:
    put_u32(o->frame, mcl_png_checksum(o->chunk.type, o->chunk.n));
    o->p = o->frame;
    o->left = 4;
    o->next = FRAME;
    return true;
  default:
    return false;
  }
}

static int stream(spng_ctx *ctx, void *user, void *dest, size_t length) {
  (void)ctx;
  source *o = user;
  uint8_t *to = dest;
  while (length) {
    if (!o->left && !next_piece(o))
      return SPNG_IO_EOF;
    size_t part = length < o->left ? length : o->left;
    memcpy(to, o->p, part);
    to += part;
    length -= part;
    o->p += part;
    o->left -= part;
  }
  return 0;
}

/* ---- samples ---- */

/* What a picture's samples mean. */
typedef struct layout {
  struct spng_ihdr ihdr;
  bool transparent;  /* clear counts: */
  unsigned clear[3]; /* of grey, or colour */
  uint8_t palette[PALETTE_MOST][4];
  uint32_t channels; /* of the result */
  uint32_t samples;  /* per pixel in the file */
  size_t row;        /* bytes of a row in the file */
} layout;

/* Places beyond a palette's end are black, as in Pillow. */
static int read_palette(layout *l, const survey *s, motcl_err *err) {
  if (s->palette_n < 3 || s->palette_n > (size_t)PALETTE_MOST * 3)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the PNG picture is damaged (%zu bytes are no palette of 1 to %d colours)",
                    s->palette_n, PALETTE_MOST);
  if (s->clear_n > PALETTE_MOST)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the PNG picture is damaged (%zu colours of its palette are transparent)",
                    s->clear_n);
  for (size_t i = 0; i < PALETTE_MOST; i++) {
    l->palette[i][3] = l->transparent && i < s->clear_n ? s->clear[i] : 255;
    if (i < s->palette_n / 3)
      memcpy(l->palette[i], s->palette + 3 * i, 3);
  }
  return MOTCL_OK;
}

static int read_clear(layout *l, const survey *s, motcl_err *err) {
  if (s->clear_n < 2 * (size_t)l->samples)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the PNG picture is damaged (its transparent colour is cut short)");
  for (size_t i = 0; i < l->samples; i++)
    l->clear[i] = (unsigned)s->clear[2 * i] << 8 | s->clear[2 * i + 1];
  return MOTCL_OK;
}

/* Transparency beside an alpha channel has no meaning, and Pillow does not read it. */
static int read_layout(layout *l, const survey *s, motcl_err *err) {
  static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
  bool indexed = l->ihdr.color_type == SPNG_COLOR_TYPE_INDEXED;
  l->samples = samples[l->ihdr.color_type];
  l->row = ((size_t)l->ihdr.width * l->samples * l->ihdr.bit_depth + 7) / 8;
  bool alpha = l->samples == 2 || l->samples == 4;
  l->transparent = s->clear && !alpha;
  l->channels = l->transparent ? 4 : l->samples;
  if (indexed)
    l->channels = l->transparent ? 4 : 3;
  else if (l->samples == 2 && l->ihdr.bit_depth == 16)
    l->channels = 4;
  if (indexed)
    return read_palette(l, s, err);
  return l->transparent ? read_clear(l, s, err) : MOTCL_OK;
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
  unsigned depth = l->ihdr.bit_depth, clear = l->clear[0];
  if (depth == 1)
    return v == (clear != 0);
  return (depth == 16 ? v : to_8_bits(v, depth)) == (depth == 16 ? clear : (clear & 0xff));
}

static bool is_clear(const layout *l, const unsigned *v) {
  if (l->samples == 1)
    return grey_is_clear(l, v[0]);
  unsigned mask = l->ihdr.bit_depth == 16 ? 0xffff : 0xff;
  return v[0] == (l->clear[0] & mask) && v[1] == (l->clear[1] & mask) &&
         v[2] == (l->clear[2] & mask);
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
  if (code == SPNG_EIDAT_TOO_SHORT)
    return mcl_fail_at(err, MOTCL_EFORMAT, 0, where, "the PNG picture is cut short");
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
  if (!bad && !as_stored)
    put_pixels(im, l, raw);
  if (!as_stored)
    mcl_free(raw);
  return bad ? fail_spng(err, bad) : MOTCL_OK;
}

static int read_picture(mcl_image *im, spng_ctx *ctx, const survey *s,
                        const mcl_picture_limits *lim, motcl_err *err) {
  layout l = {0};
  int bad = spng_get_ihdr(ctx, &l.ihdr);
  if (bad)
    return fail_spng(err, bad);
  int rc = mcl_picture_check_size(l.ihdr.width, l.ihdr.height, lim, err);
  if (!rc)
    rc = read_layout(&l, s, err);
  if (rc)
    return rc;

  /* deflate makes at most 1032 bytes of one: a file that promises more is refused before memory
   * is taken */
  if (l.row * (uint64_t)l.ihdr.height / 1032 > s->packed)
    return mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is cut short");
  rc = mcl_image_init(im, l.ihdr.width, l.ihdr.height, l.channels, err);
  return rc ? rc : decode(im, &l, ctx, err);
}

int mcl_png_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                 size_t n, const mcl_picture_limits *lim, motcl_err *err) {
  survey s = {.bytes = bytes, .n = n};
  source o;
  size_t misses = mcl_mem_misses();
  int rc = look(&s, err);
  if (rc)
    return rc;

  mcl_image im = {0};
  source_init(&o, &s);
  spng_ctx *ctx = new_context(0);
  if (!ctx || spng_set_png_stream(ctx, stream, &o))
    rc = mcl_fail(err, MOTCL_ENOMEM, "out of memory for a PNG picture");
  else
    rc = check_memory(read_picture(&im, ctx, &s, lim, err), misses, err);
  spng_ctx_free(ctx);
  if (rc) {
    mcl_image_finish(&im);
    return rc;
  }
  *orientation = mcl_turned_by(&s.turned);
  *remark = s.remark;
  *out = im;
  return MOTCL_OK;
}

int mcl_png_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                  const mcl_picture_limits *lim, motcl_err *err) {
  survey s = {.bytes = bytes, .n = n};
  int rc = look(&s, err);
  if (rc)
    return rc;
  *orientation = mcl_turned_by(&s.turned);
  sides[0] = mcl_png_u32(s.header);
  sides[1] = mcl_png_u32(s.header + 4);
  return mcl_picture_check_size(sides[0], sides[1], lim, err);
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
