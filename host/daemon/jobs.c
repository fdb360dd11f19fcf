/* jobs.c - jobs by number in an array, by id in a tree. */
#include "daemon/jobs.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_id(const void *a, const void *b) {
  return strcmp(((const mcl_daemon_job *)a)->row.id, ((const mcl_daemon_job *)b)->row.id);
}

static bool ended(const mcl_daemon_job *job) {
  return mcl_job_ended(job->row.state);
}

void mcl_job_text(const char **text, const char *value) {
  char *copy = value && *value ? mcl_strdup(value) : NULL;
  if (*text && **text)
    mcl_free((void *)(uintptr_t)*text);
  *text = copy ? copy : "";
}

static void free_job(mcl_daemon_job *job) {
  mcl_journal_job *r = &job->row;
  const char **text[] = {&r->id, &r->model, &r->what, &r->device, &r->sentence};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++)
    if (*text[i] && **text[i])
      mcl_free((void *)(uintptr_t)*text[i]);
  mcl_free((void *)(uintptr_t)r->labels);
  mcl_free(job);
}

static mcl_daemon_job *copy_row(const mcl_journal_job *row) {
  mcl_daemon_job *job = mcl_zalloc(1, sizeof *job);
  const char *text[] = {row->id, row->model, row->what, row->device, row->sentence};
  if (!job)
    return NULL;
  job->row = *row;
  mcl_journal_job *r = &job->row;
  r->id = r->model = r->what = r->device = r->sentence = NULL;
  const char **to[] = {&r->id, &r->model, &r->what, &r->device, &r->sentence};
  for (size_t i = 0; i < sizeof to / sizeof *to; i++)
    mcl_job_text(to[i], text[i]);
  r->labels = NULL;
  if (row->labels_bytes) {
    void *labels = mcl_alloc(row->labels_bytes, 1);
    if (labels)
      memcpy(labels, row->labels, row->labels_bytes);
    else
      r->labels_bytes = 0;
    r->labels = labels;
  }
  if (*r->id)
    return job;
  free_job(job);
  return NULL;
}

/* What those have had who wait now, the one who had least, but not less than `had`. */
static double least_served(const mcl_jobs *jobs, double had) {
  double least = -1;
  for (size_t i = 0; i < jobs->users; i++)
    if (jobs->user[i].open && (least < 0 || jobs->user[i].served < least))
      least = jobs->user[i].served;
  return least > had ? least : had;
}

mcl_daemon_user *mcl_jobs_user(mcl_jobs *jobs, uint32_t id) {
  for (size_t i = 0; i < jobs->users; i++)
    if (jobs->user[i].id == id)
      return &jobs->user[i];
  mcl_daemon_user *p = mcl_realloc(jobs->user, jobs->users + 1, sizeof *p);
  if (!p)
    return NULL;
  jobs->user = p;
  /* who comes late has no claim to all that the others had before */
  jobs->user[jobs->users] = (mcl_daemon_user){.id = id, .served = least_served(jobs, 0)};
  return &jobs->user[jobs->users++];
}

int mcl_jobs_add(mcl_jobs *jobs, const mcl_journal_job *row, mcl_daemon_job **out, motcl_err *err) {
  void *list = jobs->list;
  mcl_daemon_user *user = mcl_jobs_user(jobs, row->user);
  if (!user || !mcl_grow(&list, &jobs->cap, jobs->count, sizeof *jobs->list))
    return mcl_fail_nomem(err, sizeof *jobs->list);
  jobs->list = list;
  mcl_daemon_job *job = copy_row(row);
  if (!job || !tsearch(job, &jobs->by_id, by_id)) {
    if (job)
      free_job(job);
    return mcl_fail_nomem(err, sizeof *job);
  }
  jobs->list[jobs->count++] = job;
  if (!user->open && !ended(job))
    user->served = least_served(jobs, user->served);
  jobs->open += !ended(job);
  user->open += !ended(job);
  job->draws = strncmp(job->row.what, "ask", 3) != 0;
  job->left = -1;
  *out = job;
  return MOTCL_OK;
}

static size_t index_of(const mcl_jobs *jobs, uint64_t number) {
  size_t lo = 0, hi = jobs->count;
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (jobs->list[mid]->row.number < number)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

mcl_daemon_job *mcl_jobs_by_number(const mcl_jobs *jobs, uint64_t number) {
  const size_t i = index_of(jobs, number);
  return i < jobs->count && jobs->list[i]->row.number == number ? jobs->list[i] : NULL;
}

mcl_daemon_job *mcl_jobs_by_id(const mcl_jobs *jobs, const char *id) {
  const mcl_daemon_job key = {.row.id = id};
  mcl_daemon_job *const *at = tfind(&key, &jobs->by_id, by_id);
  return at ? *at : NULL;
}

void mcl_jobs_remove(mcl_jobs *jobs, mcl_daemon_job *job) {
  const size_t i = index_of(jobs, job->row.number);
  mcl_job_to(jobs, job, MOTCL__V1__JOB_STATE__JOB_DONE, 0);
  tdelete(job, &jobs->by_id, by_id);
  memmove(&jobs->list[i], &jobs->list[i + 1], (--jobs->count - i) * sizeof *jobs->list);
  free_job(job);
}

void mcl_jobs_finish(mcl_jobs *jobs) {
  while (jobs->count)
    mcl_jobs_remove(jobs, jobs->list[jobs->count - 1]);
  mcl_free((void *)jobs->list);
  mcl_free(jobs->user);
  memset(jobs, 0, sizeof *jobs);
}

void mcl_job_to(mcl_jobs *jobs, mcl_daemon_job *job, mcl_job_state state, uint64_t now_ms) {
  mcl_daemon_user *user = mcl_jobs_user(jobs, job->row.user);
  const bool before = !ended(job), after = !mcl_job_ended(state);
  job->row.state = state;
  job->row.changed_ms = now_ms;
  jobs->open += (size_t)after - before;
  if (user && !user->open && after)
    user->served = least_served(jobs, user->served); /* as one who comes late */
  if (user)
    user->open += (size_t)after - before;
}

static double served(mcl_jobs *jobs, uint32_t id) {
  const mcl_daemon_user *user = mcl_jobs_user(jobs, id);
  return user ? user->served : 0;
}

/* What decides who goes first, looked up once. */
typedef struct rank {
  mcl_daemon_job *job;
  int64_t priority;
  double served;
} rank;

static rank rank_of(mcl_jobs *jobs, mcl_daemon_job *job, uint64_t now_ms, uint64_t aging_ms) {
  const uint64_t since = job->row.submitted_ms, waited = now_ms > since ? now_ms - since : 0;
  return (rank){job, job->row.priority + (int64_t)(waited / aging_ms), served(jobs, job->row.user)};
}

static int by_rank(const void *p, const void *q) {
  const rank *a = p, *b = q;
  if (a->priority != b->priority)
    return a->priority > b->priority ? -1 : 1;
  if (a->served < b->served || a->served > b->served)
    return a->served < b->served ? -1 : 1;
  return a->job->row.number < b->job->row.number ? -1 : 1;
}

static bool waits(const mcl_daemon_job *job) {
  return job->row.state == MOTCL__V1__JOB_STATE__JOB_WAITING;
}

void mcl_jobs_place(mcl_jobs *jobs, uint64_t now_ms, uint64_t aging_ms) {
  size_t n = 0;
  rank *all = mcl_alloc(jobs->count + 1, sizeof *all);
  for (size_t i = 0; i < jobs->count; i++) {
    jobs->list[i]->place = 0;
    if (all && waits(jobs->list[i]))
      all[n++] = rank_of(jobs, jobs->list[i], now_ms, aging_ms);
  }
  if (n)
    qsort(all, n, sizeof *all, by_rank);
  for (size_t i = 0; i < n; i++)
    all[i].job->place = (uint32_t)(i + 1);
  mcl_free(all);
}

mcl_daemon_job *mcl_jobs_first(mcl_jobs *jobs, uint64_t now_ms, uint64_t aging_ms,
                               bool (*may)(void *user, const mcl_daemon_job *job), void *user) {
  rank best = {0};
  for (size_t i = 0; i < jobs->count; i++) {
    if (!waits(jobs->list[i]) || !may(user, jobs->list[i]))
      continue;
    const rank r = rank_of(jobs, jobs->list[i], now_ms, aging_ms);
    if (!best.job || by_rank(&r, &best) < 0)
      best = r;
  }
  return best.job;
}
