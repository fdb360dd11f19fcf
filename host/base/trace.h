/* trace.h - what happened when, as the Chrome trace format has it (a JSON file that Perfetto opens):
 * spans with a category, a name and numbers, on tracks side by side. It is text in memory, and knows
 * nothing of devices; who traces passes a NULL trace where nobody asked for one. */
#ifndef MCL_BASE_TRACE_H
#define MCL_BASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mcl_trace mcl_trace;

/** One number or text of a span, by its name; `text` NULL: the number. */
typedef struct mcl_trace_arg {
  const char *name, *text;
  double number;
} mcl_trace_arg;

#define MCL_TRACE_HOST 0u /* the track of the thread that runs the work */
#define MCL_TRACE_NO_TRACK UINT32_MAX

/**
 * An empty trace, whose times count from this moment; NULL if there is no memory.
 *
 * limit  bytes of text; what would not fit any more is counted and left out
 *
 * One thread at a time. It has one owner, and mcl_trace_ref makes one more; each gives it back with
 * mcl_trace_destroy (NULL is fine).
 */
mcl_trace *mcl_trace_create(size_t limit);
mcl_trace *mcl_trace_ref(mcl_trace *t);
void mcl_trace_destroy(mcl_trace *t);

/** Nothing is added from now on, and what there was is forgotten: its reader has it. */
void mcl_trace_stop(mcl_trace *t);

/** A track more, for mcl_trace_span. */
uint32_t mcl_trace_track(mcl_trace *t, const char *name);

/**
 * Add a span. Without memory for it, it is counted as left out.
 *
 * t           NULL: nothing happens
 * cat, name   any text; control characters and bytes that are no UTF-8 are made harmless
 * began, end  seconds of mcl_clock; an end before its begin is taken for it
 * arg         [args]
 */
void mcl_trace_span(mcl_trace *t, uint32_t track, const char *cat, const char *name, double began,
                    double end, const mcl_trace_arg *arg, size_t args);

/** The same for one that ends now. */
void mcl_trace_since(mcl_trace *t, uint32_t track, const char *cat, const char *name, double began,
                     const mcl_trace_arg *arg, size_t args);

/** The whole as JSON, whatever has happened; valid until anything is added. *n: its bytes. Never
 * NULL. */
const char *mcl_trace_text(mcl_trace *t, size_t *n);

#endif
