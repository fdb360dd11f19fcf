/* submit.c - motcl submit: a job for a daemon, from the words of draw, edit, ask and run; and these with
 * --daemon, which wait for it and leave nothing there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/protocol.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/items.h"
#include "cli/jobs/output.h"
#include "cli/jobs/preview.h"
#include "cli/jobs/run.h"
#include "cli/jobs/stored.h"
#include "cli/memory.h"
#include "cli/print.h"
#include "cli/queue/queue.h"

enum { ID = 256 };

/*
 * Jobs being submitted: `count` of one request.
 *
 * asked   as it is stored: what a single one sends, if there are no previews
 * keys    [o.labels] in one block with the labels
 * ids     [count] that the daemon has for them, `sent` of them known
 * waits   for what comes of them; writes: and pictures are wanted
 */
typedef struct submission {
  mcl_options *o;
  mcl_inputs in;
  mcl_job_items items;
  motcl_job asked;
  motcl_label *label;
  char **key, **ids;
  size_t sent;
  bool waits, writes, previews;
} submission;

static bool is_any(const char *name, const char *const *of) {
  for (; *of; of++)
    if (!strcmp(name, *of))
      return true;
  return false;
}

/* The configuration's model is a folder of this machine. */
static bool names_model(const mcl_options *o) {
  return mcl_option_from(o, "model") == MCL_GIVEN_TYPED;
}

/* Where a job runs the daemon decides, and what becomes of its result who waits for it. */
static int check_line(const mcl_options *o, bool waits, motcl_err *err) {
  static const char *const results[] = {"output",      "quality",      "force",
                                        "no-metadata", "preview-file", NULL};
  for (size_t i = 0; i < mcl_option_count; i++) {
    const mcl_option *row = &mcl_option_table[i];
    if (o->given[i] != MCL_GIVEN_TYPED)
      continue;
    if (!(row->commands & MCL_CMD_SUBMIT) && row->section != MCL_SECTION_OTHER &&
        strcmp(row->name, "daemon") != 0)
      return motcl_fail(err, MOTCL_EINVAL,
                        "--%s does not go with --daemon, which is asked for a result alone; leave "
                        "it out",
                        row->name);
    if (!waits && is_any(row->name, results))
      return motcl_fail(err, MOTCL_EINVAL,
                        "--%s is for results, which a job that is submitted does not have yet; add "
                        "--wait, or give it to 'motcl fetch' later",
                        row->name);
  }
  if (names_model(o) && strchr(o->model, '/'))
    return motcl_fail(err, MOTCL_EINVAL,
                      "-m '%.200s' is a folder; a daemon has names for its models, so give one of "
                      "these, or none for its first",
                      o->model);
  return MOTCL_OK;
}

static int take_labels(submission *s, motcl_err *err) {
  const mcl_options *o = s->o;
  s->label = calloc(o->labels + 1, sizeof *s->label);
  s->key = (char **)calloc(o->labels + 1, sizeof(char *));
  if (!s->label || !s->key)
    return mcl_no_memory(err);
  for (size_t i = 0; i < o->labels; i++) {
    int rc = mcl_copy_text(&s->key[i], o->label[i], err);
    if (rc != MOTCL_OK)
      return rc;
    char *equals = strchr(s->key[i], '=');
    *equals = 0;
    s->label[i] = (motcl_label){.key = s->key[i], .value = equals + 1};
  }
  return MOTCL_OK;
}

/* The name of the job, or what those of several begin with; NULL: the daemon gives one. */
static const char *base_id(const submission *s) {
  return s->o->id ? s->o->id : s->asked.id;
}

/* The job, and whether its results can be had. With an id and no seed of its own it has none, so that the same
 * line is the same job. */
static int prepare(submission *s, const mcl_env *env, motcl_err *err) {
  mcl_options *o = s->o;
  mcl_terminal terminal;
  mcl_terminal_init(&terminal, env, o);
  int rc = check_line(o, s->waits, err);
  if (rc == MOTCL_OK && o->protocol && !o->job &&
      !o->like) /* the daemon's model is not here to ask for its own */
    rc = mcl_protocol_settle(o, env, mcl_job_edits(o), err);
  if (rc == MOTCL_OK)
    rc = mcl_until_done(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_gather(&s->asked, &s->in, o, err);
  if (rc == MOTCL_OK && !base_id(s))
    rc = mcl_job_seed(&s->asked, err);
  if (rc == MOTCL_OK)
    rc = motcl_request_check(&s->asked.request, err);
  s->previews = s->waits ? mcl_preview_wanted(o, &terminal) : o->preview;
  if (rc == MOTCL_OK)
    rc = mcl_job_items_list(&s->items, o, &s->asked.request, s->previews, err);
  s->writes = o->daemon || o->output;
  if (rc == MOTCL_OK && s->writes)
    rc = mcl_job_check(o, err);
  else if (rc == MOTCL_OK)
    rc = mcl_job_count_check(o, err);
  s->ids = (char **)calloc(o->count, sizeof(char *));
  if (rc == MOTCL_OK && !s->ids)
    rc = mcl_no_memory(err);
  if (rc == MOTCL_OK)
    mcl_text_tell(&terminal, o);
  return rc == MOTCL_OK ? take_labels(s, err) : rc;
}

static void finish(submission *s) {
  for (size_t i = 0; s->key && i < s->o->labels; i++)
    free(s->key[i]);
  for (size_t i = 0; s->ids && i < s->sent; i++)
    free(s->ids[i]);
  free((void *)s->key);
  free((void *)s->ids);
  free(s->label);
  mcl_job_items_finish(&s->items);
  mcl_inputs_finish(&s->in);
  motcl_job_finish(&s->asked);
}

/* The i-th job as a message. */
static int pack(const submission *s, uint32_t i, uint8_t **bytes, size_t *n, motcl_err *err) {
  const mcl_options *o = s->o;
  char id[ID];
  motcl_job job = s->asked;
  if (o->count > 1 || s->previews)
    job.request = o->request;
  job.request.seed += i;
  if (base_id(s)) {
    snprintf(id, sizeof id, o->count > 1 ? "%.200s-%" PRIu32 : "%.200s", base_id(s), i + 1);
    job.id = id;
  }
  if (names_model(o))
    job.model = o->model;
  if (mcl_option_given(o, "priority"))
    job.priority = o->priority;
  if (mcl_option_given(o, "deadline"))
    job.deadline = o->deadline;
  if (o->labels) {
    job.label = s->label;
    job.labels = o->labels;
  }
  return motcl_job_pack(&job, bytes, n, err);
}

static int keep_id(submission *s, const Motcl__V1__JobStatus *status, motcl_err *err) {
  if (!status->id || !*status->id)
    return motcl_fail(err, MOTCL_EIO, "the daemon has given the job no id; see its log");
  int rc = mcl_copy_text(&s->ids[s->sent], status->id, err);
  s->sent += rc == MOTCL_OK;
  return rc;
}

static void tell(mcl_queue *q, const submission *s, const Motcl__V1__JobStatus *status) {
  mcl_queue_tell(q, status);
  if (status->known)
    mcl_terminal_say(&q->terminal, false, "job '%.128s' was there before, and is %s", status->id,
                     mcl_queue_state(status->state));
  if (s->o->daemon) {
    mcl_terminal_say(&q->terminal, true, "job '%.128s'", status->id);
  } else if (!s->o->outcome) {
    (void)mcl_print_clean(status->id, 0);
    putchar('\n');
    fflush(stdout);
  }
}

static int send_one(mcl_queue *q, submission *s, uint32_t i, motcl_err *err) {
  Motcl__V1__Submit submit = MOTCL__V1__SUBMIT__INIT;
  Motcl__V1__Request r = MOTCL__V1__REQUEST__INIT;
  Motcl__V1__Response *got;
  uint8_t *bytes;
  int rc = pack(s, i, &bytes, &submit.job.len, err);
  if (rc != MOTCL_OK)
    return rc;
  submit.job.data = bytes;
  submit.has_job = true;
  submit.has_hold = true;
  submit.hold = s->o->hold;
  r.what_case = MOTCL__V1__REQUEST__WHAT_SUBMIT;
  r.submit = &submit;
  rc = mcl_daemon_ask(&q->daemon, &r, MOTCL__V1__RESPONSE__WHAT_JOB, &got, err);
  motcl_free(bytes);
  if (rc != MOTCL_OK)
    return rc;
  rc = keep_id(s, got->job, err);
  if (rc == MOTCL_OK)
    tell(q, s, got->job);
  mcl_daemon_free(got);
  return rc;
}

static int send_all(mcl_queue *q, submission *s, motcl_err *err) {
  int rc = MOTCL_OK;
  for (uint32_t i = 0; i < s->o->count && rc == MOTCL_OK; i++)
    rc =
        mcl_interrupted() ? motcl_fail(err, MOTCL_ECANCELLED, "cancelled") : send_one(q, s, i, err);
  if (rc == MOTCL_OK && !s->waits && !s->asked.unseeded)
    mcl_terminal_say(&q->terminal, mcl_request_certain(&s->o->request), "seed %" PRIu64,
                     s->o->request.seed);
  return rc;
}

int mcl_queue_submit(const mcl_env *env, mcl_options *o, motcl_err *err) {
  submission s = {.o = o, .waits = o->daemon || o->wait};
  mcl_queue q;
  int rc = prepare(&s, env, err);
  if (rc != MOTCL_OK) {
    finish(&s);
    return rc;
  }
  rc = mcl_queue_open(&q, env, o, err);
  if (rc == MOTCL_OK)
    rc = send_all(&q, &s, err);
  if (rc == MOTCL_OK && s.waits)
    rc = mcl_queue_wait_all(&q, (const char *const *)s.ids, s.sent, !s.asked.unseeded, s.writes,
                            o->daemon, err);
  mcl_queue_close(&q);
  finish(&s);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  return mcl_command_of_job(&mcl_command_submit, MCL_CMD_SUBMITTED, mcl_queue_submit, env, o, err);
}

const mcl_command mcl_command_submit = {
    .name = "submit",
    .words = "draw|edit|ask|run WORD...",
    .missing = "what is to be done",
    .about = "a job for a daemon, to be done when its turn comes",
    .notes = "Takes the command line of a job and prints its id, once it is on the daemon's\n"
             "disk: from then on it is done, whatever happens to either. -m is the daemon's\n"
             "name for a model. With -n the jobs are ID-1, ID-2, ... The same line with the\n"
             "same --id is the same job, not a second one; without --seed it is the daemon\n"
             "that draws the seed then.\n"
             "'motcl wait' follows jobs, 'motcl fetch' has what came of them.\n"
             "The options of all jobs, of which each takes its own:",
    .bit = MCL_CMD_SUBMIT,
    .takes = MCL_CMD_SUBMIT,
    .least = 1,
    .most = 1000,
    .run = run,
    .examples = {{"motcl submit draw 'a big red star on white' --id star-1", "let a daemon draw",
                  false},
                 {"motcl submit ask 'what is red?' --wait --priority 5",
                  "ask before others, and wait for the answer", false}},
};
