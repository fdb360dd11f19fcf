/* request.c - defaults and ranges of a request. */
#include "session/request.h"

#include <inttypes.h>
#include <string.h>

#include "base/plain_text.h"
#include "base/sample.h"
#include "base/tally.h"
#include "base/version.h"
#include "flow/grid.h"
#include "flow/guidance.h"
#include "model/protocol.h"
#include "session/items.h"

#define MOST_TOKENS (1u << 20)
#define MOST_SIDE 65536u

motcl_request motcl_request_default(bool edit) {
  return (motcl_request){.settings = {.timesteps = 50,
                                      .shift = 3,
                                      .guidance = edit ? mcl_guidance_edit() : mcl_guidance_draw(),
                                      .max_tokens = 512,
                                      .max_think = 1000}};
}

int motcl_request_usual(motcl_request *r, const char *protocol, bool edit, motcl_err *err) {
  mcl_protocol *p = NULL;
  int rc = protocol ? mcl_protocol_open(&p, protocol, err) : MOTCL_OK;
  if (rc != MOTCL_OK)
    return rc;
  *r = motcl_request_default(edit);
  r->settings.protocol = protocol;
  if (p)
    mcl_protocol_settings(p, edit, &r->settings);
  mcl_protocol_close(p);
  return MOTCL_OK;
}

const char *motcl_phase_name(motcl_phase p) {
#define WORD(name, word) word,
  static const char *const words[MOTCL_PHASE_COUNT] = {MOTCL_PHASE_LIST(WORD)};
#undef WORD
  return (unsigned)p < MOTCL_PHASE_COUNT ? words[p] : "?";
}

static int check_length(size_t n, const char *what, motcl_err *err) {
  return n > MOTCL_MAX_TEXT
             ? mcl_fail(err, MOTCL_EINVAL, "%s is longer than %zu bytes", what, MOTCL_MAX_TEXT)
             : MOTCL_OK;
}

static int check_text(const char *text, size_t n, const char *what, motcl_err *err) {
  int rc = check_length(n, what, err);
  return rc == MOTCL_OK ? mcl_text_check(text, n, what, 1, err) : rc;
}

/* A model writes what it likes. */
static int check_answer(const motcl_part *p, motcl_err *err) {
  int rc = check_length(p->size, "the answer", err);
  return rc == MOTCL_OK ? mcl_text_check_utf8(p->data, p->size, "the answer", err) : rc;
}

int mcl_part_check(const motcl_part *p, motcl_err *err) {
  switch (p->kind) {
  case MOTCL_PART_TEXT:
  case MOTCL_PART_SYSTEM:
    if (!p->size)
      return mcl_fail(err, MOTCL_EINVAL, "the text is empty; say what is wanted");
    return check_text(p->data, p->size, "the text", err);
  case MOTCL_PART_ANSWER:
    return check_answer(p, err);
  case MOTCL_PART_PICTURE:
    return MOTCL_OK;
  default:
    return mcl_fail(err, MOTCL_EINVAL, "there is no kind %u of part", (unsigned)p->kind);
  }
}

static int check_noise(const motcl_settings *s, motcl_err *err) {
  mcl_tally t = {0};
  if (!s->noise_count)
    return mcl_fail(err, MOTCL_EINVAL, "the noise is empty, which is another thing than none");
  mcl_tally_add(&t, s->noise, MCL_F32, s->noise_count);
  return mcl_tally_finite(&t)
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EINVAL, "number %" PRIu64 " of the noise is not finite",
                        t.first + 1);
}

/* A member of a later version stands there, or whatever stood in the program's memory. */
int mcl_reserved_check(const uint64_t *reserved, size_t n, motcl_err *err) {
  for (size_t i = 0; i < n; i++)
    if (reserved[i])
      return mcl_fail(err, MOTCL_EINVAL,
                      "the program sets something that version %s of the library does not know: "
                      "clear structures first, or install a later version",
                      mcl_version);
  return MOTCL_OK;
}

mcl_sampling mcl_settings_sampling(const motcl_settings *s) {
  return (mcl_sampling){.temperature = s->temperature,
                        .top_k = s->top_k,
                        .top_p = s->top_p,
                        .min_p = s->min_p,
                        .repeat_penalty = s->repeat_penalty};
}

/* What a model writes may be in it. */
static int check_stops(const motcl_settings *s, motcl_err *err) {
  int rc = MOTCL_OK;
  if (s->stops > MOTCL_MAX_STOPS)
    return mcl_fail(err, MOTCL_EINVAL, "there are %u stop texts; give at most %d", s->stops,
                    MOTCL_MAX_STOPS);
  for (uint32_t i = 0; i < s->stops && rc == MOTCL_OK; i++) {
    size_t n = s->stop[i] ? strlen(s->stop[i]) : 0;
    if (!n || n > MOTCL_MAX_STOP_TEXT)
      return mcl_fail(err, MOTCL_EINVAL, "a stop text is %s; give 1 to %d bytes",
                      n ? "too long" : "empty", MOTCL_MAX_STOP_TEXT);
    rc = mcl_text_check_utf8(s->stop[i], n, "the stop text", err);
  }
  return rc;
}

int mcl_settings_check(const motcl_settings *s, bool draws, motcl_err *err) {
  int rc = mcl_reserved_check(s->reserved, sizeof s->reserved / sizeof *s->reserved, err);
  if (rc != MOTCL_OK)
    return rc;
  if (draws && ((rc = mcl_grid_check(s->timesteps, s->shift, err)) != MOTCL_OK ||
                (rc = mcl_guidance_check(&s->guidance, err)) != MOTCL_OK))
    return rc;
  if (draws && s->noise && (rc = check_noise(s, err)) != MOTCL_OK)
    return rc;
  const mcl_sampling sampling = mcl_settings_sampling(s);
  if ((rc = mcl_sampling_check(&sampling, err)) != MOTCL_OK ||
      (rc = check_stops(s, err)) != MOTCL_OK)
    return rc;
  if (!s->max_tokens || s->max_tokens > MOST_TOKENS || !s->max_think || s->max_think > MOST_TOKENS)
    return mcl_fail(err, MOTCL_EINVAL, "the number of tokens must be from 1 to %u", MOST_TOKENS);
  if (s->width > MOST_SIDE || s->height > MOST_SIDE || !s->width != !s->height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u cannot be drawn", s->width, s->height);
  return s->negative ? check_text(s->negative, strlen(s->negative), "the negative text", err)
                     : MOTCL_OK;
}

static int check_settings(const motcl_request *r, motcl_err *err) {
  int rc = MOTCL_OK;
  for (mcl_items l = {.request = r}; rc == MOTCL_OK && mcl_items_next(&l);)
    if (l.item.kind == MOTCL_ITEM_OUTPUT)
      rc = mcl_settings_check(l.item.settings, l.item.output != MOTCL_OUTPUT_TEXT, err);
  return rc;
}

/* The request's: outputs have none of their own. */
static int check_protocol(const motcl_request *r, motcl_err *err) {
  mcl_protocol *p = NULL;
  int rc = r->settings.protocol ? mcl_protocol_open(&p, r->settings.protocol, err) : MOTCL_OK;
  mcl_protocol_close(p);
  return rc;
}

/* Something is said before anything is asked for. */
static int check_item(const mcl_items *l, bool after_text, motcl_err *err) {
  const motcl_item *item = &l->item;
  if (item->kind == MOTCL_ITEM_INPUT)
    return mcl_part_check(&item->part, err);
  if (item->kind != MOTCL_ITEM_OUTPUT)
    return mcl_fail(err, MOTCL_EINVAL, "there is no kind %u of item", (unsigned)item->kind);
  if ((unsigned)item->output > MOTCL_OUTPUT_PICTURE_IF_ASKED)
    return mcl_fail(err, MOTCL_EINVAL, "there is no kind %u of result", (unsigned)item->output);
  if (item->output == MOTCL_OUTPUT_PICTURE_IF_ASKED && !after_text)
    return mcl_fail(err, MOTCL_EINVAL,
                    "result %zu is a picture that a text is to ask for, and none is written just "
                    "before it",
                    l->outputs);
  if (l->at == 1)
    return mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  if (!item->seeded && item->seed < l->request->seed)
    return mcl_fail(err, MOTCL_EINVAL,
                    "from seed %" PRIu64 " there are seeds for only %zu of the results, each of "
                    "which takes one more; give a smaller seed",
                    l->request->seed, l->outputs - 1);
  return MOTCL_OK;
}

int motcl_request_check(const motcl_request *r, motcl_err *err) {
  size_t outputs = mcl_request_outputs(r);
  int rc = mcl_reserved_check(r->reserved, sizeof r->reserved / sizeof *r->reserved, err);
  if (rc == MOTCL_OK)
    rc = check_settings(r, err);
  if (rc == MOTCL_OK)
    rc = check_protocol(r, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!outputs)
    return mcl_fail(err, MOTCL_EINVAL, "no result is wanted; ask for a text or a picture");
  if (outputs > MOTCL_MAX_OUTPUTS)
    return mcl_fail(err, MOTCL_EINVAL, "%zu results are wanted; ask for at most %d", outputs,
                    MOTCL_MAX_OUTPUTS);
  bool text = false;
  for (mcl_items l = {.request = r}; rc == MOTCL_OK && mcl_items_next(&l);) {
    rc = check_item(&l, text, err);
    text = l.item.kind == MOTCL_ITEM_OUTPUT && l.item.output == MOTCL_OUTPUT_TEXT;
  }
  return rc;
}
