/* record.c - a flow's arrays, collected step by step. */
#include "session/record.h"

#include <stdio.h>

#include "base/mem.h"
#include "session/dump.h"
#include "session/stages.h"

static size_t numbers(const mcl_record *r) {
  return (size_t)r->rows * r->cols;
}

int mcl_record_start(mcl_record *r, motcl_err *err) {
  size_t n = numbers(r);
  r->x = mcl_alloc(r->steps * n, sizeof(float));
  r->v = mcl_alloc(r->steps * n, sizeof(float));
  r->parts = mcl_alloc(MCL_PASSES * n, sizeof(float));
  return r->x && r->v && r->parts ? MOTCL_OK
                                  : mcl_fail_nomem(err, (size_t)2 * r->steps * n * sizeof(float));
}

int mcl_record_contexts(const mcl_record *r, mcl_sequence *const sequence[MCL_PASSES],
                        motcl_err *err) {
  static const char *const who[MCL_PASSES] = {"main", "text", "img"};
  const mcl_session *s = r->session;
  int rc = MOTCL_OK;
  if (!r->x)
    return MOTCL_OK;
  uint32_t last = s->reader.model->config.decoder.layers - 1;
  for (size_t i = 0; i < MCL_PASSES && rc == MOTCL_OK; i++) {
    rc = mcl_dump_keys(s, sequence[i], who[i], 0, err);
    if (rc == MOTCL_OK && last)
      rc = mcl_dump_keys(s, sequence[i], who[i], last, err);
  }
  return rc;
}

int mcl_record_latents(mcl_record *r, uint32_t step, motcl_err *err) {
  return r->x ? mcl_latents_read(&r->session->engine->latents, *r->first, r->rows,
                                 r->x + step * numbers(r), err)
              : MOTCL_OK;
}

static int record_parts(mcl_record *r, uint32_t step, const mcl_batch *b,
                        const int segment[MCL_PASSES], motcl_err *err) {
  mcl_engine *e = r->session->engine;
  size_t n = 0;
  int rc = MOTCL_OK;
  char name[32];
  for (int i = 0; i < MCL_PASSES && rc == MOTCL_OK; i++)
    if (segment[i] >= 0)
      rc = mcl_engine_read(e, e->decoder->velocity, b->segment[segment[i]].gen_row, r->rows,
                           r->parts + n++ * numbers(r), err);
  snprintf(name, sizeof name, "v_parts_%u", step);
  return rc == MOTCL_OK ? mcl_session_array(r->session, name, MOTCL_F32, 3,
                                            (size_t[]){n, r->rows, r->cols}, r->parts, err)
                        : rc;
}

int mcl_record_step(mcl_record *r, uint32_t step, const mcl_batch *b, const int segment[MCL_PASSES],
                    motcl_err *err) {
  if (!r->x)
    return MOTCL_OK;
  mcl_engine *e = r->session->engine;
  int rc =
      mcl_engine_read(e, e->decoder->guided, *r->first, r->rows, r->v + step * numbers(r), err);
  if (rc == MOTCL_OK && (step == 0 || step + 1 == r->steps))
    rc = record_parts(r, step, b, segment, err);
  return rc;
}

int mcl_record_end(const mcl_record *r, motcl_err *err) {
  size_t dim[] = {r->steps, r->rows, r->cols};
  if (!r->x)
    return MOTCL_OK;
  int rc = mcl_session_array(r->session, "x", MOTCL_F32, 3, dim, r->x, err);
  return rc == MOTCL_OK ? mcl_session_array(r->session, "v", MOTCL_F32, 3, dim, r->v, err) : rc;
}

void mcl_record_finish(mcl_record *r) {
  mcl_free(r->x);
  mcl_free(r->v);
  mcl_free(r->parts);
}
