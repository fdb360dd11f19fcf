/* ask.c - what is said, and listing the phases that take it in and answer it. */
#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "session/items.h"
#include "session/limits.h"
#include "session/phases.h"

#define DRAWN MOTCL_OUTPUT_PICTURE

/* The history gets one item more, whose reference is the session's, also on failure. */
static int push(mcl_session *s, mcl_history_item *item, motcl_err *err) {
  void *p = (void *)s->history;
  if (!mcl_grow(&p, &s->history_cap, s->history_count, sizeof(mcl_history_item *))) {
    mcl_history_unref(item);
    return mcl_fail_nomem(err, sizeof(mcl_history_item *));
  }
  s->history = (mcl_history_item **)p;
  s->history[s->history_count++] = item;
  return MOTCL_OK;
}

int mcl_session_say(mcl_session *s, const motcl_part *part, bool keep, motcl_err *err) {
  mcl_history_item *item;
  int rc = mcl_session_follow(s, err);
  if (rc == MOTCL_OK)
    rc = mcl_history_read(&item, &s->reader, part, s->settings.no_orient, keep, err);
  return rc == MOTCL_OK ? push(s, item, err) : rc;
}

/* What is longer than the model's positions it was never trained on. */
static int check_positions(const mcl_session *s, const char *what, uint64_t taken, motcl_err *err) {
  uint32_t most = s->reader.model->config.decoder.positions;
  if (!most || taken <= most)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "%s takes %" PRIu64 " positions, and this model has %" PRIu32
                  " (its max_position_embeddings); shorten it",
                  what, taken, most);
}

/* A text of the format's own or the settings', which is not part of what was said. */
static int add_text(mcl_session *s, motcl_output output, const char *text, mcl_text_use use,
                    mcl_footprint *footprint, motcl_err *err) {
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = strlen(text)};
  mcl_history_item *item;
  mcl_phase *t;
  mcl_reader reader = s->reader;
  if (use == MCL_TEXT_SYSTEM) /* the format's own, which nobody asked for */
    reader.limits = NULL;
  int rc = mcl_history_read(&item, &reader, &part, false, false, err);
  if (rc != MOTCL_OK)
    return rc;
  if (use == MCL_TEXT_NEGATIVE)
    rc = check_positions(s, "the negative text", item->count, err);
  if (rc == MOTCL_OK)
    rc = mcl_phase_prefill(&t, s, output, item, use, footprint, err);
  mcl_history_unref(item);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static mcl_text_use use_of(const mcl_session *s, motcl_part_kind kind) {
  if (kind == MOTCL_PART_SYSTEM)
    return MCL_TEXT_SYSTEM;
  return kind == MOTCL_PART_TEXT || s->protocol->answers_guide ? MCL_TEXT_USER : MCL_TEXT_ANSWER;
}

static int add_prefill(mcl_session *s, motcl_output output, mcl_history_item *item,
                       mcl_footprint *footprint, motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[output];
  mcl_phase *t;
  int rc;
  if (item->kind == MOTCL_PART_PICTURE)
    rc = mcl_phase_image_prefill(&t, s, output, item, footprint, err);
  else
    rc = mcl_phase_prefill(&t, s, output, item, use_of(s, item->kind), footprint, err);
  if (item->kind == MOTCL_PART_PICTURE)
    ctx->sampled = ctx->sampled || (output == DRAWN && s->settings.vae_sample);
  if (item->kind == MOTCL_PART_PICTURE)
    ctx->after_text = false;
  else if (use_of(s, item->kind) == MCL_TEXT_USER)
    ctx->after_text = true;
  ctx->taken++;
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static bool has_picture(const mcl_session *s) {
  for (size_t i = 0; i < s->history_count; i++)
    if (s->history[i]->kind == MOTCL_PART_PICTURE)
      return true;
  return false;
}

/* Contexts are reused if computing them again would give the same: that takes the same protocol and system
 * text, and latents that do not depend on the seed. */
static bool reusable(const mcl_session *s, motcl_output output) {
  const mcl_contexts *ctx = &s->contexts[output];
  bool sampled = ctx->sampled || (output == DRAWN && s->settings.vae_sample && has_picture(s));
  return ctx->begun && ctx->think == s->settings.think &&
         ctx->protocol == mcl_hash64(s->protocol->text, strlen(s->protocol->text)) && !sampled;
}

/* Bring contexts up to all that was said. */
static int add_missing_prefills(mcl_session *s, motcl_output output, mcl_footprint *footprint,
                                motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[output];
  bool fresh = !reusable(s, output);
  mcl_phase *t;
  int rc = mcl_phase_begin(&t, s, output, s->seed, fresh, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_append(s, t, err);
  if (fresh) {
    ctx->taken = 0;
    ctx->after_text = ctx->sampled = false;
    ctx->begun = true;
    ctx->think = s->settings.think;
    ctx->protocol = mcl_hash64(s->protocol->text, strlen(s->protocol->text));
  }
  if (rc == MOTCL_OK && fresh && ctx->think)
    rc = add_text(s, output, s->protocol->think[output], MCL_TEXT_SYSTEM, footprint, err);
  while (rc == MOTCL_OK && ctx->taken < s->history_count)
    rc = add_prefill(s, output, s->history[ctx->taken], footprint, err);
  return rc;
}

static int add_decode(mcl_session *s, bool thought, bool last, bool keep, mcl_footprint *footprint,
                      motcl_err *err) {
  mcl_history_item *item = NULL;
  mcl_phase *t;
  int rc = MOTCL_OK;
  if (thought || !last) {
    rc = mcl_history_expect_text(&item, thought ? s->settings.max_think : s->settings.max_tokens,
                                 err);
    rc = rc == MOTCL_OK ? push(s, item, err) : rc;
  }
  if (rc == MOTCL_OK)
    rc = mcl_phase_decode(&t, s, thought, item, keep, footprint, err);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

/* The size asked for, else the last picture's, else the model's own. */
static void size_of(const mcl_session *s, uint32_t *width, uint32_t *height) {
  *width = s->settings.width;
  *height = s->settings.height;
  for (size_t i = s->history_count; i > 0 && !*width; i--)
    if (s->history[i - 1]->kind == MOTCL_PART_PICTURE) {
      *width = s->history[i - 1]->width;
      *height = s->history[i - 1]->height;
    }
  if (!*width) {
    *width = s->reader.model->config.picture.width;
    *height = s->reader.model->config.picture.height;
  }
}

static int add_denoise(mcl_session *s, bool last, bool keep, mcl_footprint *footprint,
                       motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[DRAWN];
  const char *negative = s->settings.negative;
  bool without = negative && ctx->after_text;
  uint32_t width, height;
  mcl_history_item *item = NULL;
  mcl_phase *t;
  size_of(s, &width, &height);
  int rc = mcl_limits_picture(s->reader.limits, width, height, s->settings.timesteps, err);
  if (rc == MOTCL_OK && s->settings.think) {
    rc = add_decode(s, true, false, keep, footprint, err);
    rc = rc == MOTCL_OK ? add_prefill(s, DRAWN, s->history[ctx->taken], footprint, err) : rc;
  }
  if (rc == MOTCL_OK && without)
    rc = add_text(s, DRAWN, negative, MCL_TEXT_NEGATIVE, footprint, err);
  if (rc == MOTCL_OK && !last)
    rc = mcl_history_expect_picture(&item, &s->reader, width, height, err);
  if (rc == MOTCL_OK)
    rc = mcl_phase_denoise(&t, s, width, height, without, item, keep, footprint, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_append(s, t, err);
  if (rc == MOTCL_OK && item)
    return push(s, item, err);
  mcl_history_unref(item);
  return rc;
}

/* Positions that what was said takes at least: one a token, one a picture for each of the two ways it
 * goes in. Answers that are not there yet end where the positions do. */
static int check_history(const mcl_session *s, motcl_output output, motcl_err *err) {
  uint64_t taken = 0;
  for (size_t i = 0; i < s->history_count; i++) {
    const mcl_history_item *item = s->history[i];
    if (item->kind == MOTCL_PART_PICTURE)
      taken += output == DRAWN ? 2 : 1;
    else if (item->ids)
      taken += item->count;
  }
  if (output == DRAWN && !s->settings.think)
    return check_positions(s, "what is said", taken, err);
  return check_positions(s, "what is said, with an answer of one token,",
                         taken + MCL_BESIDE_TEXT + 1, err);
}

/* What was said from `first` on is of this output. */
static int sign(mcl_session *s, size_t first, motcl_output output, motcl_err *err) {
  mcl_output_request *request;
  int rc = mcl_output_request_make(&request, output, s->seed, &s->settings, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = first; i < s->history_count; i++)
    s->history[i]->request = mcl_output_request_ref(request);
  mcl_output_request_unref(request);
  return MOTCL_OK;
}

int mcl_session_ask(mcl_session *s, motcl_output output, bool last, bool keep,
                    mcl_footprint *footprint, motcl_err *err) {
  bool draws = output == DRAWN;
  size_t first = s->history_count;
  int rc = mcl_settings_check(&s->settings, draws, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_follow(s, err);
  if (rc == MOTCL_OK && !draws)
    rc = mcl_limits_tokens(s->reader.limits, s->settings.max_tokens, err);
  if (rc == MOTCL_OK && s->settings.think)
    rc = mcl_limits_tokens(s->reader.limits, s->settings.max_think, err);
  if (rc == MOTCL_OK && !s->history_count)
    rc = mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  if (rc == MOTCL_OK && draws && !s->reader.model->can_draw)
    rc = mcl_fail(err, MOTCL_EUNSUPPORTED, "this model has no autoencoder and cannot draw");
  if (rc == MOTCL_OK)
    rc = check_history(s, output, err);
  if (rc == MOTCL_OK)
    rc = add_missing_prefills(s, output, footprint, err);
  if (rc == MOTCL_OK)
    rc = draws ? add_denoise(s, last, keep, footprint, err)
               : add_decode(s, false, last, keep, footprint, err);
  if (rc == MOTCL_OK && keep)
    rc = sign(s, first, output, err);
  s->seed++;
  s->outputs++;
  return rc;
}

/* Behind a text that was listed last. */
static int add_gate(mcl_session *s, motcl_err *err) {
  mcl_phase *t;
  int rc = mcl_session_follow(s, err);
  if (rc == MOTCL_OK && !s->protocol->until_done)
    return mcl_fail(
        err, MOTCL_EINVAL,
        "protocol '%s' does not say when a text asks for a picture; name one that does, "
        "or give a file that has \"until_done\"",
        s->protocol->name);
  if (rc == MOTCL_OK)
    rc = mcl_phase_gate(&t, s, s->history[s->history_count - 1], err);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

int mcl_session_request(mcl_session *s, const motcl_request *request, mcl_footprint *footprint,
                        motcl_err *err) {
  size_t outputs = mcl_request_outputs(request);
  int rc = mcl_limits_outputs(s->reader.limits, outputs, err);
  for (mcl_items l = {.request = request}; rc == MOTCL_OK && mcl_items_next(&l);) {
    const motcl_item *item = &l.item;
    bool asks = item->kind == MOTCL_ITEM_OUTPUT;
    s->settings = asks ? *item->settings : request->settings;
    s->settings.protocol = request->settings.protocol;
    s->seed = asks ? item->seed : s->seed;
    if (asks && item->output == MOTCL_OUTPUT_PICTURE_IF_ASKED)
      rc = add_gate(s, err);
    if (rc == MOTCL_OK)
      rc = asks ? mcl_session_ask(s, mcl_output_kind(item->output), l.outputs == outputs, false,
                                  footprint, err)
                : mcl_session_say(s, &item->part, false, err);
  }
  return rc;
}
