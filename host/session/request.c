/* request.c - defaults and ranges of a request. */
#include "session/request.h"

#include <string.h>

#include "base/sample.h"
#include "flow/grid.h"
#include "flow/guidance.h"
#include "base/utf8.h"

#define MOST_TOKENS (1u << 20)
#define MOST_SIDE 65536u

motcl_request motcl_request_default(bool edit) {
  return (motcl_request){.settings = {.points = 50,
                                      .shift = 3,
                                      .guidance = edit ? mcl_guidance_edit() : mcl_guidance_draw(),
                                      .max_tokens = 512,
                                      .max_think = 1000}};
}

bool mcl_request_draws(const motcl_request *r) {
  for (size_t i = 0; i < r->outputs; i++)
    if (r->output[i] == MOTCL_OUTPUT_PICTURE)
      return true;
  return false;
}

const char *motcl_phase_name(motcl_phase p) {
#define WORD(name, word) word,
  static const char *const words[MOTCL_PHASE_COUNT] = {MOTCL_PHASE_LIST(WORD)};
#undef WORD
  return (unsigned)p < MOTCL_PHASE_COUNT ? words[p] : "?";
}

static int check_text(const char *text, size_t n, const char *what, motcl_err *err) {
  size_t bad;
  if (n > MOTCL_MAX_TEXT)
    return mcl_fail(err, MOTCL_EINVAL, "%s is longer than %zu bytes", what, MOTCL_MAX_TEXT);
  if (!mcl_utf8_valid(text, n, &bad))
    return mcl_fail(err, MOTCL_EFORMAT, "%s is no UTF-8 (byte %zu); convert it first", what,
                    bad + 1);
  return MOTCL_OK;
}

int mcl_part_check(const motcl_part *p, motcl_err *err) {
  switch (p->kind) {
  case MOTCL_PART_TEXT:
    if (!p->size)
      return mcl_fail(err, MOTCL_EINVAL, "the text is empty; say what is wanted");
    return check_text(p->data, p->size, "the text", err);
  case MOTCL_PART_ANSWER:
    return check_text(p->data, p->size, "the answer", err);
  case MOTCL_PART_PICTURE:
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EINVAL, "there is no kind %u of part", (unsigned)p->kind);
  }
}

int mcl_settings_check(const motcl_settings *s, bool draws, motcl_err *err) {
  int rc = MOTCL_OK;
  if (draws && ((rc = mcl_grid_check(s->points, s->shift, err)) != MOTCL_OK ||
                (rc = mcl_guidance_check(&s->guidance, err)) != MOTCL_OK))
    return rc;
  if ((rc = mcl_temperature_check(s->temperature, err)) != MOTCL_OK)
    return rc;
  if (!s->max_tokens || s->max_tokens > MOST_TOKENS || !s->max_think || s->max_think > MOST_TOKENS)
    return mcl_fail(err, MOTCL_EINVAL, "the number of tokens must be from 1 to %u", MOST_TOKENS);
  if (s->width > MOST_SIDE || s->height > MOST_SIDE || !s->width != !s->height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u cannot be drawn", s->width, s->height);
  return s->negative ? check_text(s->negative, strlen(s->negative), "the negative text", err)
                     : MOTCL_OK;
}

int motcl_request_check(const motcl_request *r, motcl_err *err) {
  int rc = mcl_settings_check(&r->settings, mcl_request_draws(r), err);
  if (rc != MOTCL_OK)
    return rc;
  if (!r->outputs)
    return mcl_fail(err, MOTCL_EINVAL, "no result is wanted; ask for a text or a picture");
  if (r->outputs > MOTCL_MAX_OUTPUTS)
    return mcl_fail(err, MOTCL_EINVAL, "%zu results are wanted; ask for at most %d", r->outputs,
                    MOTCL_MAX_OUTPUTS);
  for (size_t i = 0; i < r->outputs; i++)
    if (r->output[i] != MOTCL_OUTPUT_TEXT && r->output[i] != MOTCL_OUTPUT_PICTURE)
      return mcl_fail(err, MOTCL_EINVAL, "there is no kind %u of result", (unsigned)r->output[i]);
  if (!r->parts)
    return mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  for (size_t i = 0; i < r->parts && rc == MOTCL_OK; i++)
    rc = mcl_part_check(&r->part[i], err);
  return rc;
}
