/* picture.c - picture files, their metadata, and requests out of them. */
#include "io/picture.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "api/library.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"
#include "job/recipe.h"

enum { JPEG_QUALITY = 95 };

struct motcl_recipe {
  mcl_recipe inner;
};

/* The pixels are not written to. */
static mcl_image image_of(const motcl_picture *p) {
  return (mcl_image){p->width, p->height, 3, (uint8_t *)(uintptr_t)p->rgb};
}

int motcl_picture_encode(uint8_t **bytes, size_t *n, const motcl_picture *p, motcl_format format,
                         motcl_err *err) {
  mcl_image im = image_of(p);
  if (!p->rgb || !p->width || !p->height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u cannot be written", p->width, p->height);
  switch (format) {
  case MOTCL_PNG:
    return mcl_picture_write_png(bytes, n, &im, p->line, p->lines, err);
  case MOTCL_JPEG:
    return mcl_picture_write_jpeg(bytes, n, &im, p->quality ? p->quality : JPEG_QUALITY, p->line,
                                  p->lines, err);
  case MOTCL_WEBP:
    return mcl_picture_write_webp(bytes, n, &im, p->quality, p->line, p->lines, err);
  default:
    return mcl_fail(err, MOTCL_EINVAL, "there is no picture format number %u", (unsigned)format);
  }
}

static bool ends_with(const char *name, const char *ending) {
  size_t n = strlen(name), m = strlen(ending);
  return n > m && !strcasecmp(name + n - m, ending);
}

bool motcl_format_of_name(const char *name, motcl_format *out) {
  static const struct {
    const char *ending;
    motcl_format format;
  } known[] = {
      {".png", MOTCL_PNG}, {".jpg", MOTCL_JPEG}, {".jpeg", MOTCL_JPEG}, {".webp", MOTCL_WEBP}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (ends_with(name, known[i].ending)) {
      *out = known[i].format;
      return true;
    }
  return false;
}

int motcl_picture_write(const char *path, const motcl_picture *p, bool replace, motcl_err *err) {
  motcl_format format;
  uint8_t *bytes;
  size_t n;
  if (!motcl_format_of_name(path, &format))
    return mcl_fail(
        err, MOTCL_EINVAL,
        "'%.200s': the name must end in .png, .jpg or .webp, which says what is written", path);
  int rc = motcl_picture_encode(&bytes, &n, p, format, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_file_write(path, bytes, n, replace, err);
  mcl_free(bytes);
  return rc;
}

int motcl_picture_decode(uint8_t **rgb, uint32_t *width, uint32_t *height, motcl_format *format,
                         const void *bytes, size_t n, bool no_orient, motcl_err *err) {
  mcl_image im;
  int rc = rgb ? mcl_picture_read(&im, bytes, n, NULL, !no_orient, NULL, err)
               : mcl_picture_sides(width, height, bytes, n, NULL, !no_orient, err);
  if (rc != MOTCL_OK)
    return rc;
  if (rgb && (rc = mcl_image_to_rgb(&im, err)) != MOTCL_OK) {
    mcl_image_finish(&im);
    return rc;
  }
  if (rgb) {
    *rgb = im.px;
    *width = im.width;
    *height = im.height;
  }
  return format ? mcl_picture_format(format, bytes, n, err) : MOTCL_OK;
}

int motcl_picture_lines(motcl_line **line, size_t *lines, const void *bytes, size_t n,
                        motcl_err *err) {
  return mcl_picture_lines(line, lines, bytes, n, err);
}

int motcl_recipe_write(motcl_line **line, size_t *lines, const motcl_recipe_source *of,
                       motcl_err *err) {
  static const size_t first = offsetof(motcl_recipe_source, fingerprint) + sizeof(char *);
  motcl_recipe_source known = {0};
  if (of->size < first)
    return mcl_fail(err, MOTCL_EINVAL, "what a picture was made from does not say its size");
  int rc = mcl_options_check(of->size, sizeof known, err);
  if (rc != MOTCL_OK)
    return rc;
  memcpy(&known, of, of->size);
  return mcl_recipe_lines(line, lines, &known, err);
}

int motcl_recipe_lines(motcl_line **line, size_t *lines, const motcl_request *r, uint32_t width,
                       uint32_t height, const char *fingerprint, motcl_err *err) {
  const motcl_recipe_source of = {
      .request = r, .width = width, .height = height, .fingerprint = fingerprint};
  return mcl_recipe_lines(line, lines, &of, err);
}

int motcl_recipe_read(motcl_recipe **out, const motcl_line *line, size_t lines, motcl_err *err) {
  motcl_recipe *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  int rc = mcl_recipe_read(&r->inner, line, lines, err);
  if (rc == MOTCL_OK)
    *out = r;
  else
    mcl_free(r);
  return rc;
}

void motcl_recipe_close(motcl_recipe *r) {
  if (!r)
    return;
  mcl_recipe_finish(&r->inner);
  mcl_free(r);
}

const motcl_request *motcl_recipe_request(const motcl_recipe *r) {
  return &r->inner.request;
}

const char *motcl_recipe_fingerprint(const motcl_recipe *r) {
  return r->inner.fingerprint;
}

const char *motcl_recipe_model(const motcl_recipe *r) {
  return r->inner.model;
}

const char *motcl_recipe_digest(const motcl_recipe *r) {
  return r->inner.digest;
}

size_t motcl_recipe_missing(const motcl_recipe *r) {
  return mcl_recipe_missing(&r->inner);
}

bool motcl_recipe_lacks_noise(const motcl_recipe *r) {
  return r->inner.noise;
}

int motcl_recipe_picture(motcl_recipe *r, const motcl_part *picture, motcl_err *err) {
  return mcl_recipe_picture(&r->inner, picture, err);
}

int motcl_recipe_noise(motcl_recipe *r, const float *noise, size_t count, motcl_err *err) {
  return mcl_recipe_noise(&r->inner, noise, count, err);
}
