/* phase_decode.c - decoding text, a token a pass, on a copy of cond: an answer, or a thought. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/sample.h"
#include "session/checkpoint.h"
#include "session/dump.h"
#include "session/finite.h"
#include "session/workload.h"
#include "session/phases.h"
#include "base/utf8.h"
#include "text/stop.h"

/*
 * ids     the start token, then the new ones
 * fed     of them, all but the last: what the context has. A text that goes on from a checkpoint is
 *         behind and takes in several a pass
 * logits  [passes, V], kept for a dump only; the dump has a row for each of ids, as the reference
 *         has, which costs one pass more than the text itself
 * before  items of the history that stand before what is written; said: [saids] the last tokens of
 *         their texts, for the repeat penalty
 * stream, stop   what was written, made whole characters, and then held against the stop texts
 */
typedef struct decode_phase {
  mcl_phase base;
  bool thought, begun, keep;
  mcl_history_item *item;
  mcl_contexts *contexts;
  mcl_sequence sequence;
  uint32_t *ids;
  uint32_t count, most, segment, fed, chunk;
  float *row, *logits;
  size_t before, saids;
  uint32_t said[MCL_MAX_RECENT];
  mcl_utf8_stream stream;
  mcl_stop stop;
} decode_phase;

static uint32_t vocab_of(const mcl_session *s) {
  return s->engine->model->config.decoder.vocab;
}

/* Logits to choose from: a vocabulary is padded past the last token, and padding is no text. */
static uint32_t choices(const mcl_session *s) {
  uint32_t tokens = mcl_tok_count(s->reader.tok), v = vocab_of(s);
  return tokens < v ? tokens : v;
}

/* A text ends where the model's positions do. */
static uint32_t room(const decode_phase *t) {
  uint32_t most = t->base.session->reader.model->config.decoder.positions;
  uint64_t taken = (uint64_t)t->sequence.position + MCL_BESIDE_TEXT;
  if (!most)
    return UINT32_MAX;
  return most > taken ? (uint32_t)(most - taken) : 0;
}

/* The last of the n tokens are put in front of those of *have that end at `end`, as many as fit. */
static void put_before(uint32_t *end, size_t *have, const uint32_t *ids, size_t n) {
  size_t left = MCL_MAX_RECENT - *have, some = n < left ? n : left;
  if (some)
    memcpy(end - *have - some, ids + n - some, some * sizeof *ids);
  *have += some;
}

/* The last tokens of what was said, without the two markers of each text. */
static void find_said(decode_phase *t) {
  mcl_session *s = t->base.session;
  for (size_t i = t->before; i > 0; i--) {
    const mcl_history_item *item = s->history[i - 1];
    if (item->ids)
      put_before(t->said + MCL_MAX_RECENT, &t->saids, item->ids + 1, item->count - 2);
  }
}

static int begin(decode_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  uint32_t v = vocab_of(s);
  t->begun = true;
  find_said(t);
  mcl_sequence_init(&t->sequence, &s->engine->kv.pool, &s->account);
  t->row = mcl_alloc(v, sizeof *t->row);
  if (s->sink.array)
    t->logits = mcl_alloc((size_t)(t->most + 1) * v, sizeof *t->logits);
  if (!t->row || (s->sink.array && !t->logits))
    return mcl_fail_nomem(err, (size_t)v * sizeof *t->row);
  int rc = mcl_sequence_fork(&t->sequence, &t->contexts->cond, err);
  if (rc == MOTCL_OK && !room(t))
    rc = mcl_fail(err, MOTCL_EFIT,
                  "the model has no position left for an answer (its max_position_embeddings); say "
                  "less");
  if (t->most > room(t))
    t->most = room(t);
  for (uint32_t i = 0; s->sink.array && s->sink.layers && rc == MOTCL_OK &&
                       i < s->reader.model->config.decoder.layers;
       i++)
    rc = mcl_dump_keys(s, &t->contexts->cond, NULL, i, err);
  return rc;
}

static int schedule(mcl_phase *base, mcl_batch *b, motcl_err *err) {
  decode_phase *t = (decode_phase *)base;
  int rc = t->begun ? MOTCL_OK : begin(t, err);
  if (rc != MOTCL_OK)
    return rc;
  uint32_t behind = t->count - 1 - t->fed;
  t->chunk = behind < MCL_TEXT_ROWS ? behind : MCL_TEXT_ROWS;
  mcl_batch_segment p = {.sequence = &t->sequence,
                         .kind = MCL_CAUSAL,
                         .ids = t->ids + t->fed,
                         .id_rows = behind ? t->chunk : 1,
                         .logits = behind ? MCL_WANT_NOTHING : MCL_WANT_LAST};
  return mcl_batch_add(b, &p, &t->segment, err);
}

/* All that there is to be of it. */
static bool is_full(const decode_phase *t) {
  return t->count > t->most || t->stop.found;
}

/* What the next bytes of the text are: a token's that was said before, which the sink is not told
 * again; a new token's; or what is left at its end. */
typedef enum said { SAID_BEFORE, SAID_TOKEN, SAID_END } said;

static int say(decode_phase *t, const char *bytes, size_t n, said what, motcl_err *err) {
  size_t bound = mcl_utf8_bound(n) + 3, len, out_len;
  char *text = mcl_alloc(bound + mcl_stop_bound(bound), 1), *out;
  if (!text)
    return mcl_fail_nomem(err, n);
  out = text + bound;
  len = mcl_utf8_push(&t->stream, bytes, n, text);
  if (what == SAID_END)
    len += mcl_utf8_finish(&t->stream, text + len);
  out_len = mcl_stop_push(&t->stop, text, len, out);
  if (what == SAID_END)
    out_len += mcl_stop_finish(&t->stop, out + out_len);
  if (what == SAID_TOKEN)
    mcl_session_token(t->base.session, t->thought ? MOTCL_PHASE_THINK : MOTCL_PHASE_DECODE,
                      t->count - 1, t->most, is_full(t) && !t->stop.found);
  if (out_len && what != SAID_BEFORE)
    mcl_session_event(t->base.session,
                      &(motcl_event){.kind = t->thought ? MOTCL_EVENT_THOUGHT : MOTCL_EVENT_TEXT,
                                     .text = out,
                                     .size = out_len});
  mcl_free(text);
  return MOTCL_OK;
}

static int end(decode_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  int rc = say(t, "", 0, SAID_END, err);
  t->base.state = MCL_PHASE_DONE;
  mcl_sequence_finish(&t->sequence);
  if (rc == MOTCL_OK && t->logits)
    rc = mcl_session_array(s, "text_logits", MOTCL_F32, 2, (size_t[]){t->count, vocab_of(s)},
                           t->logits, err);
  if (rc == MOTCL_OK && t->logits)
    rc = mcl_session_array(s, "text_ids", MOTCL_I32, 1, (size_t[]){t->count}, t->ids, err);
  return rc == MOTCL_OK && t->item ? mcl_history_set_text(t->item, &s->reader, t->ids, t->count,
                                                          t->stop.passed, t->keep, err)
                                   : rc;
}

static int accept(decode_phase *t, uint32_t id, motcl_err *err) {
  const char *bytes;
  size_t n;
  int rc = mcl_tok_bytes(t->base.session->reader.tok, id, &bytes, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  t->ids[t->count++] = id;
  return say(t, bytes, n, SAID_TOKEN, err);
}

/* The token that follows, by the logits. */
static int choose(decode_phase *t, int32_t *id, motcl_err *err) {
  mcl_session *s = t->base.session;
  motcl_err why = {0};
  uint32_t recent[MCL_MAX_RECENT];
  mcl_sampling how = mcl_settings_sampling(&t->base.settings);
  put_before(recent + MCL_MAX_RECENT, &how.recents, t->ids + 1, t->count - 1);
  put_before(recent + MCL_MAX_RECENT, &how.recents, t->said + MCL_MAX_RECENT - t->saids, t->saids);
  how.recent = recent + MCL_MAX_RECENT - how.recents;
  int rc = mcl_sample(&s->rng_text, t->row, choices(s), &how, id, &why);
  if (rc == MOTCL_ENUMERIC)
    return mcl_fail_not_finite(s->reader.model, err, "the text was lost at token %u: %s", t->count,
                               why.text);
  if (rc != MOTCL_OK && err)
    *err = why;
  return rc;
}

static int complete(mcl_phase *base, const mcl_batch *b, motcl_err *err) {
  decode_phase *t = (decode_phase *)base;
  mcl_session *s = base->session;
  uint32_t v = vocab_of(s);
  int32_t id = 0;
  t->fed += t->chunk ? t->chunk : 1;
  if (t->chunk)
    return MOTCL_OK;
  int rc = mcl_engine_logits(s->engine, b->segment[t->segment].logit_row, 1, t->row, err);
  if (rc == MOTCL_OK && t->logits) /* now: a penalty changes them */
    memcpy(t->logits + (size_t)(t->count - 1) * v, t->row, v * sizeof *t->row);
  if (rc == MOTCL_OK)
    rc = choose(t, &id, err);
  if (rc != MOTCL_OK)
    return rc;
  if (is_full(t) || (uint32_t)id == s->reader.marker.text_end)
    return end(t, err);
  rc = accept(t, (uint32_t)id, err);
  return rc == MOTCL_OK && is_full(t) && !t->logits ? end(t, err) : rc;
}

static void destroy(mcl_phase *base) {
  decode_phase *t = (decode_phase *)base;
  if (t->begun)
    mcl_sequence_finish(&t->sequence);
  mcl_history_unref(t->item);
  mcl_free(t->ids);
  mcl_free(t->row);
  mcl_free(t->logits);
  mcl_free(t);
}

/* Its context grows by a key a pass, and is dropped after. */
static void workload(const mcl_phase *base, mcl_workload *y) {
  const decode_phase *t = (const decode_phase *)base;
  motcl_output output = t->thought ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT;
  mcl_workload_add(
      y, &(mcl_workload_item){.phase = t->thought ? MOTCL_PHASE_THINK : MOTCL_PHASE_DECODE,
                              .size = {.text = 1, .logits = 1},
                              .keys = y->cond[output] + (t->most + 1) / 2.0,
                              .count = t->most});
}

static int save(const mcl_phase *base, mcl_checkpoint *c, motcl_err *err) {
  const decode_phase *t = (const decode_phase *)base;
  mcl_saved e = {.kind = MCL_SAVED_DECODE, .index = c->at, .data = t->ids, .count = t->count};
  return mcl_checkpoint_add(c, &e, mcl_saved_bytes(&e), err);
}

/* What was said already is not said again, but leaves stream and stop where they were. */
static int replay(decode_phase *t, motcl_err *err) {
  const mcl_session *s = t->base.session;
  int rc = MOTCL_OK;
  for (uint32_t i = 1; i < t->count && rc == MOTCL_OK; i++) {
    const char *bytes;
    size_t n;
    rc = mcl_tok_bytes(s->reader.tok, t->ids[i], &bytes, &n, err);
    if (rc == MOTCL_OK)
      rc = say(t, bytes, n, SAID_BEFORE, err);
  }
  return rc;
}

static int restore(mcl_phase *base, const mcl_saved *e, mcl_footprint *footprint, motcl_err *err) {
  decode_phase *t = (decode_phase *)base;
  const uint32_t *ids = e->data;
  if (e->kind != MCL_SAVED_DECODE || !e->count || e->count > t->most || ids[0] != t->ids[0])
    return mcl_fail(err, MOTCL_EFORMAT, "no text of these settings was being written");
  memcpy(t->ids, ids, e->count * sizeof *ids);
  t->count = (uint32_t)e->count;
  uint32_t rows = t->count < MCL_TEXT_ROWS ? t->count : MCL_TEXT_ROWS;
  mcl_footprint_pass(footprint, &(mcl_decoder_size){.text = rows, .logits = 1}, 1);
  int rc = replay(t, err);
  return rc == MOTCL_OK && t->stop.found
             ? mcl_fail(err, MOTCL_EFORMAT, "the text that was being written has ended")
             : rc;
}

static bool has_output(const mcl_phase *base) {
  const decode_phase *t = (const decode_phase *)base;
  return t->item && t->item->ids;
}

static const mcl_phase_kind kind = {.name = "decode",
                                    .schedule = schedule,
                                    .complete = complete,
                                    .workload = workload,
                                    .save = save,
                                    .restore = restore,
                                    .has_output = has_output,
                                    .destroy = destroy};

static void count(const decode_phase *t, mcl_footprint *footprint) {
  mcl_decoder_size pass = {.text = 1, .logits = 1};
  uint32_t keys = t->most + 1;
  mcl_footprint_pass(footprint, &pass, 1);
  footprint->temporary = keys > footprint->temporary ? keys : footprint->temporary;
  mcl_footprint_keys(&footprint->cow_pages, 1);
}

int mcl_phase_decode(mcl_phase **out, mcl_session *s, bool thought, mcl_history_item *item,
                     bool keep, mcl_footprint *footprint, motcl_err *err) {
  decode_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_BATCH);
  t->contexts = &s->contexts[thought ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT];
  t->thought = thought;
  t->keep = keep;
  t->before = s->history_count - (item != NULL);
  if (!thought)
    t->stop = (mcl_stop){.stop = t->base.settings.stop, .stops = t->base.settings.stops};
  t->most = thought ? t->base.settings.max_think : t->base.settings.max_tokens;
  t->ids = mcl_alloc((size_t)t->most + 1, sizeof *t->ids);
  if (!t->ids) {
    int rc = mcl_fail_nomem(err, (size_t)t->most * sizeof *t->ids);
    mcl_free(t);
    return rc;
  }
  t->item = item ? mcl_history_ref(item) : NULL;
  t->ids[0] = s->reader.marker.text_begin;
  t->count = 1;
  count(t, footprint);
  *out = &t->base;
  return MOTCL_OK;
}
