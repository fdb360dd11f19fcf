/* answer.c - a job's answer, collected item by item. */
#include "cli/jobs/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/terminal.h"
#include "cli/memory.h"
#include "cli/print.h"

void mcl_answer_init(mcl_answer *a) {
  memset(a, 0, sizeof *a);
  a->began = mcl_seconds();
  a->items = json_array();
  a->failed = !a->items;
}

void mcl_answer_finish(mcl_answer *a) {
  json_decref(a->items);
  free(a->text);
  memset(a, 0, sizeof *a);
}

/* An item, which is taken, with what all items have. A seed has 64 bits, more than every reader's
 * numbers, so it is a text. */
static void add(mcl_answer *a, json_t *item) {
  char seed[24];
  double now = mcl_seconds();
  snprintf(seed, sizeof seed, "%" PRIu64, a->seed);
  bool ok = item && json_object_set_new(item, "seed", json_string(seed)) == 0 &&
            json_object_set_new(item, "seconds", json_real(now - a->since)) == 0 &&
            json_array_append(a->items, item) == 0;
  json_decref(item);
  a->since = now;
  a->failed = a->failed || !ok;
}

static void close_text(mcl_answer *a) {
  if (!a->open || a->failed)
    return;
  add(a,
      json_pack("{s:o, s:I}", a->kind == MOTCL_EVENT_THOUGHT ? "thought" : "text",
                mcl_json_bytes(a->size ? a->text : "", a->size), "tokens", (json_int_t)a->tokens));
  a->size = a->tokens = 0;
  a->open = false;
}

static void open_text(mcl_answer *a, motcl_event_kind kind) {
  if (a->open && a->kind != kind)
    close_text(a);
  a->kind = kind;
  a->open = true;
}

static void append(mcl_answer *a, const char *text, size_t n) {
  size_t need = a->size + n;
  if (need > a->cap) {
    char *p = need < SIZE_MAX / 2 ? realloc(a->text, 2 * need) : NULL;
    if (!p) {
      a->failed = true;
      return;
    }
    a->text = p;
    a->cap = 2 * need;
  }
  memcpy(a->text + a->size, text, n);
  a->size = need;
}

void mcl_answer_begin(mcl_answer *a, uint64_t seed) {
  a->seed = seed;
  a->since = mcl_seconds();
  a->had = json_array_size(a->items);
}

/* Tokens are counted by steps, since one may be part of a character. A count that begins anew is
 * that of other words. */
void mcl_answer_event(mcl_answer *a, const motcl_event *e) {
  bool thought = e->kind == MOTCL_EVENT_THOUGHT || e->phase == MOTCL_PHASE_THINK;
  motcl_event_kind kind = thought ? MOTCL_EVENT_THOUGHT : MOTCL_EVENT_TEXT;
  bool step = e->kind == MOTCL_EVENT_STEP &&
              (e->phase == MOTCL_PHASE_THINK || e->phase == MOTCL_PHASE_DECODE);
  if (a->failed || (!step && e->kind != MOTCL_EVENT_THOUGHT && e->kind != MOTCL_EVENT_TEXT))
    return;
  if (step && e->step <= a->tokens)
    close_text(a);
  open_text(a, kind);
  if (step)
    a->tokens = e->step;
  else
    append(a, e->text, e->size);
}

void mcl_answer_picture(mcl_answer *a, const char *name, uint32_t width, uint32_t height) {
  close_text(a);
  if (!a->failed)
    add(a, json_pack("{s:o, s:I, s:I}", "picture", mcl_json_text(name), "width", (json_int_t)width,
                     "height", (json_int_t)height));
}

void mcl_answer_end(mcl_answer *a, bool text) {
  if (text && !a->open && json_array_size(a->items) == a->had)
    open_text(a, MOTCL_EVENT_TEXT);
  close_text(a);
}

int mcl_answer_print(const mcl_answer *a, const char *device, const char *driver,
                     const char *fingerprint, motcl_err *err) {
  if (a->failed)
    return mcl_no_memory(err);
  return mcl_print_json(json_pack("{s:o, s:s, s:s, s:f, s:O}", "device", mcl_json_text(device),
                                  "driver", driver, "fingerprint", fingerprint, "seconds",
                                  mcl_seconds() - a->began, "answer", a->items),
                        err);
}
