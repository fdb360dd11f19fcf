/* report.h - what a job gave, as one JSON object for programs (--json). */
#ifndef MCL_CLI_JOBS_REPORT_H
#define MCL_CLI_JOBS_REPORT_H

#include <jansson.h>

#include "motcl.h"

/**
 * A report being made.
 *
 * answer   thoughts, texts and pictures, in order
 * seed     of what is made now; `since` is when the last item was done, in seconds
 * words    the thought or text that is being said, `size` bytes of it; `tokens` so far; `kind` is
 *          which of them, if `open`
 * began, items   when this seed's began, and how many items there were
 * failed   memory ran out: there will be no report
 */
typedef struct mcl_report {
  json_t *answer;
  uint64_t seed;
  double began, since;
  char *words;
  size_t size, room, items;
  uint32_t tokens;
  motcl_event_kind kind;
  bool open, failed;
} mcl_report;

/** Begin one; the caller finishes it. */
void mcl_report_init(mcl_report *r);
void mcl_report_finish(mcl_report *r);

/** What comes now is made from this seed. */
void mcl_report_begin(mcl_report *r, uint64_t seed);

/** Take notice of an event: words, and how many tokens they are. */
void mcl_report_event(mcl_report *r, const motcl_event *e);

/** A picture stands in the file `name`. */
void mcl_report_picture(mcl_report *r, const char *name, uint32_t width, uint32_t height);

/** What was made from this seed is all; with `text` there is one among it, if an empty one. */
void mcl_report_end(mcl_report *r, bool text);

/**
 * Print it on stdout: who did the work, how long it took in all, and the answer.
 *
 * device, driver, fingerprint   of the plan that ran
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_report_print(const mcl_report *r, const char *device, const char *driver,
                     const char *fingerprint, motcl_err *err);

#endif
