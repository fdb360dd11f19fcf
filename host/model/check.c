/* check.c - faults of weights, and reading files whole. */
#include "model/check.h"

#include <sys/types.h>

#include <inttypes.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/tables.h"
#include "model/store.h"

/* Numbers, or bytes, between two looks at the clock or the caller. */
#define PIECE ((size_t)1 << 22)

static bool ends_with(const char *s, const char *end) {
  size_t n = strlen(s), m = strlen(end);
  return n >= m && !strcmp(s + n - m, end);
}

static bool is_vector(const mcl_weight *w) {
  return w->rows == 1 && w->kernel == 1;
}

/* The matrices of a residual branch of the autoencoder, which together may be zero: then it adds
 * nothing to what goes around it. */
static const char *const branches[][5] = {{"conv1.weight", "conv2.weight", NULL},
                                          {"q.weight", "k.weight", "v.weight", "proj_out.weight"}};

/* Those that a matrix belongs to; NULL if it is in no such branch. */
static const char *const *branch_of(const char *name) {
  if (strncmp(name, "encoder.", 8) != 0 && strncmp(name, "decoder.", 8) != 0)
    return NULL;
  if (!strstr(name, ".block") && !strstr(name, ".attn_"))
    return NULL;
  for (size_t i = 0; i < 2; i++)
    for (const char *const *m = branches[i]; *m; m++)
      if (ends_with(name, *m) && name[strlen(name) - strlen(*m) - 1] == '.')
        return branches[i];
  return NULL;
}

/* Biases begin as 0, norms as 1. */
static bool is_start(const mcl_weight *w, float all) {
  float start = ends_with(w->name, ".bias") ? 0 : 1;
  return all >= start && all <= start;
}

static void say_odd(const mcl_weight *w, const mcl_tally *t, char text[MCL_FAULT_TEXT]) {
  char place[64], nans[32] = "", infinite[40] = "";
  if (t->nans)
    snprintf(nans, sizeof nans, "%" PRIu64 " NaN", t->nans);
  if (t->infinite)
    snprintf(infinite, sizeof infinite, "%s%" PRIu64 " infinit%s", t->nans ? " and " : "",
             t->infinite, t->infinite == 1 ? "y" : "ies");
  if (is_vector(w))
    snprintf(place, sizeof place, "[%" PRIu64 "]", t->first);
  else
    snprintf(place, sizeof place, "[%" PRIu64 ", %" PRIu64 "]", t->first / w->cols,
             t->first % w->cols);
  snprintf(text, MCL_FAULT_TEXT, "holds %s%s, %s %s", nans, infinite,
           t->nans + t->infinite > 1 ? "the first at" : "at", place);
}

mcl_fault mcl_weight_fault(const mcl_weight *w, const mcl_tally *tally, char text[MCL_FAULT_TEXT]) {
  *text = 0;
  if (!mcl_tally_finite(tally)) {
    say_odd(w, tally, text);
    return MCL_FAULT_ODD;
  }
  if (!mcl_tally_constant(tally))
    return MCL_FAULT_NONE;
  float one;
  mcl_widen(&one, w->data, w->type, 1);
  if (mcl_tally_zero(tally))
    snprintf(text, MCL_FAULT_TEXT, "is all zero");
  else
    snprintf(text, MCL_FAULT_TEXT, "holds one number only, %g", (double)one);
  if (is_vector(w))
    return is_start(w, one) ? MCL_FAULT_PLAIN : MCL_FAULT_DEAD;
  return mcl_tally_zero(tally) && branch_of(w->name) ? MCL_FAULT_OFF : MCL_FAULT_DEAD;
}

/* Its numbers, or false if that would take longer than until `end`. */
static bool tally_of(const mcl_weight *w, double end, mcl_tally *tally) {
  const unsigned char *p = w->data;
  size_t n = mcl_weight_count(w);
  memset(tally, 0, sizeof *tally);
  for (size_t at = 0; at < n; at += PIECE) {
    if (mcl_clock() > end)
      return false;
    mcl_tally_add(tally, p + mcl_type_bytes(w->type, at), w->type, n - at < PIECE ? n - at : PIECE);
  }
  return true;
}

mcl_verdict mcl_model_look(const mcl_model *m, double seconds, const mcl_weight **bad,
                           char text[MCL_FAULT_TEXT]) {
  const double end = mcl_clock() + seconds;
  char more[MCL_FAULT_TEXT];
  *bad = NULL;
  for (size_t i = 0; i < mcl_model_weights(m); i++) {
    const mcl_weight *w = mcl_model_weight_at(m, i);
    mcl_tally tally;
    if (!tally_of(w, end, &tally))
      return *bad ? MCL_WEIGHTS_BAD : MCL_WEIGHTS_UNKNOWN;
    mcl_fault fault = mcl_weight_fault(w, &tally, more);
    if (fault == MCL_FAULT_ODD || (fault == MCL_FAULT_DEAD && !*bad)) {
      *bad = w;
      memcpy(text, more, sizeof more);
    }
    if (fault == MCL_FAULT_ODD)
      break;
  }
  return *bad ? MCL_WEIGHTS_BAD : MCL_WEIGHTS_GOOD;
}

/* ---- files as a whole ---- */

/* A check under way: the tensors of all files as they lie in memory, of which `next` comes next, and
 * what was met in each. plain, off: how many weights are that, and the first. */
typedef struct reading {
  mcl_model *model;
  mcl_check *check;
  const mcl_st_tensor **tensor;
  mcl_tally *tally;
  size_t next, plain, off;
  const char *first_plain, *first_off;
  SHA2_CTX hash;
  mcl_progress_fn progress;
  void *user;
  uint64_t done, of;
} reading;

static int by_address(const void *a, const void *b) {
  const mcl_st_tensor *s = *(const mcl_st_tensor *const *)a, *t = *(const mcl_st_tensor *const *)b;
  const char *x = s->data, *y = t->data;
  return x != y ? (x > y) - (x < y) : (s->bytes > t->bytes) - (s->bytes < t->bytes);
}

static int list_tensors(reading *r, motcl_err *err) {
  const mcl_store *s = r->model->store;
  const mcl_st_tensor *t;
  size_t n = 0;
  while (mcl_store_tensor_at(s, n))
    n++;
  r->tensor = (const mcl_st_tensor **)mcl_zalloc(n + 1, sizeof *r->tensor);
  r->tally = mcl_zalloc(n + 1, sizeof *r->tally);
  if (!r->tensor || !r->tally)
    return mcl_fail_nomem(err, n * sizeof *r->tensor);
  for (size_t i = 0; (t = mcl_store_tensor_at(s, i)); i++)
    r->tensor[i] = t;
  qsort((void *)r->tensor, n, sizeof *r->tensor, by_address);
  r->check->tensors = n;
  return MOTCL_OK;
}

static int list_files(reading *r, motcl_err *err) {
  mcl_st_file f;
  size_t n = 0;
  for (; mcl_store_file_at(r->model->store, n, &f); n++)
    r->of += f.bytes;
  r->check->file = mcl_zalloc(n, sizeof *r->check->file);
  r->check->files = n;
  r->check->bytes = r->of;
  return r->check->file ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *r->check->file);
}

/* Bytes [p, end) of the file at hand, of which numbers of a tensor go to its tally. */
static int read_bytes(reading *r, const unsigned char *p, const unsigned char *end,
                      mcl_tally *tally, mcl_type type, motcl_err *err) {
  while (p < end) {
    size_t n = (size_t)(end - p) < PIECE ? (size_t)(end - p) : PIECE;
    SHA256Update(&r->hash, p, n);
    if (tally)
      mcl_tally_add(tally, p, type, mcl_type_count(type, n));
    p += n;
    r->done += n;
    if (r->progress && !r->progress(r->user, r->done, r->of))
      return mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
  }
  return MOTCL_OK;
}

/* A tensor that nobody looked up, as a weight of its shape. */
static mcl_weight unused(const mcl_st_tensor *t) {
  mcl_weight w = {.name = t->name, .type = t->type, .rows = 1, .kernel = 1, .data = t->data};
  size_t n = mcl_type_count(t->type, t->bytes);
  if (t->rank > 1 && t->dim[0] && t->dim[0] <= UINT32_MAX)
    w.rows = (uint32_t)t->dim[0];
  w.cols = n / w.rows <= UINT32_MAX ? (uint32_t)(n / w.rows) : UINT32_MAX;
  return w;
}

/* How far numbers of a table may be from what it should be, by the type they were rounded to. */
static double table_bound(mcl_type t) {
  return t == MCL_F32 ? 1e-4 : t == MCL_F16 ? 1e-3 : 8e-3;
}

/* Tables of places are no weights that were learned: they can be done again. */
static int check_table(reading *r, const mcl_weight *w, motcl_err *err) {
  uint32_t side = (uint32_t)lround(sqrt((double)w->rows));
  size_t n = mcl_weight_count(w);
  float *want = mcl_alloc(n, sizeof *want), got;
  if (!want)
    return mcl_fail_nomem(err, n * sizeof *want);
  if (mcl_sincos_2d(want, side, w->cols, NULL) != MOTCL_OK)
    n = 0;
  for (size_t i = 0; i < n; i++) {
    mcl_widen(&got, (const unsigned char *)w->data + mcl_type_bytes(w->type, i), w->type, 1);
    if (fabs((double)got - (double)want[i]) <= table_bound(w->type))
      continue;
    mcl_store_note(r->model->store, true,
                   "'%s' is not the table of places of this format: at [%zu, %zu] it holds %g, not "
                   "%g",
                   w->name, i / w->cols, i % w->cols, (double)got, (double)want[i]);
    break;
  }
  mcl_free(want);
  return MOTCL_OK;
}

static int read_tensor(reading *r, const mcl_st_tensor *t, mcl_tally *tally, motcl_err *err) {
  const unsigned char *p = t->data;
  bool numbers = t->type_known && (t->type == MCL_F32 || t->type == MCL_BF16 || t->type == MCL_F16);
  return read_bytes(r, p, p + t->bytes, numbers ? tally : NULL, t->type, err);
}

/* Its tensors, and what lies between them and around. */
static int read_file(reading *r, const mcl_st_file *f, mcl_checked_file *out, motcl_err *err) {
  const unsigned char *p = f->data, *end = p + f->bytes;
  int rc = MOTCL_OK;
  SHA256Init(&r->hash);
  for (const mcl_st_tensor *t; rc == MOTCL_OK && (t = r->tensor[r->next]); r->next++) {
    const unsigned char *at = t->data;
    if (at < p || at > end || t->bytes > (size_t)(end - at))
      break; /* of another file */
    rc = read_bytes(r, p, at, NULL, MCL_U8, err);
    if (rc == MOTCL_OK)
      rc = read_tensor(r, t, &r->tally[r->next], err);
    p = at + t->bytes;
  }
  if (rc == MOTCL_OK)
    rc = read_bytes(r, p, end, NULL, MCL_U8, err);
  if (rc != MOTCL_OK)
    return rc;
  out->path = f->path;
  out->bytes = f->bytes;
  SHA256End(&r->hash, out->sha256);
  return MOTCL_OK;
}

/* Each finds its tensors by where it lies itself. */
static int read_all(reading *r, motcl_err *err) {
  int rc = MOTCL_OK;
  mcl_st_file f;
  for (size_t i = 0; rc == MOTCL_OK && mcl_store_file_at(r->model->store, i, &f); i++) {
    const char *begin = f.data;
    r->next = 0;
    while (r->tensor[r->next] && (const char *)r->tensor[r->next]->data < begin)
      r->next++;
    rc = read_file(r, &f, &r->check->file[i], err);
  }
  return rc;
}

/* ---- what was met becomes findings ---- */

/* Whether all matrices of a branch are zero. */
static bool is_off(const reading *r, const char *name) {
  const char *const *all = branch_of(name);
  const char *dot = name;
  for (const char *next = strchr(name, '.'); next; next = strchr(next + 1, '.'))
    if (strchr(next + 1, '.'))
      dot = next;
  size_t block = (size_t)(dot - name) + 1;
  for (size_t i = 0; r->tensor[i]; i++) {
    const char *other = r->tensor[i]->name;
    bool member = false;
    for (const char *const *m = all; !strncmp(other, name, block) && *m; m++)
      member = member || !strcmp(other + block, *m);
    if (member && !mcl_tally_zero(&r->tally[i]))
      return false;
  }
  return true;
}

static int judge(reading *r, const mcl_st_tensor *t, const mcl_tally *tally, motcl_err *err) {
  mcl_store *s = r->model->store;
  const mcl_weight *used = mcl_store_weight_of(s, t), other = unused(t);
  char text[MCL_FAULT_TEXT];
  mcl_fault fault = mcl_weight_fault(used ? used : &other, tally, text);
  if (!used) {
    if (fault == MCL_FAULT_ODD)
      mcl_store_note(s, false, "'%s' %s, and is not used", t->name, text);
    return MOTCL_OK;
  }
  if (fault == MCL_FAULT_NONE && ends_with(t->name, "_pos_embed.pos_embed"))
    return check_table(r, used, err);
  if (fault == MCL_FAULT_PLAIN && !r->plain++)
    r->first_plain = t->name;
  if (fault == MCL_FAULT_OFF && is_off(r, t->name)) {
    if (!r->off++)
      r->first_off = t->name;
  } else if (fault != MCL_FAULT_NONE && fault != MCL_FAULT_PLAIN) {
    mcl_store_note(s, true, "'%s' %s", t->name, text);
  }
  return MOTCL_OK;
}

static int judge_all(reading *r, motcl_err *err) {
  mcl_store *s = r->model->store;
  int rc = MOTCL_OK;
  for (size_t i = 0; r->tensor[i] && rc == MOTCL_OK; i++)
    if (r->tally[i].count)
      rc = judge(r, r->tensor[i], &r->tally[i], err);
  if (r->plain)
    mcl_store_note(s, false, "%zu bias%s or norm%s as they begin, of one number, '%s' the first",
                   r->plain, r->plain == 1 ? "" : "es", r->plain == 1 ? " is" : "s are",
                   r->first_plain);
  if (r->off)
    mcl_store_note(
        s, false,
        "%zu matrices of the autoencoder are all zero, which switches off the blocks that "
        "they are in, '%s' the first",
        r->off, r->first_off);
  return rc == MOTCL_OK ? mcl_store_whole(s, err) : rc;
}

int mcl_model_check(mcl_check *out, mcl_model *m, mcl_progress_fn progress, void *user,
                    motcl_err *err) {
  mcl_check found = {0};
  reading r = {.model = m, .check = &found, .progress = progress, .user = user};
  int rc = list_tensors(&r, err);
  if (rc == MOTCL_OK)
    rc = list_files(&r, err);
  if (rc == MOTCL_OK)
    rc = read_all(&r, err);
  if (rc == MOTCL_OK)
    rc = judge_all(&r, err);
  mcl_free((void *)r.tensor);
  mcl_free(r.tally);
  if (rc == MOTCL_OK)
    *out = found;
  else
    mcl_check_finish(&found);
  return rc;
}

void mcl_check_finish(mcl_check *c) {
  mcl_free(c->file);
  memset(c, 0, sizeof *c);
}
