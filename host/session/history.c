/* history.c - reading items of the history, and filling in what was answered. */
#include "session/history.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "image/resize.h"
#include "io/limits.h"
#include "io/picture.h"
#include "session/limits.h"
#include "text/think.h"

int mcl_markers_find(mcl_markers *m, const mcl_tok *tok, motcl_err *err) {
  int rc;
  if ((rc = mcl_tok_id(tok, "<|im_start|>", &m->text_begin, err)) != MOTCL_OK ||
      (rc = mcl_tok_id(tok, "<|im_end|>", &m->text_end, err)) != MOTCL_OK ||
      (rc = mcl_tok_id(tok, "<|vision_start|>", &m->picture_begin, err)) != MOTCL_OK)
    return rc;
  return mcl_tok_id(tok, "<|vision_end|>", &m->picture_end, err);
}

mcl_history_item *mcl_history_ref(mcl_history_item *s) {
  s->refs++;
  return s;
}

void mcl_history_unref(mcl_history_item *s) {
  if (!s || --s->refs)
    return;
  mcl_image_finish(&s->picture);
  mcl_output_request_unref(s->request);
  mcl_free(s->ids);
  mcl_free(s->bytes);
  mcl_free(s);
}

static int make(mcl_history_item **out, motcl_part_kind kind, motcl_err *err) {
  mcl_history_item *s = mcl_zalloc(1, sizeof *s);
  if (!s)
    return mcl_fail_nomem(err, sizeof *s);
  s->kind = kind;
  s->refs = 1;
  *out = s;
  return MOTCL_OK;
}

static int keep_bytes(mcl_history_item *s, const void *bytes, size_t n, motcl_err *err) {
  s->bytes = mcl_strndup(bytes, n);
  s->size = n;
  return s->bytes ? MOTCL_OK : mcl_fail_nomem(err, n);
}

/* begin marker + ids + end marker */
static int tokenize(mcl_history_item *s, const mcl_reader *r, const char *text, size_t n,
                    motcl_err *err) {
  uint32_t *ids = NULL;
  size_t found = 0;
  int rc = mcl_tok_encode(r->tok, text, n, &ids, &found, err);
  if (rc != MOTCL_OK)
    return rc;
  uint32_t *all = found < INT32_MAX / 4 ? mcl_alloc(found + 2, sizeof *all) : NULL;
  if (all) {
    all[0] = r->marker.text_begin;
    if (found)
      memcpy(all + 1, ids, found * sizeof *ids);
    all[found + 1] = r->marker.text_end;
    s->ids = all;
    s->count = (uint32_t)found + 2;
  }
  mcl_free(ids);
  return all ? MOTCL_OK : mcl_fail_nomem(err, found * sizeof *all);
}

/* Decode and bring to the autoencoder's size, which is also that of the picture drawn from it. */
static int look(mcl_history_item *s, const mcl_reader *r, const motcl_part *part, bool no_orient,
                motcl_err *err) {
  if (!r->model->can_see)
    return mcl_fail(err, MOTCL_EUNSUPPORTED,
                    "this model has no vision encoder and cannot look at pictures");
  const char *remark = NULL;
  char name[300] = "a picture";
  mcl_picture_limits most = MCL_PICTURE_LIMITS_DEFAULT;
  if (r->limits && r->limits->pixels && r->limits->pixels < most.max_pixels)
    most.max_pixels = r->limits->pixels;
  int rc = mcl_picture_read(&s->picture, part->data, part->size, &most, !no_orient, &remark, err);
  if (part->name)
    motcl_name_text(name, sizeof name, part->name, false);
  if (rc != MOTCL_OK && part->name)
    mcl_err_prefix(err, rc, "%s", name);
  if (remark)
    mcl_log_message(MOTCL_LOG_WARNING, "%s: %s", name, remark);
  if (rc == MOTCL_OK)
    rc = mcl_image_to_rgb(&s->picture, err);
  if (rc == MOTCL_OK)
    rc = mcl_image_fit(&s->picture, &r->vae, err);
  s->width = s->picture.width;
  s->height = s->picture.height;
  s->no_orient = no_orient;
  return rc;
}

int mcl_history_read(mcl_history_item **out, const mcl_reader *r, const motcl_part *part,
                     bool no_orient, bool keep, motcl_err *err) {
  mcl_history_item *s = NULL;
  int rc = make(&s, part->kind, err);
  if (rc == MOTCL_OK)
    rc = part->kind == MOTCL_PART_PICTURE ? look(s, r, part, no_orient, err)
                                          : tokenize(s, r, part->data, part->size, err);
  if (rc == MOTCL_OK && part->kind != MOTCL_PART_PICTURE)
    rc = mcl_limits_tokens(r->limits, s->count - 2, err); /* without its two markers */
  if (rc == MOTCL_OK && keep)
    rc = keep_bytes(s, part->data, part->size, err);
  if (rc == MOTCL_OK)
    *out = s;
  else
    mcl_history_unref(s);
  return rc;
}

/* Tokens of a text that is read back from what was written: a byte that was no UTF-8 has become
 * U+FFFD, which is 3. */
int mcl_history_expect_text(mcl_history_item **out, uint32_t tokens, motcl_err *err) {
  int rc = make(out, MOTCL_PART_ANSWER, err);
  if (rc == MOTCL_OK) {
    (*out)->count = 3 * tokens + 2;
    (*out)->expected = true;
  }
  return rc;
}

int mcl_history_expect_picture(mcl_history_item **out, const mcl_reader *r, uint32_t width,
                               uint32_t height, motcl_err *err) {
  uint32_t w, h;
  int rc = mcl_resize_size(&r->vae, width, height, &w, &h, err);
  if (rc == MOTCL_OK)
    rc = make(out, MOTCL_PART_PICTURE, err);
  if (rc != MOTCL_OK)
    return rc;
  (*out)->width = w;
  (*out)->height = h;
  (*out)->expected = true;
  return MOTCL_OK;
}

int mcl_history_set_text(mcl_history_item *s, const mcl_reader *r, const uint32_t *ids,
                         uint32_t count, size_t most, bool keep, motcl_err *err) {
  char *text = NULL;
  const char *start;
  size_t n, begin = 0, at = 0, len = 0;
  int rc = mcl_tok_bytes(r->tok, ids[0], &start, &begin, err);
  if (rc == MOTCL_OK)
    rc = mcl_tok_decode(r->tok, ids, count, &text, &n, err);
  if (rc == MOTCL_OK && n > begin && n - begin > most)
    n = begin + most;
  if (rc == MOTCL_OK && !mcl_think_cut(text, n, &at, &len))
    rc = mcl_fail(err, MOTCL_EMODEL, "the tokenizer's start token is not '<|im_start|>'");
  if (rc == MOTCL_OK && keep)
    rc = keep_bytes(s, text + at, len, err);
  if (rc == MOTCL_OK)
    rc = tokenize(s, r, text + at, len, err);
  mcl_free(text);
  return rc;
}

int mcl_history_set_picture(mcl_history_item *s, const mcl_reader *r, mcl_image *pixels, bool keep,
                            motcl_err *err) {
  size_t n = (size_t)pixels->width * pixels->height * 3;
  int rc = keep ? keep_bytes(s, pixels->px, n, err) : MOTCL_OK;
  s->drawn_width = pixels->width;
  s->drawn_height = pixels->height;
  if (rc == MOTCL_OK)
    rc = mcl_image_fit(pixels, &r->vae, err);
  if (rc != MOTCL_OK)
    return rc;
  s->picture = *pixels;
  memset(pixels, 0, sizeof *pixels);
  return MOTCL_OK;
}
