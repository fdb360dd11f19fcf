/* run.h - what draw, edit, ask and run do once their parts are in order. */
#ifndef MCL_CLI_JOBS_RUN_H
#define MCL_CLI_JOBS_RUN_H

#include "cli/env.h"
#include "cli/jobs/terminal.h"
#include "cli/options/options.h"

/** Run the job of `o`, whose typed parts are in order, and give out its results. */
int mcl_run_job(const mcl_env *env, mcl_options *o, motcl_err *err);

/** The model folder that is meant; MOTCL_EINVAL, with how to get one, if none was named. */
int mcl_model_folder(const char **dir, const mcl_env *env, const mcl_options *o, motcl_err *err);

/** If nobody named a model, say which one is taken and how to name another. */
void mcl_model_tell(mcl_terminal *terminal, const mcl_env *env, const mcl_options *o);

/** If the text of a job looks like a picture's name, say that it is a text. */
void mcl_text_tell(mcl_terminal *terminal, const mcl_options *o);

/** Both. */
void mcl_job_tell(mcl_terminal *terminal, const mcl_env *env, const mcl_options *o);

/** Everything of a request of items that can be found wrong before the work is, but for the request. */
int mcl_job_check(mcl_options *o, motcl_err *err);

/** With --build-only: build the kernels of the request of `o`, and store them if that is asked for. */
int mcl_job_build(motcl_worker *w, const mcl_env *env, const mcl_options *o, mcl_terminal *terminal,
                  motcl_err *err);

/** Let the job have a seed: its own, or one that is drawn. */
int mcl_job_seed(motcl_job *asked, motcl_err *err);

/** Whether -n goes with the request of `o`, and there are seeds for all of them; MOTCL_EINVAL. */
int mcl_job_count_check(const mcl_options *o, motcl_err *err);

/** The file that --trace names (NULL: none), and whether it could be written. Zeroed before use. */
typedef struct mcl_trace_file {
  const char *path;
  bool force;
  int rc;
  motcl_err err;
} mcl_trace_file;

/**
 * Open the worker that the options ask for; signals cancel it until mcl_close_worker.
 *
 * file  outlives the worker
 */
int mcl_open_worker(motcl_worker **w, motcl *m, const mcl_env *env, const mcl_options *o,
                    mcl_trace_file *file, motcl_err *err);

/** Put into an outcome, where there is one, which model runs where. */
void mcl_outcome_worker(mcl_outcome *outcome, const motcl_worker *w, const mcl_env *env,
                        const mcl_options *o);

/** Close it (NULL is fine), which writes the trace. Returns rc, or why that failed. */
int mcl_close_worker(motcl_worker *w, const mcl_trace_file *file, int rc, motcl_err *err);

#endif
