/* results.h - what requests give out, as it comes: texts to stdout, pictures to files. */
#ifndef MCL_CLI_JOBS_RESULTS_H
#define MCL_CLI_JOBS_RESULTS_H

#include "cli/jobs/speech.h"
#include "cli/jobs/builders.h"
#include "cli/jobs/progress.h"
#include "cli/jobs/rates.h"

/** What came of an output, as parts; `data` is behind them. */
typedef struct mcl_output {
  motcl_part part[2];
  void *data[2];
  size_t parts;
} mcl_output;

/**
 * Results of a request on their way.
 *
 * progress follows the request
 * answer   collects them instead of stdout; NULL: it does not
 * task     that the request is, where several are at work; NULL: it is all that the worker does
 * request  of items, of which those that are done say what came of them
 * item     [request.items] the same
 * made     [outputs]; `at` is the one at work
 * text     of the answer or thought at work: n bytes, room for `text_cap`
 * speech   words of the output at work; rates: how fast those and the steps of pictures come
 * builders  started where kernels are built, stopped where something is computed
 * rc       a failure of ours, with `err`; the work is then cancelled
 * width, height   of the last picture
 */
typedef struct mcl_results {
  const mcl_options *o;
  mcl_terminal *terminal;
  const mcl_progress *progress;
  motcl_worker *worker;
  motcl_task *task;
  mcl_builders *builders;
  mcl_answer *answer;
  motcl_request request;
  motcl_item *item;
  mcl_output *made;
  size_t outputs, at;
  char *text;
  size_t n, text_cap;
  uint32_t width, height;
  mcl_speech speech;
  mcl_rates rates;
  int rc;
  motcl_err err;
} mcl_results;

/** Begin with a request of items that is run for `o` on that worker; ended with mcl_results_finish.
 */
int mcl_results_init(mcl_results *r, const mcl_options *o, const mcl_progress *progress,
                     motcl_worker *w, mcl_builders *builders, const motcl_request *request,
                     mcl_answer *answer, motcl_err *err);
void mcl_results_finish(mcl_results *r);

/** For a sink: `user` is a mcl_results. */
void mcl_results_event(void *user, const motcl_event *e);

/** The work is over with `rc`, of which `err` tells; lines that have begun are ended. Returns rc,
 * or the failure of ours that ended it. */
int mcl_results_end(mcl_results *r, int rc, motcl_err *err);

#endif
