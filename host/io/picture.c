/* picture.c - tells the formats apart; metadata, which they share. */
#include "io/picture.h"

#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/mem.h"
#include "io/jpeg.h"
#include "io/json.h"
#include "io/png.h"
#include "io/png_chunk.h"
#include "io/webp.h"

static bool is_jpeg(const void *bytes, size_t n) {
  return n >= 3 && !memcmp(bytes, "\xff\xd8\xff", 3);
}

static const struct {
  bool (*begins)(const void *bytes, size_t n);
  int (*read)(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
              size_t n, const mcl_picture_limits *lim, motcl_err *err);
  int (*sides)(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
               const mcl_picture_limits *lim, motcl_err *err);
} reader[MOTCL_FORMAT_COUNT] = {[MOTCL_PNG] = {mcl_png_begins, mcl_png_read, mcl_png_sides},
                                [MOTCL_JPEG] = {is_jpeg, mcl_jpeg_read, mcl_jpeg_sides},
                                [MOTCL_WEBP] = {mcl_webp_begins, mcl_webp_read, mcl_webp_sides}};

int mcl_picture_format(motcl_format *out, const void *bytes, size_t n, motcl_err *err) {
  for (motcl_format f = 0; f < MOTCL_FORMAT_COUNT; f++)
    if (reader[f].begins(bytes, n)) {
      *out = f;
      return MOTCL_OK;
    }
  return mcl_fail(err, MOTCL_EFORMAT,
                  "this is no PNG, JPEG or WebP picture: convert it to one of them");
}

int mcl_picture_read(mcl_image *out, const void *bytes, size_t n, const mcl_picture_limits *lim,
                     bool auto_orient, const char **remark, motcl_err *err) {
  const mcl_picture_limits usual = MCL_PICTURE_LIMITS_DEFAULT;
  if (!lim)
    lim = &usual;

  mcl_image im;
  motcl_format format;
  unsigned orientation = 1;
  const char *said = NULL;
  int rc = mcl_picture_format(&format, bytes, n, err);
  if (!rc)
    rc = reader[format].read(&im, &orientation, &said, bytes, n, lim, err);
  if (rc)
    return rc;

  if (auto_orient)
    rc = mcl_image_orient(&im, orientation, err);
  if (rc) {
    mcl_image_finish(&im);
    return rc;
  }
  *out = im;
  if (remark)
    *remark = said;
  return MOTCL_OK;
}

int mcl_picture_sides(uint32_t *width, uint32_t *height, const void *bytes, size_t n,
                      const mcl_picture_limits *lim, bool auto_orient, motcl_err *err) {
  const mcl_picture_limits usual = MCL_PICTURE_LIMITS_DEFAULT;
  uint32_t sides[2];
  motcl_format format;
  unsigned orientation = 1;
  if (!lim)
    lim = &usual;
  int rc = mcl_picture_format(&format, bytes, n, err);
  if (!rc)
    rc = reader[format].sides(sides, &orientation, bytes, n, lim, err);
  if (rc)
    return rc;
  const bool lies = auto_orient && orientation >= 5; /* rows become columns */
  *width = sides[lies];
  *height = sides[!lies];
  return MOTCL_OK;
}

/* PNG's rule for keywords, less its Latin-1 half. */
static bool key_ok(const char *key) {
  size_t n = strlen(key);
  if (n < 1 || n > 79 || key[0] == ' ' || key[n - 1] == ' ')
    return false;
  for (size_t i = 0; i < n; i++)
    if (key[i] < 32 || key[i] > 126 || (key[i] == ' ' && key[i + 1] == ' '))
      return false;
  return true;
}

static int check_output(const mcl_image *rgb, const motcl_line *texts, size_t n_texts,
                        motcl_err *err) {
  if (rgb->channels != 3)
    return mcl_fail(err, MOTCL_EINVAL, "a picture is written with 3 channels, not %u",
                    rgb->channels);
  for (size_t i = 0; i < n_texts; i++) {
    if (!key_ok(texts[i].key))
      return mcl_fail(err, MOTCL_EINVAL, "metadata key %zu is not 1 to 79 plain characters", i + 1);
    if (!mcl_utf8_valid(texts[i].value, strlen(texts[i].value), NULL))
      return mcl_fail(err, MOTCL_EINVAL, "the metadata value of '%s' is not UTF-8", texts[i].key);
  }
  return MOTCL_OK;
}

int mcl_picture_write_png(uint8_t **out, size_t *n, const mcl_image *rgb, const motcl_line *texts,
                          size_t n_texts, motcl_err *err) {
  int rc = check_output(rgb, texts, n_texts, err);
  return rc ? rc : mcl_png_write(out, n, rgb, texts, n_texts, err);
}

static char *json_of(const motcl_line *texts, size_t n_texts) {
  json_t *o = json_object();
  bool ok = o != NULL;
  for (size_t i = 0; ok && i < n_texts; i++)
    if (*texts[i].value)
      ok = json_object_set_new(o, texts[i].key, json_string(texts[i].value)) == 0;
  char *text = ok ? mcl_json_print(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
  json_decref(o);
  return text;
}

/* Write by a function that puts all metadata into one comment, which is NULL where there are none. */
static int write_commented(int (*write)(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                                        const char *comment, motcl_err *err),
                           uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                           const motcl_line *texts, size_t n_texts, motcl_err *err) {
  if (!n_texts)
    return write(out, n, rgb, quality, NULL, err);
  char *comment = json_of(texts, n_texts);
  if (!comment)
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory for a picture's metadata");
  int rc = write(out, n, rgb, quality, comment, err);
  mcl_free(comment);
  return rc;
}

int mcl_picture_write_jpeg(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                           const motcl_line *texts, size_t n_texts, motcl_err *err) {
  int rc = check_output(rgb, texts, n_texts, err);
  if (rc)
    return rc;
  if (quality < 1 || quality > 100)
    return mcl_fail(err, MOTCL_EINVAL, "a JPEG's quality is 1 to 100, not %d", quality);
  return write_commented(mcl_jpeg_write, out, n, rgb, quality, texts, n_texts, err);
}

int mcl_picture_write_webp(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                           const motcl_line *texts, size_t n_texts, motcl_err *err) {
  int rc = check_output(rgb, texts, n_texts, err);
  if (rc)
    return rc;
  if (quality < 0 || quality > 100)
    return mcl_fail(err, MOTCL_EINVAL, "a WebP's quality is 1 to 100, or 0, not %d", quality);
  return write_commented(mcl_webp_write, out, n, rgb, quality, texts, n_texts, err);
}
