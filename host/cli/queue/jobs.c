/* jobs.c - motcl jobs: a table of a daemon's jobs. */
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/jobs/interrupt.h"
#include "cli/memory.h"
#include "cli/print.h"
#include "cli/queue/queue.h"

enum { STATE, PLACE, WHAT, STEP, LEFT, USER, COLUMNS, CELL = 48 };

/*
 * Jobs that are listed.
 *
 * page   what they stand in
 * job    [n] the latest submitted first
 * user   the last whose name was asked for
 */
typedef struct list {
  Motcl__V1__Response **page;
  const Motcl__V1__JobStatus **job;
  size_t pages, page_cap, n, cap;
  bool named;
  uint32_t user;
  char name[CELL];
} list;

static void list_finish(list *l) {
  for (size_t i = 0; i < l->pages; i++)
    mcl_daemon_free(l->page[i]);
  free((void *)l->page);
  free((void *)l->job);
  *l = (list){.pages = 0};
}

static bool is_wanted(const mcl_options *o, const Motcl__V1__JobStatus *s) {
  for (size_t i = 0; i < o->word_count; i++)
    if (s->id && !strcmp(o->words[i], s->id))
      return true;
  return !o->word_count;
}

static int add_page(list *l, Motcl__V1__Response *page, const mcl_options *o, motcl_err *err) {
  void *pages = (void *)l->page;
  int rc = mcl_one_more(&pages, &l->page_cap, l->pages, sizeof(void *), err);
  if (rc != MOTCL_OK) {
    mcl_daemon_free(page);
    return rc;
  }
  l->page = pages;
  l->page[l->pages++] = page;
  for (size_t i = 0; i < page->jobs->n_job && rc == MOTCL_OK; i++) {
    void *jobs = (void *)l->job;
    if (!is_wanted(o, page->jobs->job[i]))
      continue;
    rc = mcl_one_more(&jobs, &l->cap, l->n, sizeof(void *), err);
    l->job = jobs;
    if (rc == MOTCL_OK)
      l->job[l->n++] = page->jobs->job[i];
  }
  return rc;
}

/* Page by page; a daemon whose pages do not go down would never end. */
static int read_list(mcl_queue *q, list *l, motcl_err *err) {
  Motcl__V1__ListJobs which = MOTCL__V1__LIST_JOBS__INIT;
  Motcl__V1__Request r = MOTCL__V1__REQUEST__INIT;
  Motcl__V1__Response *page;
  bool more = true;
  int rc = MOTCL_OK;
  which.has_open = true;
  which.open = q->o->open;
  r.what_case = MOTCL__V1__REQUEST__WHAT_LIST;
  r.list = &which;
  while (more && rc == MOTCL_OK) {
    rc = mcl_daemon_ask(&q->daemon, &r, MOTCL__V1__RESPONSE__WHAT_JOBS, &page, err);
    if (rc != MOTCL_OK)
      break;
    const Motcl__V1__JobList *jobs = page->jobs;
    const uint64_t last = jobs->n_job ? jobs->job[jobs->n_job - 1]->number : 0;
    more = jobs->more && last && (!which.has_before || last < which.before);
    which.has_before = true;
    which.before = last;
    rc = add_page(l, page, q->o, err);
  }
  return rc;
}

static int check_found(const mcl_options *o, const list *l, motcl_err *err) {
  for (size_t i = 0; i < o->word_count; i++) {
    bool found = false;
    for (size_t k = 0; k < l->n && !found; k++)
      found = !strcmp(o->words[i], l->job[k]->id);
    if (!found)
      return motcl_fail(err, MOTCL_EIO, "there is no %sjob '%.128s'; 'motcl jobs' lists them",
                        o->open ? "open " : "", o->words[i]);
  }
  return MOTCL_OK;
}

static const char *user_name(list *l, uint32_t user) {
  if (l->named && l->user == user)
    return l->name;
  const struct passwd *p = getpwuid((uid_t)user);
  if (p)
    snprintf(l->name, sizeof l->name, "%s", p->pw_name);
  else
    snprintf(l->name, sizeof l->name, "%" PRIu32, user);
  l->named = true;
  l->user = user;
  return l->name;
}

static void fill_cells(char cell[COLUMNS][CELL], list *l, const Motcl__V1__JobStatus *s) {
  const bool runs = s->state == MOTCL__V1__JOB_STATE__JOB_RUNNING;
  char time[16];
  memset(cell, 0, (size_t)COLUMNS * CELL);
  if (runs && s->beside)
    snprintf(cell[STATE], CELL, "running, %" PRIu32 " beside", s->beside);
  else
    snprintf(cell[STATE], CELL, "%s", mcl_queue_state(s->state));
  if (s->state == MOTCL__V1__JOB_STATE__JOB_WAITING && s->has_place)
    snprintf(cell[PLACE], CELL, "%" PRIu32, s->place);
  snprintf(cell[WHAT], CELL, "%s", s->what ? s->what : "");
  if (runs && s->has_of && s->of)
    snprintf(cell[STEP], CELL, "%" PRIu32 "/%" PRIu32, s->done, s->of);
  if (runs && s->has_left && s->left >= 0)
    snprintf(cell[LEFT], CELL, "%s", mcl_time_text(time, s->left));
  snprintf(cell[USER], CELL, "%s", s->has_user ? user_name(l, s->user) : "");
}

/* Characters of UTF-8. */
static size_t columns_of(const char *s) {
  size_t n = 0;
  for (; *s; s++)
    n += ((unsigned char)*s & 0xC0) != 0x80;
  return n;
}

static void print_cell(const char *text, size_t wide, bool last) {
  (void)mcl_print_clean(text, 0);
  if (!last)
    printf("%*s", (int)(wide - columns_of(text)) + 2, "");
}

static void print_more(const Motcl__V1__JobStatus *s) {
  char time[16];
  if (s->model && *s->model) {
    fputs("    model ", stdout);
    print_cell(s->model, 0, true);
    putchar('\n');
  }
  if (s->device && *s->device) {
    fputs("    on ", stdout);
    print_cell(s->device, 0, true);
    putchar('\n');
  }
  if (s->priority)
    printf("    priority %" PRIi32 "\n", s->priority);
  if (s->attempts > 1)
    printf("    begun or gone on with %" PRIu32 " times\n", s->attempts);
  if (s->result_bytes)
    printf("    result of %s\n", mcl_bytes_text(time, s->result_bytes));
  for (size_t i = 0; i < s->n_label; i++) {
    fputs("    ", stdout);
    print_cell(s->label[i]->key ? s->label[i]->key : "", 0, true);
    putchar('=');
    print_cell(s->label[i]->value ? s->label[i]->value : "", 0, true);
    putchar('\n');
  }
}

/* At most so many, the earliest first, so that what is going on is at the end. Returns the lines. */
static size_t print_list(list *l, const mcl_options *o, size_t most) {
  static const char *const heads[COLUMNS] = {"STATE", "PLACE", "WHAT", "STEP", "LEFT", "USER"};
  const size_t n = l->n < most ? l->n : most;
  size_t wide[COLUMNS], id = 2, lines = n + 1;
  char cell[COLUMNS][CELL];
  for (int c = 0; c < COLUMNS; c++)
    wide[c] = strlen(heads[c]);
  for (size_t i = 0; i < n; i++) {
    const size_t length = l->job[i]->id ? columns_of(l->job[i]->id) : 0;
    fill_cells(cell, l, l->job[i]);
    id = length > id ? length : id;
    for (int c = 0; c < COLUMNS; c++)
      wide[c] = columns_of(cell[c]) > wide[c] ? columns_of(cell[c]) : wide[c];
  }
  print_cell("ID", id, false);
  for (int c = 0; c < COLUMNS; c++)
    print_cell(heads[c], wide[c], c + 1 == COLUMNS);
  putchar('\n');
  for (size_t i = n; i-- > 0;) {
    const Motcl__V1__JobStatus *s = l->job[i];
    fill_cells(cell, l, s);
    print_cell(s->id ? s->id : "", id, false);
    for (int c = 0; c < COLUMNS; c++)
      print_cell(cell[c], wide[c], c + 1 == COLUMNS);
    putchar('\n');
    if ((o->verbose || o->word_count) && s->sentence && *s->sentence) {
      fputs("    ", stdout);
      (void)mcl_print_clean(s->sentence, 4);
      putchar('\n');
      lines++;
    }
    if (o->verbose && !o->watch)
      print_more(s);
  }
  return lines;
}

static json_t *daemon_json(const Motcl__V1__DaemonStatus *s) {
  json_t *all =
      json_pack("{s:o, s:I, s:I, s:I, s:I}", "version", mcl_json_text(s->version ? s->version : ""),
                "waiting", (json_int_t)s->waiting, "held", (json_int_t)s->held, "running",
                (json_int_t)s->running, "ended", (json_int_t)s->ended);
  json_t *models = json_array(), *devices = json_array();
  for (size_t i = 0; i < s->n_model; i++)
    json_array_append_new(models, mcl_json_text(s->model[i]));
  for (size_t i = 0; i < s->n_device; i++) {
    const Motcl__V1__DaemonDevice *d = s->device[i];
    json_array_append_new(
        devices,
        json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:o}", "option",
                  mcl_json_text(d->option ? d->option : ""), "name",
                  mcl_json_text(d->name ? d->name : ""), "driver",
                  mcl_json_text(d->driver ? d->driver : ""), "process", (json_int_t)d->process,
                  "crashes", (json_int_t)d->crashes, "jobs", (json_int_t)d->jobs, "trouble",
                  d->trouble && *d->trouble ? mcl_json_text(d->trouble) : json_null()));
  }
  json_object_set_new(all, "models", models);
  json_object_set_new(all, "devices", devices);
  json_object_set_new(all, "trouble",
                      s->trouble && *s->trouble ? mcl_json_text(s->trouble) : json_null());
  return all;
}

/* How the daemon is, where somebody wants to know, and why it takes no jobs in any case. */
static int tell_daemon(mcl_queue *q, motcl_err *err) {
  Motcl__V1__AskDaemon ask = MOTCL__V1__ASK_DAEMON__INIT;
  Motcl__V1__Request r = MOTCL__V1__REQUEST__INIT;
  Motcl__V1__Response *got;
  r.what_case = MOTCL__V1__REQUEST__WHAT_DAEMON;
  r.daemon = &ask;
  int rc = mcl_daemon_ask(&q->daemon, &r, MOTCL__V1__RESPONSE__WHAT_DAEMON, &got, err);
  if (rc != MOTCL_OK)
    return rc;
  const Motcl__V1__DaemonStatus *s = got->daemon;
  if (q->o->outcome)
    mcl_outcome_put(q->o->outcome, "daemon", daemon_json(s));
  for (size_t i = 0; i < s->n_model; i++)
    mcl_terminal_say(&q->terminal, true, "model %.256s", s->model[i]);
  for (size_t i = 0; i < s->n_device; i++) {
    const Motcl__V1__DaemonDevice *d = s->device[i];
    const bool bad = d->trouble && *d->trouble;
    mcl_terminal_say(&q->terminal, !bad, "device %.256s%s%.900s",
                     d->name && *d->name ? d->name
                     : d->option         ? d->option
                                         : "",
                     bad ? ": " : "", bad ? d->trouble : "");
  }
  if (s->trouble && *s->trouble)
    mcl_terminal_say(&q->terminal, false, "the daemon takes no jobs: %.900s", s->trouble);
  mcl_daemon_free(got);
  return MOTCL_OK;
}

static size_t screen_rows(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 3 ? size.ws_row - 2u : 22;
}

/* About a second; false if a signal came. */
static bool pause_a_little(void) {
  for (int i = 0; i < 10 && !mcl_interrupted(); i++)
    (void)poll(NULL, 0, 100);
  return !mcl_interrupted();
}

/* Each table over the one before. */
static int watch(mcl_queue *q, motcl_err *err) {
  size_t lines = 0;
  int rc = MOTCL_OK;
  do {
    list l = {.pages = 0};
    rc = read_list(q, &l, err);
    if (rc == MOTCL_OK) {
      if (lines)
        printf("\r\033[%zuA\033[J", lines);
      lines = print_list(&l, q->o, screen_rows());
      fflush(stdout);
    }
    list_finish(&l);
  } while (rc == MOTCL_OK && pause_a_little());
  return rc == MOTCL_ECANCELLED ? MOTCL_OK : rc;
}

static int show(mcl_queue *q, motcl_err *err) {
  list l = {.pages = 0};
  int rc = tell_daemon(q, err);
  if (rc == MOTCL_OK)
    rc = read_list(q, &l, err);
  if (rc == MOTCL_OK)
    rc = check_found(q->o, &l, err);
  for (size_t i = l.n; q->o->outcome && rc == MOTCL_OK && i-- > 0;)
    mcl_queue_tell(q, l.job[i]);
  if (rc == MOTCL_OK && !q->o->outcome)
    (void)print_list(&l, q->o, SIZE_MAX);
  list_finish(&l);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_queue q;
  if (o->watch && (o->outcome || isatty(STDOUT_FILENO) != 1 || env->dumb))
    return motcl_fail(err, MOTCL_EINVAL,
                      "--watch draws on a terminal, which stdout is not; 'motcl wait' tells "
                      "programs when jobs have ended");
  int rc = mcl_queue_open(&q, env, o, err);
  if (rc == MOTCL_OK)
    rc = o->watch ? watch(&q, err) : show(&q, err);
  mcl_queue_close(&q);
  return rc;
}

const mcl_command mcl_command_jobs = {
    .name = "jobs",
    .words = "[ID...]",
    .about = "the jobs of a daemon, and how far they are",
    .notes = "Yours, or everybody's for root and operators; the latest submitted last. With -v\n"
             "come models, devices, labels and what went wrong.",
    .bit = MCL_CMD_LIST,
    .takes = MCL_CMD_LIST,
    .least = 0,
    .most = 10000,
    .run = run,
    .examples = {{"motcl jobs --open", "list what waits and runs", false},
                 {"motcl jobs star-1 -v", "tell more of one", false}},
};
