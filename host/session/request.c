/* request.c - defaults and ranges of a request. */
#include "session/request.h"

#include <string.h>

#include "base/sample.h"
#include "flow/grid.h"
#include "flow/guidance.h"
#include "text/utf8.h"

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
  if (!n)
    return mcl_fail(err, MOTCL_EINVAL, "%s is empty; say what is wanted", what);
  if (n > MOTCL_MAX_TEXT)
    return mcl_fail(err, MOTCL_EINVAL, "%s is longer than %zu bytes", what, MOTCL_MAX_TEXT);
  if (!mcl_utf8_valid(text, n, &bad))
    return mcl_fail(err, MOTCL_EFORMAT, "%s is no UTF-8 (byte %zu); convert it first", what,
                    bad + 1);
  return MOTCL_OK;
}

static int check_texts(const motcl_request *r, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < r->parts && rc == MOTCL_OK; i++)
    if (r->part[i].kind == MOTCL_PART_TEXT)
      rc = check_text(r->part[i].data, r->part[i].size, "the text", err);
  if (rc == MOTCL_OK && r->settings.negative && *r->settings.negative)
    rc = check_text(r->settings.negative, strlen(r->settings.negative), "the negative text", err);
  return rc;
}

int motcl_request_check(const motcl_request *r, motcl_err *err) {
  int rc = MOTCL_OK;
  if (mcl_request_draws(r) &&
      ((rc = mcl_grid_check(r->settings.points, r->settings.shift, err)) != MOTCL_OK ||
       (rc = mcl_guidance_check(&r->settings.guidance, err)) != MOTCL_OK))
    return rc;
  if ((rc = mcl_temperature_check(r->settings.temperature, err)) != MOTCL_OK)
    return rc;
  if (!r->settings.max_tokens || r->settings.max_tokens > MOST_TOKENS || !r->settings.max_think ||
      r->settings.max_think > MOST_TOKENS)
    return mcl_fail(err, MOTCL_EINVAL, "the number of tokens must be from 1 to %u", MOST_TOKENS);
  if (r->settings.width > MOST_SIDE || r->settings.height > MOST_SIDE ||
      !r->settings.width != !r->settings.height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u cannot be drawn", r->settings.width,
                    r->settings.height);
  if (r->outputs != 1)
    return mcl_fail(err, MOTCL_EINVAL, "%zu results are wanted; ask for exactly one", r->outputs);
  if (!r->parts)
    return mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  return check_texts(r, err);
}
