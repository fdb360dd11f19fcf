/* wait.c - motcl wait: following a job, its words and its pictures as they come. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/pattern.h"
#include "cli/jobs/preview.h"
#include "cli/jobs/protocol.h"
#include "cli/memory.h"
#include "cli/queue/queue.h"

/* A daemon that is gone is waited for so long, in seconds, and tried so often, in milliseconds. */
static const double most_away = 60;
enum { TRY = 200 };

static void say(void *user, bool thought, const char *text, size_t n) {
  mcl_heard *h = user;
  mcl_terminal *t = &h->queue->terminal;
  if (!n || h->rc != MOTCL_OK)
    return;
  if (thought) {
    h->thoughts = true;
    mcl_terminal_text(t, text, n);
    return;
  }
  /* to be held against the result */
  h->rc = mcl_append(&h->said, &h->n, &h->cap, text, n, &h->err);
  if (h->rc == MOTCL_OK)
    h->rc = mcl_terminal_answer(t, text, n, &h->err);
  h->midline = text[n - 1] != '\n';
}

void mcl_heard_end_words(mcl_heard *h) {
  mcl_thought_end(&h->thought, say, h);
  mcl_thought_init(&h->thought, true, &h->words);
  if (h->midline)
    say(h, false, "\n", 1);
}

void mcl_heard_finish(mcl_heard *h) {
  free(h->said);
  mcl_daemon_free(h->held);
  memset(h, 0, sizeof *h);
}

/* Whether words of the job may have been told to nobody: it runs, and is at them or behind them. */
static bool joined_late(const Motcl__V1__JobStatus *s) {
  static const char *const early[] = {"build", "prefill", "image_prefill"};
  if (s->state != MOTCL__V1__JOB_STATE__JOB_RUNNING || !s->phase)
    return false;
  for (size_t i = 0; i < sizeof early / sizeof *early; i++)
    if (!strcmp(s->phase, early[i]))
      return false;
  return !(s->has_done && s->done == 0);
}

static void on_words(mcl_heard *h, const motcl_job_event *e) {
  if (!h->streams || h->queue->o->outcome)
    return;
  if (e->output != h->output)
    mcl_heard_end_words(h);
  h->output = e->output;
  if (e->kind == MOTCL_JOB_THOUGHT)
    say(h, true, e->text, strlen(e->text));
  else
    mcl_thought_push(&h->thought, e->text, strlen(e->text), say, h);
}

static void on_preview(mcl_heard *h, const motcl_job_event *e) {
  const mcl_options *o = h->queue->o;
  uint8_t *rgb = NULL;
  motcl_event shown = {.kind = MOTCL_EVENT_PREVIEW, .step = e->step, .of = e->of};
  if (!o->preview && !o->preview_file)
    return;
  int rc = motcl_picture_decode(&rgb, &shown.width, &shown.height, NULL, e->file, e->bytes, true,
                                &h->err);
  shown.rgb = rgb;
  if (rc == MOTCL_OK)
    rc = mcl_preview_show(o, &h->queue->terminal, &shown, &h->err);
  motcl_free(rgb);
  h->rc = rc;
}

static void on_step(mcl_heard *h, const motcl_job_event *e) {
  const bool words = e->phase == MOTCL_PHASE_DECODE || e->phase == MOTCL_PHASE_THINK;
  const motcl_event step = {
      .kind = MOTCL_EVENT_STEP, .phase = e->phase, .step = e->step, .of = e->of, .left = e->left};
  if (e->phase != MOTCL_PHASE_COUNT && !(words && h->streams && h->queue->terminal.bar))
    mcl_progress_step(&h->progress, &step);
}

static void on_event(mcl_heard *h, const motcl_job_event *e) {
  switch (e->kind) {
  case MOTCL_JOB_STARTED: /* what is told from here on may have been told before */
    if (++h->starts > 1)
      h->streams = false;
    break;
  case MOTCL_JOB_STEP:
    on_step(h, e);
    break;
  case MOTCL_JOB_THOUGHT:
  case MOTCL_JOB_TEXT:
    on_words(h, e);
    break;
  case MOTCL_JOB_PREVIEW:
    on_preview(h, e);
    break;
  case MOTCL_JOB_PICTURE: /* whose name comes before the texts behind it */
    h->streams = false;
    break;
  default:
    break;
  }
}

static const char *name_of(const Motcl__V1__JobStatus *s) {
  return s->what && *s->what ? s->what : "the job";
}

/* What the bar shows of a job that does not run. */
static void show_state(mcl_heard *h) {
  const Motcl__V1__JobStatus *s = h->status;
  mcl_left unknown = {MCL_LEFT_UNKNOWN, 0};
  if (s->state == MOTCL__V1__JOB_STATE__JOB_WAITING)
    mcl_terminal_step(&h->queue->terminal, "waiting", 0, 0, unknown);
  else if (s->state == MOTCL__V1__JOB_STATE__JOB_HELD)
    mcl_terminal_step(&h->queue->terminal, "held", 0, 0, unknown);
  if (s->has_place && s->state == MOTCL__V1__JOB_STATE__JOB_WAITING)
    mcl_terminal_say(&h->queue->terminal, true, "%s waits as number %u of the queue", name_of(s),
                     s->place);
}

static void take_status(mcl_heard *h, Motcl__V1__Response *r) {
  const bool first = !h->status;
  mcl_daemon_free(h->held);
  h->held = r;
  h->status = r->job;
  if (first && joined_late(h->status))
    h->streams = false;
  if (first && h->status->has_attempts && h->status->state == MOTCL__V1__JOB_STATE__JOB_RUNNING)
    h->starts = 1;
  show_state(h);
}

/* One that cannot be read is of a kind that this version does not know, or none; the result counts. */
static void take_event(mcl_heard *h, const ProtobufCBinaryData *bytes) {
  motcl_job_event e;
  if (motcl_job_event_unpack(&e, bytes->data, bytes->len, NULL) != MOTCL_OK)
    return;
  on_event(h, &e);
  motcl_job_event_finish(&e);
}

/* For good. */
static bool has_ended(const Motcl__V1__JobStatus *s) {
  return s->state >= MOTCL__V1__JOB_STATE__JOB_DONE &&
         s->state <= MOTCL__V1__JOB_STATE__JOB_CANCELLED;
}

/* Everything that is said of the job, until it has ended. */
static int hear(mcl_queue *q, mcl_heard *h, motcl_err *err) {
  bool last = false;
  while (!last) {
    Motcl__V1__Response *r;
    int rc = mcl_daemon_hear(&q->daemon, true, &r, err);
    if (rc != MOTCL_OK)
      return rc;
    last = r->last;
    if (r->what_case == MOTCL__V1__RESPONSE__WHAT_JOB && r->job) {
      take_status(h, r);
    } else {
      if (r->what_case == MOTCL__V1__RESPONSE__WHAT_EVENT)
        take_event(h, &r->event);
      mcl_daemon_free(r);
    }
    if (h->rc != MOTCL_OK) {
      *err = h->err;
      return h->rc;
    }
  }
  if (h->status && has_ended(h->status))
    return MOTCL_OK;
  q->daemon.lost = true; /* as a daemon that ends may say */
  return motcl_fail(err, MOTCL_EIO, "the daemon at '%.200s' tells no more of this job",
                    q->daemon.path);
}

static int watch(mcl_queue *q, mcl_heard *h, const char *id, motcl_err *err) {
  char copy[1024];
  Motcl__V1__WhichJob which = MOTCL__V1__WHICH_JOB__INIT;
  Motcl__V1__Request r = MOTCL__V1__REQUEST__INIT;
  snprintf(copy, sizeof copy, "%s", id);
  which.id = copy;
  r.what_case = MOTCL__V1__REQUEST__WHAT_WATCH;
  r.watch = &which;
  int rc = mcl_daemon_send(&q->daemon, &r, err);
  return rc == MOTCL_OK ? hear(q, h, err) : rc;
}

/* Connect once more, as a daemon that is started anew may need a while. What it says then of the job is not
 * all that there was. */
static int come_back(mcl_queue *q, mcl_heard *h, motcl_err *err) {
  const double until = mcl_seconds() + most_away;
  int rc;
  h->streams = false;
  mcl_terminal_say(&q->terminal, false,
                   "the daemon is gone, and its jobs are kept; waiting for it to come back");
  do {
    (void)poll(NULL, 0, TRY);
    mcl_daemon_close(&q->daemon);
    rc = mcl_interrupted() ? motcl_fail(err, MOTCL_ECANCELLED, "cancelled")
                           : mcl_daemon_open(&q->daemon, q->env, q->o, err);
  } while (rc == MOTCL_EIO && mcl_seconds() < until);
  return rc;
}

int mcl_queue_wait(mcl_queue *q, mcl_heard *h, const char *id, motcl_err *err) {
  *h = (mcl_heard){.queue = q, .progress = {.terminal = &q->terminal}, .streams = true};
  mcl_protocol_words(&h->words, q->o->request.settings.protocol);
  mcl_thought_init(&h->thought, true, &h->words);
  int rc = watch(q, h, id, err);
  while (rc == MOTCL_EIO && q->daemon.lost && h->status && h->rc == MOTCL_OK) {
    rc = come_back(q, h, err);
    if (rc == MOTCL_OK)
      rc = watch(q, h, id, err);
  }
  if (rc == MOTCL_ECANCELLED)
    return motcl_fail(err, rc,
                      "no longer waiting; job '%.128s' goes on, 'motcl wait %.128s' waits for it "
                      "again and 'motcl cancel %.128s' gives it up",
                      id, id, id);
  return rc;
}

static int forget_job(mcl_queue *q, const char *id, motcl_err *err) {
  Motcl__V1__Response *r;
  int rc =
      mcl_queue_ask(q, MOTCL__V1__REQUEST__WHAT_FORGET, id, MOTCL__V1__RESPONSE__WHAT_JOB, &r, err);
  if (rc == MOTCL_OK)
    mcl_daemon_free(r);
  return rc;
}

int mcl_queue_wait_all(mcl_queue *q, const char *const *id, size_t n, bool known, bool writes,
                       bool forget, motcl_err *err) {
  motcl_err other;
  int first = MOTCL_OK;
  for (size_t i = 0; i < n; i++) {
    mcl_heard h;
    motcl_err *to = first == MOTCL_OK ? err : &other;
    int rc = mcl_queue_wait(q, &h, id[i], to);
    bool gave = rc == MOTCL_OK;
    if (gave)
      rc = mcl_queue_give(q, id[i], &h, mcl_queue_tell(q, h.status), known ? (long)i : -1, writes,
                          to);
    gave = gave && (rc == MOTCL_OK || h.status->state != MOTCL__V1__JOB_STATE__JOB_DONE);
    mcl_heard_finish(&h);
    if (gave && forget)
      (void)forget_job(q, id[i], NULL);
    first = first == MOTCL_OK ? rc : first;
    if (rc == MOTCL_ECANCELLED && mcl_interrupted())
      break;
    if (rc != MOTCL_OK && to == &other)
      mcl_terminal_say(&q->terminal, false, "%s", other.text);
  }
  return first;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_queue q;
  motcl_format format;
  int rc = mcl_preview_check(o, err);
  if (rc == MOTCL_OK && o->output && o->word_count > 1 &&
      (!strcmp(o->output, "-") ||
       (motcl_format_of_name(o->output, &format) && !mcl_pattern_varies(o->output))))
    rc = motcl_fail(err, MOTCL_EINVAL,
                    "-o '%.200s' is for one job; name a folder, or let %%s be the seed in the name",
                    o->output);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_queue_open(&q, env, o, err);
  (void)mcl_preview_wanted(o, &q.terminal);
  if (rc == MOTCL_OK)
    rc = mcl_queue_wait_all(&q, o->words, o->word_count, false, o->output != NULL, false, err);
  mcl_queue_close(&q);
  return rc;
}

const mcl_command mcl_command_wait = {
    .name = "wait",
    .words = "ID...",
    .missing = "the id of a job",
    .about = "wait for jobs of a daemon, and see how they come along",
    .notes = "Answers are printed as they are written. With -o pictures are written too, as\n"
             "'motcl fetch' writes them. The exit status is the job's: that of the first that\n"
             "failed. Ctrl-C ends the waiting, and the job goes on.",
    .bit = MCL_CMD_WAIT,
    .takes = MCL_CMD_WAIT,
    .least = 1,
    .most = 1000,
    .run = run,
    .examples = {{"motcl wait star-1 -o star.png", "wait for a job and write its picture", false}},
};
