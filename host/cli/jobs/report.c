/* report.c - a job's answer, collected item by item. */
#include "cli/jobs/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/screen.h"
#include "cli/memory.h"
#include "cli/print.h"

void mcl_report_init(mcl_report *r) {
  memset(r, 0, sizeof *r);
  r->began = mcl_seconds();
  r->answer = json_array();
  r->failed = !r->answer;
}

void mcl_report_finish(mcl_report *r) {
  json_decref(r->answer);
  free(r->words);
  memset(r, 0, sizeof *r);
}

/* An item, which is taken, with what all items have. A seed has 64 bits, more than every reader's
 * numbers, so it is a text. */
static void add(mcl_report *r, json_t *item) {
  char seed[24];
  double now = mcl_seconds();
  snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
  bool ok = item && json_object_set_new(item, "seed", json_string(seed)) == 0 &&
            json_object_set_new(item, "seconds", json_real(now - r->since)) == 0 &&
            json_array_append(r->answer, item) == 0;
  json_decref(item);
  r->since = now;
  r->failed = r->failed || !ok;
}

static void close_words(mcl_report *r) {
  if (!r->open || r->failed)
    return;
  add(r,
      json_pack("{s:o, s:I}", r->kind == MOTCL_EVENT_THOUGHT ? "thought" : "text",
                mcl_json_bytes(r->size ? r->words : "", r->size), "tokens", (json_int_t)r->tokens));
  r->size = r->tokens = 0;
  r->open = false;
}

static void open_words(mcl_report *r, motcl_event_kind kind) {
  if (r->open && r->kind != kind)
    close_words(r);
  r->kind = kind;
  r->open = true;
}

static void append(mcl_report *r, const char *text, size_t n) {
  size_t need = r->size + n;
  if (need > r->room) {
    char *p = need < SIZE_MAX / 2 ? realloc(r->words, 2 * need) : NULL;
    if (!p) {
      r->failed = true;
      return;
    }
    r->words = p;
    r->room = 2 * need;
  }
  memcpy(r->words + r->size, text, n);
  r->size = need;
}

void mcl_report_begin(mcl_report *r, uint64_t seed) {
  r->seed = seed;
  r->since = mcl_seconds();
  r->items = json_array_size(r->answer);
}

/* Tokens are counted by steps, since one may be part of a character. A count that begins anew is
 * that of other words. */
void mcl_report_event(mcl_report *r, const motcl_event *e) {
  bool thought = e->kind == MOTCL_EVENT_THOUGHT || e->phase == MOTCL_PHASE_THINKING;
  motcl_event_kind kind = thought ? MOTCL_EVENT_THOUGHT : MOTCL_EVENT_TEXT;
  bool step = e->kind == MOTCL_EVENT_STEP &&
              (e->phase == MOTCL_PHASE_THINKING || e->phase == MOTCL_PHASE_WRITING);
  if (r->failed || (!step && e->kind != MOTCL_EVENT_THOUGHT && e->kind != MOTCL_EVENT_TEXT))
    return;
  if (step && e->step <= r->tokens)
    close_words(r);
  open_words(r, kind);
  if (step)
    r->tokens = e->step;
  else
    append(r, e->text, e->size);
}

void mcl_report_picture(mcl_report *r, const char *name, uint32_t width, uint32_t height) {
  close_words(r);
  if (!r->failed)
    add(r, json_pack("{s:o, s:I, s:I}", "picture", mcl_json_text(name), "width", (json_int_t)width,
                     "height", (json_int_t)height));
}

void mcl_report_end(mcl_report *r, bool text) {
  if (text && !r->open && json_array_size(r->answer) == r->items)
    open_words(r, MOTCL_EVENT_TEXT);
  close_words(r);
}

int mcl_report_print(const mcl_report *r, const char *device, const char *driver,
                     const char *fingerprint, motcl_err *err) {
  if (r->failed)
    return mcl_no_memory(err);
  return mcl_print_json(json_pack("{s:o, s:s, s:s, s:f, s:O}", "device", mcl_json_text(device),
                                  "driver", driver, "fingerprint", fingerprint, "seconds",
                                  mcl_seconds() - r->began, "answer", r->answer),
                        err);
}
