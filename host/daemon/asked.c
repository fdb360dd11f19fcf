/* asked.c - what clients ask of the daemon: jobs taken in, found, given up, held, fetched and forgotten. */
#include "daemon/daemon_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static mcl_refusal refuse(mcl_refusal why, motcl_err *err, const char *sentence) {
  mcl_fail(err, MOTCL_EINVAL, "%s", sentence);
  return why;
}

static mcl_refusal of_journal(mcl_daemon *d, int rc, motcl_err *err) {
  if (mcl_daemon_kept(d, rc, err))
    return 0;
  return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

/* What a request is, in a few words. */
static void describe(char out[65], const motcl_request *r) {
  size_t pictures = 0, drawn = 0, written = 0;
  motcl_item *item = NULL;
  size_t n = 0;
  if (motcl_request_items(&item, &n, r, NULL) != MOTCL_OK)
    n = 0;
  for (size_t i = 0; i < n; i++) {
    pictures += item[i].kind == MOTCL_ITEM_INPUT && item[i].part.kind == MOTCL_PART_PICTURE;
    if (item[i].kind == MOTCL_ITEM_OUTPUT)
      *(item[i].output == MOTCL_OUTPUT_TEXT ? &written : &drawn) += 1;
  }
  motcl_free(item);
  if (drawn + written > 1)
    snprintf(out, 65, "run, %zu pictures, %zu texts", drawn, written);
  else if (!drawn)
    snprintf(out, 65, "ask");
  else if (r->settings.width)
    snprintf(out, 65, "%s %ux%u", pictures ? "edit" : "draw", (unsigned)r->settings.width,
             (unsigned)r->settings.height);
  else
    snprintf(out, 65, "%s", pictures ? "edit" : "draw");
  if (!drawn && written > 1)
    snprintf(out, 65, "ask, %zu answers", written);
}

/* Ids stand in lines and file names. */
static bool good_id(const char *id) {
  for (const char *c = id; *c; c++)
    if (*c < '!' || *c > '~' || *c == '/')
      return false;
  return *id != 0 && *id != '.';
}

static int make_id(char out[33], motcl_err *err) {
  uint64_t a, b;
  int rc = motcl_seed(&a, err);
  if (rc == MOTCL_OK)
    rc = motcl_seed(&b, err);
  if (rc == MOTCL_OK)
    snprintf(out, 33, "%08" PRIx64 "%08" PRIx64, a, b);
  return rc;
}

/* Keys and values, each with a NUL behind it; NULL if there are none or no memory. */
static char *pack_labels(const motcl_job *job, size_t *n) {
  *n = 0;
  for (size_t i = 0; i < job->labels; i++)
    *n += strlen(job->label[i].key) + strlen(job->label[i].value) + 2;
  char *out = *n ? mcl_alloc(*n, 1) : NULL, *at = out;
  if (!out)
    *n = 0;
  for (size_t i = 0; out && i < job->labels; i++) {
    at = stpcpy(at, job->label[i].key) + 1;
    at = stpcpy(at, job->label[i].value) + 1;
  }
  return out;
}

static mcl_refusal room(mcl_daemon *d, const mcl_asker *who, motcl_err *err) {
  const mcl_daemon_user *user = mcl_jobs_user(&d->jobs, who->user);
  if (d->ends)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_ENDING, err,
                  "the daemon is ending; try again when it has come back");
  if (d->trouble) {
    mcl_fail(err, MOTCL_EIO, "no job can be kept at the moment: %s", d->trouble);
    return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
  }
  if (d->jobs.open >= d->config->queue)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err, "the queue is full; try again later");
  if (!user || user->open >= d->config->user_queue)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err,
                  "you have as many jobs in the queue as you may have; try again later");
  return 0;
}

/* From a message that was read to a row. */
static mcl_refusal take_in(mcl_daemon *d, const motcl_job *job, mcl_journal_job row,
                           const void *message, size_t n, mcl_daemon_job **out, bool *known,
                           motcl_err *err) {
  char what[65], id[33];
  mcl_acceptance how;
  int rc = MOTCL_OK;
  mcl_daemon_job *before = job->id ? mcl_jobs_by_id(&d->jobs, job->id) : NULL;
  row.id = job->id;
  if (!job->id && (rc = make_id(id, err)) == MOTCL_OK)
    row.id = id;
  describe(what, &job->request);
  row.what = what;
  if (rc == MOTCL_OK)
    rc = mcl_journal_accept(d->journal, &row, message, n, &how, err);
  if (rc != MOTCL_OK)
    return of_journal(d, rc, err);
  *known = how == MCL_ACCEPTED_BEFORE;
  if (how == MCL_ACCEPTED_OTHER)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_OTHER_CONTENT, err,
                  "there is another job of that id; choose another one");
  if (*known) {
    *out = before;
    return before ? 0
                  : refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err,
                           "there was no memory for this job; start the daemon again");
  }
  return mcl_jobs_add(&d->jobs, &row, out, err) == MOTCL_OK ? 0 : MOTCL__V1__REFUSAL__REFUSED_BUSY;
}

static mcl_refusal check(mcl_daemon *d, const motcl_job *job, motcl_err *err) {
  if (job->id && !good_id(job->id))
    return refuse(MOTCL__V1__REFUSAL__REFUSED_WRONG, err,
                  "an id is of the letters, digits and signs of ASCII, without slashes, and does "
                  "not begin with a dot");
  if (job->model && !(job->id && mcl_jobs_by_id(&d->jobs, job->id)) &&
      !mcl_daemon_config_model_dir(d->config, job->model)) {
    mcl_fail(err, MOTCL_EINVAL,
             "there is no model '%.200s' here; 'motcl jobs -v' lists those there are", job->model);
    return MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_MODEL;
  }
  return motcl_request_check(&job->request, err) == MOTCL_OK ? 0
                                                             : MOTCL__V1__REFUSAL__REFUSED_WRONG;
}

mcl_refusal mcl_daemon_submit(mcl_daemon *d, const mcl_asker *who, const void *message, size_t n,
                              bool hold, mcl_daemon_job **out, bool *known, motcl_err *err) {
  motcl_job job = {0};
  mcl_journal_job row = {.user = who->user};
  char *labels = NULL;
  if (motcl_job_unpack(&job, message, n, err) != MOTCL_OK)
    return MOTCL__V1__REFUSAL__REFUSED_WRONG;
  mcl_refusal why = check(d, &job, err);
  const bool there = job.id && mcl_jobs_by_id(&d->jobs, job.id); /* which needs no room */
  if (!why && (!there || d->trouble))
    why = room(d, who, err);
  if (!why) {
    row.state = hold ? HELD : WAITING;
    row.model = job.model ? job.model : d->config->model[0].name;
    row.priority = job.priority;
    row.deadline_ms = job.deadline;
    row.submitted_ms = row.changed_ms = mcl_daemon_now();
    row.labels = labels = pack_labels(&job, &row.labels_bytes);
    why = take_in(d, &job, row, message, n, out, known, err);
  }
  if (!why && !*known) {
    mcl_daemon_tell(&d->log, "accepted", "job", (*out)->row.id, "what", (*out)->row.what, "model",
                    (*out)->row.model, NULL);
    mcl_daemon_dispatch(d);
  }
  mcl_free(labels);
  motcl_job_finish(&job);
  return why;
}

mcl_refusal mcl_daemon_find(mcl_daemon *d, const mcl_asker *who, const char *id,
                            mcl_daemon_job **out, motcl_err *err) {
  *out = id ? mcl_jobs_by_id(&d->jobs, id) : NULL;
  if (*out && (who->all || (*out)->row.user == who->user))
    return 0;
  mcl_fail(err, MOTCL_EINVAL, "there is no job '%.128s' of yours", id ? id : "");
  return MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_JOB;
}

static mcl_refusal in_trouble(const mcl_daemon *d, motcl_err *err) {
  if (!d->trouble)
    return 0;
  mcl_fail(err, MOTCL_EIO, "nothing can be kept at the moment: %s", d->trouble);
  return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

static mcl_refusal has_ended(const mcl_daemon_job *job, motcl_err *err) {
  return mcl_job_ended(job->row.state)
             ? refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err, "the job has ended")
             : 0;
}

mcl_refusal mcl_daemon_cancel(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why || job->row.cancel)
    return why;
  if (!job->on) {
    mcl_daemon_finish_job(d, job, CANCELLED, MOTCL_ECANCELLED, "cancelled before it ran", NULL, 0);
    return in_trouble(d, err);
  }
  job->row.cancel = true;
  why = of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  job->row.cancel = !why;
  if (!why)
    mcl_daemon_order(job, MOTCL__V1__ORDER__WHAT_CANCEL);
  return why;
}

mcl_refusal mcl_daemon_hold(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why || job->row.state == HELD || job->row.hold)
    return why;
  if (!job->on) {
    mcl_daemon_to(d, job, HELD, NULL);
    return in_trouble(d, err);
  }
  job->row.hold = true;
  why = of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  job->row.hold = !why;
  if (!why && !job->parting)
    mcl_daemon_order(job, MOTCL__V1__ORDER__WHAT_PART);
  return why;
}

mcl_refusal mcl_daemon_release(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why)
    return why;
  if (job->row.hold) { /* it is still on its way to being held */
    job->row.hold = false;
    return of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  }
  if (job->row.state == HELD) {
    mcl_daemon_to(d, job, WAITING, NULL);
    mcl_daemon_dispatch(d);
  }
  return in_trouble(d, err);
}

mcl_refusal mcl_daemon_fetch(mcl_daemon *d, const mcl_daemon_job *job, uint8_t **bytes, size_t *n,
                             motcl_err *err) {
  if (!mcl_job_ended(job->row.state))
    return refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err,
                  "the job has not ended; 'motcl wait' waits for it");
  return mcl_journal_result(d->journal, job->row.number, bytes, n, err) == MOTCL_OK
             ? 0
             : MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

mcl_refusal mcl_daemon_forget(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  if (!mcl_job_ended(job->row.state))
    return refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err, "the job has not ended; cancel it first");
  mcl_refusal why = of_journal(d, mcl_journal_forget(d->journal, job->row.number, err), err);
  if (!why)
    mcl_jobs_remove(&d->jobs, job);
  return why;
}
