/* jpeg.c - JPEG in and out. libjpeg reports errors by a call that must not return, so each of
 * the two functions here has one setjmp that everything below it comes back to. */
#include "io/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/exif.h"

/* ---- errors ---- */

/*
 * What libjpeg complained of.
 *
 * mgr      first, so that libjpeg's pointer is ours
 * text     of the first complaint that tells of lost pixels, or of the one that ended it
 * lost     pixels were missing from the data, or made no sense
 * resync   a restart marker was not where or what it had to be
 * endless  the file has no end: libjpeg made one up
 */
typedef struct trouble {
  struct jpeg_error_mgr mgr;
  jmp_buf back;
  char text[JMSG_LENGTH_MAX];
  bool lost, resync, endless;
} trouble;

static void on_error(j_common_ptr c) {
  trouble *t = (trouble *)c->err;
  t->mgr.format_message(c, t->text);
  longjmp(t->back, 1);
}

/* libjpeg fills what is missing with grey, and goes on. Where restart markers are promised, what is
 * lost may be what a marker out of place led to, so what it all comes to is told at the end. The
 * other warnings are harmless. */
static void on_message(j_common_ptr c, int level) {
  trouble *t = (trouble *)c->err;
  if (level >= 0)
    return;
  switch (t->mgr.msg_code) {
  case JWRN_ARITH_BAD_CODE:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
    if (!c->is_decompressor || !((j_decompress_ptr)c)->restart_interval)
      on_error(c);
    if (!t->lost)
      t->mgr.format_message(c, t->text);
    t->lost = true;
    break;
  case JWRN_JPEG_EOF:
    t->endless = true;
    break;
  case JWRN_MUST_RESYNC:
    t->resync = true;
    break;
  default:
    break;
  }
}

static void no_output(j_common_ptr c) {
  (void)c;
}

static struct jpeg_error_mgr *trouble_init(trouble *t) {
  struct jpeg_error_mgr *mgr = jpeg_std_error(&t->mgr);
  mgr->error_exit = on_error;
  mgr->emit_message = on_message;
  mgr->output_message = no_output;
  return mgr;
}

static int fail_jpeg_at(const char *where, motcl_err *err, const trouble *t, int code,
                        const char *what) {
  if (t->mgr.msg_code == JERR_OUT_OF_MEMORY)
    return mcl_fail_at(err, MOTCL_ENOMEM, 0, where, "out of memory for a JPEG picture");
  return mcl_fail_at(err, code, 0, where, "%s (%s)", what, t->text);
}
#define fail_jpeg(...) fail_jpeg_at(__func__, __VA_ARGS__)

/* ---- reading ---- */

static const char damaged[] = "the JPEG picture is damaged or of a kind not read";

#define MAX_SCANS 200 /* a progressive file has some ten; each costs a pass over the picture */

typedef struct reader {
  struct jpeg_decompress_struct c;
  struct jpeg_progress_mgr progress;
  trouble trouble;
  mcl_image im;
  uint8_t *row; /* one row of CMYK, or NULL */
  unsigned orientation;
  const char *remark;
} reader;

static void on_progress(j_common_ptr c) {
  j_decompress_ptr d = (j_decompress_ptr)c;
  if (d->input_scan_number > MAX_SCANS)
    ERREXIT(d, JERR_BAD_PROGRESSION);
}

/* ---- which way up ---- */

/* What follows a segment's mark, if it is of that kind; else NULL. */
static const uint8_t *marked(jpeg_saved_marker_ptr m, const char *mark, size_t mark_n, size_t *n) {
  if (m->data_length < mark_n || memcmp(m->data, mark, mark_n) != 0)
    return NULL;
  *n = m->data_length - mark_n;
  return m->data + mark_n;
}
#define EXIF_MARK "Exif\0", 6
#define XMP_MARK "http://ns.adobe.com/xap/1.0/", 29

/* EXIF data may be cut into several segments. Put together they are `all`, if that is not NULL. */
static size_t join_exif(uint8_t *all, jpeg_saved_marker_ptr m) {
  size_t used = 0, n;
  for (; m; m = m->next) {
    const uint8_t *part = marked(m, EXIF_MARK, &n);
    if (part && all)
      memcpy(all + used, part, n);
    used += part ? n : 0;
  }
  return used;
}

static int find_orientation(reader *r, motcl_err *err) {
  mcl_turned turned = {0};
  size_t n;
  for (jpeg_saved_marker_ptr m = r->c.marker_list; m; m = m->next) {
    const uint8_t *xmp = marked(m, XMP_MARK, &n);
    if (xmp)
      turned.xmp = mcl_xmp_orientation((const char *)xmp, n);
    turned.has_exif = turned.has_exif || marked(m, EXIF_MARK, &n);
  }
  if (turned.has_exif) {
    n = join_exif(NULL, r->c.marker_list);
    uint8_t *all = mcl_alloc(n, 1);
    if (!all)
      return mcl_fail_nomem(err, n);
    join_exif(all, r->c.marker_list);
    turned.exif = mcl_exif_orientation(all, n);
    mcl_free(all);
  }
  r->orientation = mcl_turned_by(&turned);
  return MOTCL_OK;
}

/* ---- pixels ---- */

/* By the number of components, as Pillow does. */
static int choose_output(struct jpeg_decompress_struct *c, motcl_err *err) {
  switch (c->num_components) {
  case 1:
    c->out_color_space = JCS_GRAYSCALE;
    return MOTCL_OK;
  case 3:
    c->out_color_space = JCS_RGB;
    return MOTCL_OK;
  case 4:
    c->out_color_space = JCS_CMYK;
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EFORMAT,
                    "a JPEG picture of %d components is not read: convert it to RGB",
                    c->num_components);
  }
}

/* A Huffman code is a bit at least and every block of 8x8 has one: a file that promises much more
 * than it has bytes for is refused before memory is taken. */
static int check_plausible(const struct jpeg_decompress_struct *c, size_t n, motcl_err *err) {
  uint64_t blocks = (uint64_t)c->image_width * c->image_height / 64;
  if (c->arith_code || blocks / 8 <= n)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFORMAT, "the JPEG picture is cut short");
}

/* Samples as stored: 255 less the ink, so K is the light that black lets through. */
static void cmyk_to_rgb(uint8_t *rgb, const uint8_t *cmyk, uint32_t width) {
  for (; width; width--, rgb += 3, cmyk += 4)
    for (int i = 0; i < 3; i++)
      rgb[i] = (uint8_t)(cmyk[3] - mcl_mul255((uint8_t)(255 - cmyk[i]), cmyk[3]));
}

static void read_rows(reader *r) {
  size_t stride = (size_t)r->im.width * r->im.channels;
  while (r->c.output_scanline < r->c.output_height) {
    uint8_t *to = r->im.px + r->c.output_scanline * stride;
    JSAMPROW row = r->row ? r->row : to;
    jpeg_read_scanlines(&r->c, &row, 1);
    if (r->row)
      cmyk_to_rgb(to, row, r->im.width);
  }
}

/* Whether every scan came that makes the picture what it is. */
static bool is_complete(const struct jpeg_decompress_struct *c) {
  for (int i = 0; i < c->num_components; i++) {
    if (!c->comp_info[i].quant_table)
      return false;
    for (int k = 0; c->coef_bits && k < DCTSIZE2; k++)
      if (c->coef_bits[i][k] != 0)
        return false;
  }
  return true;
}

/* What all complaints come to: the picture is as it was meant, has a remark, or is refused. A marker
 * out of place takes what is lost upon it: Pillow shows what can be had, which is often all. */
static int judge(reader *r, motcl_err *err) {
  const trouble *t = &r->trouble;
  if (t->endless && (t->lost || t->resync || !is_complete(&r->c)))
    return mcl_fail(err, MOTCL_EFORMAT, "the JPEG picture is cut short");
  if (t->lost && !t->resync)
    return fail_jpeg(err, t, MOTCL_EFORMAT, damaged);
  if (t->resync)
    r->remark = "the JPEG's restart markers are missing or out of order; places of it may be wrong";
  else if (t->endless)
    r->remark = "the JPEG has no end, but all of its pixels";
  return MOTCL_OK;
}

static int read_header(reader *r, const uint8_t *bytes, size_t n, const mcl_picture_limits *lim,
                       motcl_err *err) {
  jpeg_create_decompress(&r->c);
  r->c.progress = &r->progress;
  r->progress.progress_monitor = on_progress;
  jpeg_mem_src(&r->c, bytes, n);
  jpeg_save_markers(&r->c, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&r->c, TRUE);

  int rc = mcl_picture_check_size(r->c.image_width, r->c.image_height, lim, err);
  if (!rc)
    rc = check_plausible(&r->c, n, err);
  return rc ? rc : find_orientation(r, err);
}

static int read_pixels(reader *r, motcl_err *err) {
  int rc = choose_output(&r->c, err);
  if (!rc)
    rc = mcl_image_init(&r->im, r->c.image_width, r->c.image_height,
                        r->c.num_components == 1 ? 1 : 3, err);
  if (!rc && r->c.num_components == 4) {
    r->row = mcl_alloc(r->im.width, 4);
    if (!r->row)
      rc = mcl_fail_nomem(err, (size_t)r->im.width * 4);
  }
  if (rc)
    return rc;

  jpeg_start_decompress(&r->c);
  read_rows(r);
  /* Up to the end, but not jpeg_finish_decompress, which forgets what scans there were. */
  while (!jpeg_input_complete(&r->c) && jpeg_consume_input(&r->c) != JPEG_SUSPENDED)
    continue;
  return judge(r, err);
}

/* The header, and the pixels if they are wanted. */
static int read_file(reader *r, bool pixels, const uint8_t *bytes, size_t n,
                     const mcl_picture_limits *lim, motcl_err *err) {
  r->c.err = trouble_init(&r->trouble);
  if (setjmp(r->trouble.back) == 0) {
    int rc = read_header(r, bytes, n, lim, err);
    return rc || !pixels ? rc : read_pixels(r, err);
  }
  if (r->trouble.endless)
    return mcl_fail(err, MOTCL_EFORMAT, "the JPEG picture is cut short");
  return fail_jpeg(err, &r->trouble, MOTCL_EFORMAT, damaged);
}

static void reader_destroy(reader *r) {
  jpeg_destroy_decompress(&r->c);
  mcl_image_finish(&r->im);
  mcl_free(r->row);
  mcl_free(r);
}

int mcl_jpeg_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                  size_t n, const mcl_picture_limits *lim, motcl_err *err) {
  reader *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  int rc = read_file(r, true, bytes, n, lim, err);
  if (!rc) {
    *orientation = r->orientation;
    *remark = r->remark;
    *out = r->im;
    r->im = (mcl_image){0};
  }
  reader_destroy(r);
  return rc;
}

int mcl_jpeg_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                   const mcl_picture_limits *lim, motcl_err *err) {
  reader *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  int rc = read_file(r, false, bytes, n, lim, err);
  if (!rc) {
    *orientation = r->orientation;
    sides[0] = r->c.image_width;
    sides[1] = r->c.image_height;
  }
  reader_destroy(r);
  return rc;
}

/* ---- writing ---- */

#define MARKER_MAX 65533 /* what fits behind a segment's 16-bit length */

typedef struct writer {
  struct jpeg_compress_struct c;
  struct jpeg_destination_mgr dest;
  trouble trouble;
  uint8_t *buf;
  size_t size;
} writer;

static boolean grow(j_compress_ptr c) {
  writer *w = c->client_data;
  size_t size = w->size ? w->size * 2 : 65536;
  uint8_t *buf = size > w->size ? mcl_realloc(w->buf, 1, size) : NULL;
  if (!buf)
    ERREXIT1(c, JERR_OUT_OF_MEMORY, 0);
  w->dest.next_output_byte = buf + w->size;
  w->dest.free_in_buffer = size - w->size;
  w->buf = buf;
  w->size = size;
  return TRUE;
}

static void start_output(j_compress_ptr c) {
  grow(c);
}

static void end_output(j_compress_ptr c) {
  (void)c;
}

static void write_comment(j_compress_ptr c, const char *text) {
  for (size_t n = strlen(text); n;) {
    size_t part = n < MARKER_MAX ? n : MARKER_MAX;
    jpeg_write_marker(c, JPEG_COM, (const JOCTET *)text, (unsigned)part);
    text += part;
    n -= part;
  }
}

static void write_picture(writer *w, const mcl_image *rgb, int quality, const char *comment) {
  j_compress_ptr c = &w->c;
  jpeg_create_compress(c);
  c->client_data = w;
  w->dest = (struct jpeg_destination_mgr){.init_destination = start_output,
                                          .empty_output_buffer = grow,
                                          .term_destination = end_output};
  c->dest = &w->dest;
  c->image_width = rgb->width;
  c->image_height = rgb->height;
  c->input_components = 3;
  c->in_color_space = JCS_RGB;
  jpeg_set_defaults(c);
  jpeg_set_quality(c, quality, TRUE);
  c->optimize_coding = TRUE;
  if (quality >= 90)
    c->comp_info[0].h_samp_factor = c->comp_info[0].v_samp_factor = 1;

  jpeg_start_compress(c, TRUE);
  if (comment)
    write_comment(c, comment);
  while (c->next_scanline < c->image_height) {
    JSAMPROW row = rgb->px + (size_t)c->next_scanline * rgb->width * 3;
    jpeg_write_scanlines(c, &row, 1);
  }
  jpeg_finish_compress(c);
}

int mcl_jpeg_write(uint8_t **out, size_t *n, const mcl_image *rgb, int quality, const char *comment,
                   motcl_err *err) {
  writer *w = mcl_zalloc(1, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, sizeof *w);
  w->c.err = trouble_init(&w->trouble);

  int rc = MOTCL_OK;
  if (setjmp(w->trouble.back) == 0) {
    write_picture(w, rgb, quality, comment);
    *out = w->buf;
    *n = w->size - w->dest.free_in_buffer;
  } else {
    rc = fail_jpeg(err, &w->trouble, MOTCL_EINVAL, "the JPEG cannot be written");
    mcl_free(w->buf);
  }
  jpeg_destroy_compress(&w->c);
  mcl_free(w);
  return rc;
}
