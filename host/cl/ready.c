/* ready.c - noting what launches need, and making it. */
#include "cl/ready.h"

#include <string.h>

#include "base/mem.h"
#include "cl/program.h"
#include "cl/status.h"

#define MAX_ARGS 32
#define IDLE_NUMBERS 4096u /* of each buffer of an idle launch: more than any kernel looks at */
#define IDLE_BUFFERS 16u

/* A program (`kernel` NULL), or a kernel in it. Texts are ours. */
typedef struct piece {
  char *source, *options, *kernel;
  mcl_group group;
  mcl_arg args[MAX_ARGS];
  size_t arg_count;
  bool made;
} piece;

struct mcl_cl_pieces {
  piece *list;
  size_t count, cap, made;
  cl_mem zeros; /* while there is something to make */
};

static void piece_finish(piece *p) {
  mcl_free(p->source);
  mcl_free(p->options);
  mcl_free(p->kernel);
}

static void drop_zeros(struct mcl_cl_pieces *p) {
  if (p->zeros)
    clReleaseMemObject(p->zeros);
  p->zeros = NULL;
}

void mcl_cl_pieces_destroy(mcl_cl *cl) {
  struct mcl_cl_pieces *p = cl->pieces;
  if (!p)
    return;
  for (size_t i = 0; i < p->count; i++)
    piece_finish(&p->list[i]);
  drop_zeros(p);
  mcl_free(p->list);
  mcl_free(p);
  cl->pieces = NULL;
}

static bool same_group(const mcl_group *a, const mcl_group *b) {
  return a->items[0] == b->items[0] && a->items[1] == b->items[1] && a->sides[0] == b->sides[0] &&
         a->sides[1] == b->sides[1];
}

/* Kernels first: their names tell most pieces apart. */
static bool is(const piece *p, const mcl_launch *l, const char *kernel) {
  if (!kernel != !p->kernel ||
      (kernel && (!same_group(&p->group, &l->group) || strcmp(p->kernel, kernel) != 0)))
    return false;
  return !strcmp(p->source, l->source) && !strcmp(p->options, l->options);
}

static int add(struct mcl_cl_pieces *pieces, const mcl_launch *l, const char *kernel,
               motcl_err *err) {
  void *list = pieces->list;
  for (size_t i = 0; i < pieces->count; i++)
    if (is(&pieces->list[i], l, kernel))
      return MOTCL_OK;
  if (!mcl_grow(&list, &pieces->cap, pieces->count, sizeof *pieces->list))
    return mcl_fail_nomem(err, sizeof *pieces->list);
  pieces->list = list;
  piece p = {.source = mcl_strdup(l->source),
             .options = mcl_strdup(l->options),
             .kernel = kernel ? mcl_strdup(kernel) : NULL,
             .group = l->group,
             .arg_count = l->arg_count};
  memcpy(p.args, l->args, l->arg_count * sizeof *p.args);
  if (!p.source || !p.options || (kernel && !p.kernel)) {
    piece_finish(&p);
    return mcl_fail_nomem(err, sizeof p);
  }
  pieces->list[pieces->count++] = p;
  return MOTCL_OK;
}

static bool is_wide(const mcl_cl *cl, const mcl_launch *l) {
  size_t items[2];
  mcl_group_items(items, &l->group, cl->side);
  return l->groups[0] * items[0] >= cl->caps.wide || l->groups[1] * items[1] >= cl->caps.wide;
}

int mcl_cl_note_launch(mcl_cl *cl, const mcl_launch *l, motcl_err *err) {
  if (!cl->pieces && !(cl->pieces = mcl_zalloc(1, sizeof *cl->pieces)))
    return mcl_fail_nomem(err, sizeof *cl->pieces);
  int rc = add(cl->pieces, l, NULL, err);
  if (rc == MOTCL_OK && cl->caps.wide && !is_wide(cl, l) && l->arg_count <= MAX_ARGS)
    rc = add(cl->pieces, l, l->kernel, err);
  return rc;
}

size_t mcl_cl_unready(const mcl_cl *cl) {
  return cl->pieces ? cl->pieces->count - cl->pieces->made : 0;
}

/* Numbers of all buffers zero, also where an idle launch has written. */
static int clear_zeros(mcl_cl *cl, motcl_err *err) {
  const size_t bytes = (size_t)IDLE_BUFFERS * IDLE_NUMBERS * sizeof(cl_uint);
  const cl_uint zero = 0;
  struct mcl_cl_pieces *p = cl->pieces;
  cl_int status = CL_SUCCESS;
  if (!p->zeros)
    p->zeros = clCreateBuffer(cl->context, CL_MEM_READ_WRITE, bytes, NULL, &status);
  if (status == CL_SUCCESS)
    status = clEnqueueFillBuffer(cl->queue, p->zeros, &zero, sizeof zero, 0, bytes, 0, NULL, NULL);
  return status == CL_SUCCESS ? MOTCL_OK : mcl_cl_fail(err, status, "clear %zu bytes", bytes);
}

/* Arguments of the same kinds: buffers one behind the other, numbers 1. */
static void make_idle(mcl_arg *args, const piece *p, cl_mem zeros) {
  uint64_t at = 0;
  for (size_t i = 0; i < p->arg_count; i++) {
    args[i] = p->args[i];
    switch (args[i].kind) {
    case MCL_ARG_BUFFER:
      args[i] = mcl_arg_buffer(zeros, at++ % IDLE_BUFFERS * IDLE_NUMBERS);
      break;
    case MCL_ARG_UINT:
      args[i] = mcl_arg_uint(1);
      break;
    case MCL_ARG_INT:
      args[i] = mcl_arg_int(1);
      break;
    case MCL_ARG_FLOAT:
      args[i] = mcl_arg_float(1);
      break;
    case MCL_ARG_LOCAL:
      break;
    }
  }
}

static int run_idle(mcl_cl *cl, const piece *p, motcl_err *err) {
  mcl_arg args[MAX_ARGS];
  int rc = clear_zeros(cl, err);
  if (rc != MOTCL_OK)
    return rc;
  make_idle(args, p, cl->pieces->zeros);
  const mcl_launch launch = {.source = p->source,
                             .options = p->options,
                             .kernel = p->kernel,
                             .group = p->group,
                             .groups = {1, 1},
                             .args = args,
                             .arg_count = p->arg_count};
  rc = mcl_cl_launch(cl, &launch, err);
  return rc == MOTCL_OK ? mcl_cl_finish(cl, err) : rc;
}

/* A program before the kernels in it: the first that is not made. Else the first such kernel from
 * there on, and around. */
static piece *next_piece(struct mcl_cl_pieces *p, double from) {
  const size_t first = (size_t)(from * (double)p->count);
  for (size_t i = 0; i < p->count; i++)
    if (!p->list[i].made && !p->list[i].kernel)
      return &p->list[i];
  for (size_t i = 0; i < p->count; i++) {
    piece *next = &p->list[(first + i) % p->count];
    if (!next->made)
      return next;
  }
  return NULL;
}

int mcl_cl_make_ready(mcl_cl *cl, double from, motcl_err *err) {
  struct mcl_cl_pieces *p = cl->pieces;
  piece *next = p ? next_piece(p, from) : NULL;
  if (!next)
    return MOTCL_OK;
  next->made = true;
  p->made++;
  int rc = next->kernel ? run_idle(cl, next, err)
                        : mcl_cl_program_get(cl, next->source, next->options, err);
  if (!mcl_cl_unready(cl))
    drop_zeros(p);
  return rc;
}
