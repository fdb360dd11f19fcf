/* dump.c - arrays of a session in the reference's shapes. */
#include "session/dump.h"

#include <stdio.h>

#include "base/mem.h"
#include "model/latent.h"

int mcl_dump_planar(const mcl_session *s, const char *name, const float *src, uint32_t height,
                    uint32_t width, uint32_t channels, motcl_err *err) {
  size_t cells = (size_t)height * width;
  float *planar = s->sink.array ? mcl_alloc(cells * channels, sizeof *planar) : NULL;
  if (!s->sink.array)
    return MOTCL_OK;
  if (!planar)
    return mcl_fail_nomem(err, cells * channels * sizeof *planar);
  mcl_transpose(planar, src, cells, channels);
  int rc =
      mcl_session_array(s, name, MOTCL_F32, 4, (size_t[]){1, channels, height, width}, planar, err);
  mcl_free(planar);
  return rc;
}

int mcl_dump_keys(const mcl_session *s, const mcl_sequence *c, const char *who, uint32_t layer,
                  motcl_err *err) {
  const mcl_decoder_config *cfg = &s->reader.model->config.decoder;
  size_t dim[] = {c->keys, cfg->kv_heads, cfg->head};
  float *x = mcl_alloc(dim[0] * dim[1] * dim[2], sizeof *x);
  int rc = x ? MOTCL_OK : mcl_fail_nomem(err, dim[0] * dim[1] * dim[2] * sizeof *x);
  for (int value = 0; value < 2 && c->keys && rc == MOTCL_OK; value++) {
    char name[48];
    if (who)
      snprintf(name, sizeof name, "kv_%s_%c%u", who, value ? 'v' : 'k', layer);
    else
      snprintf(name, sizeof name, "%c_%u", value ? 'v' : 'k', layer);
    rc = mcl_engine_keys(s->engine, c, layer, value, x, err);
    if (rc == MOTCL_OK)
      rc = mcl_session_array(s, name, MOTCL_F32, 3, dim, x, err);
  }
  mcl_free(x);
  return rc;
}

/* One tensor's rows of a vision segment, which stand apart in the batch, in the sequence's order.
 */
static int seen_rows(const mcl_session *s, const mcl_batch *b, const mcl_batch_segment *p,
                     mcl_tid t, const char *what, motcl_err *err) {
  mcl_engine *e = s->engine;
  size_t cols = mcl_graph_tensor_at(e->decoder->graph, t)->cols, rows = (size_t)p->token_rows + 2;
  float *x = mcl_alloc(rows * cols, sizeof *x);
  char name[48];
  int rc = x ? mcl_engine_read(e, t, p->text_row, 1, x, err)
             : mcl_fail_nomem(err, rows * cols * sizeof *x);
  if (rc == MOTCL_OK)
    rc = mcl_engine_read(e, t, b->size.text + p->vision_row, p->token_rows, x + cols, err);
  if (rc == MOTCL_OK)
    rc = mcl_engine_read(e, t, p->text_row + 1, 1, x + (rows - 1) * cols, err);
  snprintf(name, sizeof name, "picture_%u/%s", s->pictures, what);
  if (rc == MOTCL_OK)
    rc = mcl_session_array(s, name, MOTCL_F32, 2, (size_t[]){rows, cols}, x, err);
  mcl_free(x);
  return rc;
}

int mcl_dump_seen(const mcl_session *s, const mcl_batch *b, const mcl_batch_segment *p,
                  motcl_err *err) {
  const mcl_decoder_graph *d = s->engine->decoder;
  int rc = seen_rows(s, b, p, d->embedded, "embed", err);
  for (uint32_t i = 0; i < s->reader.model->config.decoder.layers && rc == MOTCL_OK; i++) {
    char layer[20];
    snprintf(layer, sizeof layer, "layer_%u", i);
    rc = seen_rows(s, b, p, d->layer[i], layer, err);
  }
  return rc == MOTCL_OK ? seen_rows(s, b, p, d->normed, "normed", err) : rc;
}
