/* units.c - lines of prompts become jobs: their names, seeds and requests. */
#include "cli/jobs/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/jobs/output.h"
#include "cli/jobs/run.h"
#include "cli/jobs/target.h"
#include "cli/memory.h"

enum { MOST = 1000000 };

bool mcl_units_draw(const mcl_units *u) {
  return u->o->typed[u->o->typed_count - 1].output != MOTCL_OUTPUT_TEXT;
}

mcl_prompt *mcl_unit_prompt(const mcl_units *u, size_t i) {
  return &u->prompts.prompt[u->unit[i].prompt];
}

static int list(mcl_units *u, motcl_err *err) {
  uint64_t n = 0;
  for (size_t i = 0; i < u->prompts.count; i++)
    n += u->prompts.prompt[i].o.count;
  if (n > MOST)
    return motcl_fail(err, MOTCL_EINVAL, "these are %" PRIu64 " pictures; at most %d go at a time",
                      n, MOST);
  u->unit = calloc(n, sizeof *u->unit);
  if (!u->unit)
    return mcl_no_memory(err);
  for (uint32_t i = 0; i < u->prompts.count; i++)
    for (uint32_t k = 0; k < u->prompts.prompt[i].o.count; k++)
      u->unit[u->count++] = (mcl_unit){.prompt = i, .k = k};
  return MOTCL_OK;
}

static int take_seed(mcl_units *u, motcl_err *err) {
  u->seed = u->o->request.seed;
  if (mcl_option_from(u->o, "seed") == MCL_GIVEN_NOT)
    return motcl_seed(&u->seed, err);
  if (u->seed <= UINT64_MAX - (u->count - 1))
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL,
                    "--seed %" PRIu64 " is too large for %zu results: each takes one more, and the "
                    "largest is %" PRIu64,
                    u->seed, u->count, UINT64_MAX);
}

int mcl_units_read(mcl_units *u, const mcl_options *o, motcl_err *err) {
  u->o = o;
  int rc = mcl_prompts_read(&u->prompts, o, err);
  if (rc == MOTCL_OK)
    rc = list(u, err);
  return rc == MOTCL_OK ? take_seed(u, err) : rc;
}

void mcl_units_finish(mcl_units *u) {
  free(u->unit);
  mcl_prompts_finish(&u->prompts);
  memset(u, 0, sizeof *u);
}

/* What tells a unit from others of its line, which has been read, or is to be. */
static void number(mcl_unit_job *j, const mcl_units *u, size_t i) {
  const mcl_prompt *q = mcl_unit_prompt(u, i);
  j->o.count = 1;
  j->o.number = i;
  j->o.several = q->named ? q->o.count > 1 : u->count > 1;
  j->o.request.seed = q->seeded ? q->o.request.seed + u->unit[i].k : u->seed + i;
}

int mcl_unit_begin(mcl_unit_job *j, const mcl_units *u, size_t i, motcl_err *err) {
  motcl_request asked;
  j->o = mcl_unit_prompt(u, i)->o;
  number(j, u, i);
  int rc = mcl_inputs_read(&j->in, &j->o, err);
  asked = j->o.request;
  asked.priority = -(int32_t)i;
  if (rc == MOTCL_OK)
    rc = motcl_request_check(&asked, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_items_list(&j->items, &j->o, &asked, false, err);
  return rc;
}

/* The options point into the line, which keeps them. */
void mcl_unit_end(mcl_unit_job *j) {
  mcl_job_items_finish(&j->items);
  mcl_inputs_finish(&j->in);
}

static int check_name(char **key, bool *skipped, const mcl_options *o, motcl_err *err) {
  char name[MCL_NAME_SIZE];
  struct stat st;
  int rc = mcl_output_name(name, o, 0, o->request.seed, err);
  if (rc != MOTCL_OK)
    return rc;
  *skipped = o->skip_existing && lstat(name, &st) == 0;
  *key = mcl_target_key(name);
  return *key ? rc : mcl_no_memory(err);
}

/* A picture that is there already. */
static int advise(motcl_err *err) {
  motcl_err old = {0};
  if (err)
    old = *err;
  return motcl_fail(err, MOTCL_EEXIST, "%s; with --skip-existing the others are drawn", old.text);
}

/* All units of a line; `i` is the first, and becomes the next line's. */
static int check_line(mcl_units *u, size_t *i, char **key, motcl_err *err) {
  mcl_prompt *q = mcl_unit_prompt(u, *i);
  mcl_unit_job j = {.in = {0}};
  int rc = mcl_unit_begin(&j, u, *i, err);
  if (rc == MOTCL_OK && q->seeded && q->o.request.seed > UINT64_MAX - (q->o.count - 1))
    rc = motcl_fail(err, MOTCL_EINVAL, "the seed is too large for -n %u", q->o.count);
  for (uint32_t k = 0; k < q->o.count && rc == MOTCL_OK; k++, ++*i) {
    number(&j, u, *i);
    rc = mcl_job_check(&j.o, err);
    if (rc == MOTCL_EEXIST)
      rc = advise(err);
    if (rc == MOTCL_OK && mcl_units_draw(u))
      rc = check_name(&key[*i], &u->unit[*i].skipped, &j.o, err);
    u->todo += !u->unit[*i].skipped;
  }
  q->o.output_is_folder = j.o.output_is_folder;
  mcl_unit_end(&j);
  return rc == MOTCL_OK ? rc : mcl_prompts_fail(&u->prompts, q, rc, err);
}

/* A unit's file. */
typedef struct named {
  const char *key;
  size_t unit;
} named;

static int by_key(const void *a, const void *b) {
  const named *x = a, *y = b;
  int order = strcmp(x->key, y->key);
  return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

static int check_twins(const mcl_units *u, char *const *key, motcl_err *err) {
  named *by = calloc(u->count, sizeof *by);
  int rc = MOTCL_OK;
  if (!by)
    return mcl_no_memory(err);
  for (size_t i = 0; i < u->count; i++)
    by[i] = (named){key[i], i};
  qsort(by, u->count, sizeof *by, by_key);
  for (size_t i = 1; i < u->count && rc == MOTCL_OK; i++)
    if (!strcmp(by[i].key, by[i - 1].key))
      rc =
          motcl_fail(err, MOTCL_EINVAL,
                     "%s: the pictures of line %zu and of line %zu would both go to '%.200s'; tell "
                     "them apart by their seeds, or by their numbers: -o 'fox-%%n.png'",
                     u->prompts.name, mcl_unit_prompt(u, by[i - 1].unit)->line,
                     mcl_unit_prompt(u, by[i].unit)->line, strrchr(by[i].key, '/') + 1);
  free(by);
  return rc;
}

int mcl_units_check(mcl_units *u, motcl_err *err) {
  char **key = (char **)calloc(u->count, sizeof(char *));
  int rc = MOTCL_OK;
  if (!key)
    return mcl_no_memory(err);
  for (size_t i = 0; i < u->count && rc == MOTCL_OK;)
    rc = check_line(u, &i, key, err);
  if (rc == MOTCL_OK && mcl_units_draw(u))
    rc = check_twins(u, key, err);
  for (size_t i = 0; i < u->count; i++)
    free(key[i]);
  free((void *)key);
  return rc;
}
