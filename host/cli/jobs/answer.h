/* answer.h - what a job gave, as one JSON object for programs (--json). */
#ifndef MCL_CLI_JOBS_ANSWER_H
#define MCL_CLI_JOBS_ANSWER_H

#include <jansson.h>

#include "motcl.h"

/**
 * An answer being collected.
 *
 * items    thoughts, texts and pictures, in order
 * seed     of what is made now; `since` is when the last item was done, in seconds
 * text     the thought or text that is being said, `size` bytes of it; `tokens` so far; `kind` is
 *          which of them, if `open`
 * began    when the first was begun, in seconds; `had` items were there when this seed came
 * failed   memory ran out: there will be no object
 */
typedef struct mcl_answer {
  json_t *items;
  uint64_t seed;
  double began, since;
  char *text;
  size_t size, cap, had;
  uint32_t tokens;
  motcl_event_kind kind;
  bool open, failed;
} mcl_answer;

/** Begin one; the caller finishes it. */
void mcl_answer_init(mcl_answer *a);
void mcl_answer_finish(mcl_answer *a);

/** What comes now is made from this seed. */
void mcl_answer_begin(mcl_answer *a, uint64_t seed);

/** Take notice of an event: words, and how many tokens they are. */
void mcl_answer_event(mcl_answer *a, const motcl_event *e);

/** A picture stands in the file `name`. */
void mcl_answer_picture(mcl_answer *a, const char *name, uint32_t width, uint32_t height);

/** What was made from this seed is all; with `text` there is one among it, if an empty one. */
void mcl_answer_end(mcl_answer *a, bool text);

/**
 * Print it on stdout: who did the work, how long it took in all, and the answer.
 *
 * device, driver, fingerprint   of the plan that ran
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_answer_print(const mcl_answer *a, const char *device, const char *driver,
                     const char *fingerprint, motcl_err *err);

#endif
