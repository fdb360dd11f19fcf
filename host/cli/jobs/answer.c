/* answer.c - a job's answer, collected item by item. */
#include "cli/jobs/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/terminal.h"
#include "cli/jobs/thought.h"
#include "cli/memory.h"
#include "cli/print.h"

void mcl_answer_init(mcl_answer *a) {
  memset(a, 0, sizeof *a);
  a->items = json_array();
  a->words = mcl_thought_usual;
  a->failed = !a->items;
}

void mcl_answer_finish(mcl_answer *a) {
  json_decref(a->items);
  free(a->text);
  memset(a, 0, sizeof *a);
}

/* An item that was done just then, which is taken, with what all items have. */
static void add(mcl_answer *a, json_t *item, double then) {
  bool ok = item && json_object_set_new(item, "seed", mcl_json_u64(a->seed)) == 0 &&
            json_object_set_new(item, "seconds", json_real(then - a->since)) == 0 &&
            json_array_append(a->items, item) == 0;
  json_decref(item);
  a->since = then;
  a->failed = a->failed || !ok;
}

/* Words of so many tokens end. */
static void close_words(mcl_answer *a, uint32_t tokens, bool cut_off) {
  const char *text = a->size ? a->text : "";
  size_t n = a->size;
  if (!a->open)
    return;
  if (a->thought)
    mcl_thought_strip(&text, &n, &a->words);
  if (!a->failed)
    add(a,
        json_pack("{s:o, s:I, s:b}", a->thought ? "thought" : "text", mcl_json_bytes(text, n),
                  "tokens", (json_int_t)(tokens - a->passed), "cut_off", cut_off),
        a->heard);
  a->texts += !a->thought;
  a->thinks = a->thinks && !a->thought;
  a->passed = tokens;
  a->size = 0;
  a->open = false;
}

/* All words of a phase end. */
static void close_phase(mcl_answer *a, bool whole) {
  close_words(a, a->steps, !whole || a->cut_off);
  a->steps = a->said = a->passed = 0;
  a->cut_off = false;
}

void mcl_answer_begin(mcl_answer *a, uint64_t seed, bool thinks) {
  a->seed = seed;
  a->thinks = thinks;
  a->since = a->heard = mcl_seconds();
  a->texts = 0;
}

/* Tokens are counted by steps, since one may be part of a character. */
void mcl_answer_step(mcl_answer *a, const motcl_event *e) {
  if (e->phase != MOTCL_PHASE_THINK && e->phase != MOTCL_PHASE_DECODE) {
    close_phase(a, true);
    return;
  }
  if (!a->open) {
    a->open = true;
    a->thought = e->phase == MOTCL_PHASE_THINK;
  }
  a->steps = e->step;
  a->cut_off = e->cut_off;
  a->heard = mcl_seconds();
}

void mcl_answer_words(mcl_answer *a, bool thought, const char *text, size_t n) {
  if (a->open && a->size && a->thought != thought)
    close_words(a, a->said, false);
  a->open = true;
  a->thought = thought;
  a->said = a->steps;
  if (mcl_append(&a->text, &a->size, &a->cap, text, n, NULL) != MOTCL_OK)
    a->failed = true;
}

void mcl_answer_picture(mcl_answer *a, const char *name, uint32_t width, uint32_t height) {
  close_phase(a, true);
  if (a->thinks) {
    mcl_answer_words(a, true, "", 0);
    close_words(a, 0, false);
  }
  if (!a->failed)
    add(a,
        json_pack("{s:o, s:I, s:I}", "picture", mcl_json_text(name), "width", (json_int_t)width,
                  "height", (json_int_t)height),
        mcl_seconds());
}

void mcl_answer_end(mcl_answer *a, bool whole, bool text) {
  bool full = a->cut_off;
  close_phase(a, whole);
  if (whole && text && !a->texts) {
    mcl_answer_words(a, false, "", 0);
    close_words(a, 0, full);
  }
}

json_t *mcl_answer_items(const mcl_answer *a) {
  return a->failed ? NULL : json_incref(a->items);
}
