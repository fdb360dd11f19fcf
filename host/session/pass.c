/* pass.c - one pass: the batch becomes segments of the graph and input tables, the graph runs. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/tables.h"
#include "session/engine.h"

#define TIME_WIDTH 256

/* Host side of every input of the decoder graph for one pass. */
typedef struct inputs {
  mcl_segment *segment;
  mcl_block_table *block_table;
  mcl_sequence **sequence; /* of each block table */
  mcl_tables tables;
  int32_t *ids, *vision_index, *latent_index, *latent_pos, *time_index, *logit_rows, *guide_rows;
  float *time, *rope, *guide_set;
  size_t sequences;
  mcl_decoder_size size;
} inputs;

static void inputs_finish(inputs *in) {
  mcl_tables_finish(&in->tables);
  mcl_free(in->segment);
  mcl_free(in->block_table);
  mcl_free((void *)in->sequence);
  mcl_free(in->ids);
  mcl_free(in->vision_index);
  mcl_free(in->latent_index);
  mcl_free(in->latent_pos);
  mcl_free(in->time_index);
  mcl_free(in->logit_rows);
  mcl_free(in->guide_rows);
  mcl_free(in->time);
  mcl_free(in->rope);
  mcl_free(in->guide_set);
}

static int inputs_init(inputs *in, const mcl_batch *b, uint32_t head, motcl_err *err) {
  const mcl_decoder_size *s = &b->size;
  size_t n = b->segments, rows = s->text + s->vision + s->gen;
  memset(in, 0, sizeof *in);
  in->size = *s;
  in->segment = mcl_zalloc(n, sizeof *in->segment);
  in->block_table = mcl_zalloc(n, sizeof *in->block_table);
  in->sequence = (mcl_sequence **)mcl_zalloc(n, sizeof(mcl_sequence *));
  in->ids = mcl_alloc(s->text, sizeof(int32_t));
  in->vision_index = mcl_alloc(s->vision, sizeof(int32_t));
  in->latent_index = mcl_alloc(s->gen, sizeof(int32_t));
  in->latent_pos = mcl_alloc(s->gen, sizeof(int32_t));
  in->time_index = mcl_alloc(s->gen, sizeof(int32_t));
  in->logit_rows = mcl_alloc(s->logits, sizeof(int32_t));
  in->guide_rows = mcl_alloc(s->drawn, 4 * sizeof(int32_t));
  in->time = mcl_alloc(n, TIME_WIDTH * sizeof(float));
  in->rope = mcl_alloc(rows * head, sizeof(float));
  in->guide_set = mcl_zalloc(s->pictures, 8 * sizeof(float));
  if (in->segment && in->block_table && in->sequence && in->ids && in->vision_index &&
      in->latent_index && in->latent_pos && in->time_index && in->logit_rows && in->guide_rows &&
      in->time && in->rope && in->guide_set)
    return MOTCL_OK;
  inputs_finish(in);
  return mcl_fail_nomem(err, rows * head * sizeof(float));
}

static uint32_t sequence_of(inputs *in, mcl_sequence *c) {
  size_t i = 0;
  while (i < in->sequences && in->sequence[i] != c)
    i++;
  if (i == in->sequences)
    in->sequence[in->sequences++] = c;
  in->block_table[i] = (mcl_block_table){c->page, (uint32_t)mcl_sequence_in_pass(c)};
  return (uint32_t)i;
}

static void add_span(mcl_segment *s, uint32_t row, uint32_t rows) {
  if (!rows)
    return;
  s->span[s->spans++] = (mcl_span){row, rows, s->length};
  s->length += rows;
}

/* A picture is its begin marker, its vision or latent rows, its end marker; a text its ids. */
static void add_segment(inputs *in, const mcl_batch *b, size_t i) {
  const mcl_batch_segment *p = &b->segment[i];
  mcl_segment *s = &in->segment[i];
  uint32_t und = b->size.text + b->size.vision;
  *s = (mcl_segment){.sequence = sequence_of(in, p->sequence),
                     .kind = p->kind,
                     .position = p->position,
                     .advance = p->kind == MCL_CAUSAL,
                     .key = p->key};
  if (p->kind == MCL_CAUSAL) {
    add_span(s, p->text_row, p->id_rows);
    return;
  }
  add_span(s, p->text_row, 1);
  add_span(s, b->size.text + p->vision_row, p->token_rows);
  add_span(s, und + p->gen_row, p->latent_rows);
  add_span(s, p->text_row + 1, 1);
}

static void add_rows(inputs *in, const mcl_batch_segment *p, uint32_t index, uint32_t side) {
  uint32_t latent = p->latent_at ? *p->latent_at : p->latent_first;
  for (uint32_t i = 0; i < p->id_rows; i++)
    in->ids[p->text_row + i] = (int32_t)p->ids[i];
  for (uint32_t i = 0; i < p->token_rows; i++)
    in->vision_index[p->vision_row + i] = (int32_t)(p->vision_row + i);
  for (uint32_t i = 0; i < p->latent_rows; i++) {
    in->latent_index[p->gen_row + i] = (int32_t)(latent + i);
    in->latent_pos[p->gen_row + i] = (int32_t)(i / p->width * side + i % p->width);
    in->time_index[p->gen_row + i] = (int32_t)index;
  }
  if (p->logits == MCL_WANT_LAST)
    in->logit_rows[p->logit_row] = (int32_t)(p->text_row + p->id_rows - 1);
  for (uint32_t i = 0; p->logits == MCL_WANT_ALL && i < p->id_rows; i++)
    in->logit_rows[p->logit_row + i] = (int32_t)(p->text_row + i);
}

static int32_t gen_row(const mcl_batch *b, int segment, uint32_t i) {
  return segment < 0 ? -1 : (int32_t)(b->segment[segment].gen_row + i);
}

static void add_step(inputs *in, const mcl_batch *b, size_t index) {
  const mcl_denoise_step *d = &b->step[index];
  float *set = in->guide_set + 8 * index;
  memcpy(set, d->set, sizeof d->set);
  set[5] = (float)*d->latent_at;
  set[6] = (float)d->rows;
  set[7] = d->guided;
  for (uint32_t i = 0; i < d->rows; i++) {
    int32_t *row = in->guide_rows + 4 * (size_t)(*d->latent_at + i);
    row[0] = gen_row(b, d->cond, i);
    row[1] = gen_row(b, d->text_uncond, i);
    row[2] = gen_row(b, d->image_uncond, i);
    row[3] = (int32_t)index;
  }
}

static int fill(inputs *in, const mcl_engine *e, const mcl_batch *b, motcl_err *err) {
  const mcl_decoder_config *c = &e->model->config.decoder;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < b->segments && rc == MOTCL_OK; i++) {
    add_segment(in, b, i);
    add_rows(in, &b->segment[i], (uint32_t)i, e->model->config.picture.latent_side);
    if (b->size.gen)
      rc = mcl_time_embed(in->time + i * TIME_WIDTH, TIME_WIDTH, b->segment[i].time, err);
  }
  for (size_t i = 0; i < b->steps; i++)
    add_step(in, b, i);
  if (rc == MOTCL_OK)
    rc = mcl_tables_init(&in->tables, in->segment, b->segments, in->block_table, in->sequences,
                         mcl_batch_rows(b), err);
  if (rc == MOTCL_OK)
    rc = mcl_rope_table(in->rope, in->tables.position, in->tables.rows, c->head, c->theta, err);
  in->size.latents = e->latents.rows;
  in->size.times = b->size.gen ? (uint32_t)b->segments : 0;
  in->size.tiles = in->tables.tiles;
  in->size.block_table = in->tables.pages;
  in->size.pages = e->kv.pool.capacity;
  in->size.scratch = in->tables.scratch_pages;
  in->size.cow_pages = (uint32_t)b->cow_pages;
  return rc;
}

static int write_tokens(mcl_engine *e, const mcl_batch *b, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < b->segments && rc == MOTCL_OK; i++) {
    const mcl_batch_segment *p = &b->segment[i];
    if (p->token_rows)
      rc =
          mcl_exec_write(e->exec, e->decoder->vision, p->vision_row, p->token_rows, p->tokens, err);
  }
  return rc;
}

static int write_all(mcl_engine *e, const mcl_batch *b, const inputs *in, motcl_err *err) {
  const mcl_decoder_graph *d = e->decoder;
  const mcl_decoder_size *s = &in->size;
  const struct {
    mcl_tid t;
    uint32_t rows;
    const void *data;
  } all[] = {{d->ids, s->text, in->ids},
             {d->vision_index, s->vision, in->vision_index},
             {d->latent_index, s->gen, in->latent_index},
             {d->latent_pos, s->gen, in->latent_pos},
             {d->time, s->times, in->time},
             {d->time_index, s->gen, in->time_index},
             {d->rope, in->tables.rows, in->rope},
             {d->slot, in->tables.rows, in->tables.slot},
             {d->tiles, s->tiles, in->tables.tile},
             {d->block_table, s->block_table, in->tables.page},
             {d->cow_pages, s->cow_pages, b->cow},
             {d->logit_rows, s->logits, in->logit_rows},
             {d->guide_rows, s->drawn, in->guide_rows},
             {d->guide_set, s->pictures, in->guide_set}};
  int rc = write_tokens(e, b, err);
  for (size_t i = 0; i < sizeof all / sizeof *all && rc == MOTCL_OK; i++)
    if (all[i].rows)
      rc = mcl_exec_write(e->exec, all[i].t, 0, all[i].rows, all[i].data, err);
  return rc;
}

/* Keys that a row sees on average: those before its segment, and of its segment. */
static double keys_of(const mcl_batch *b) {
  double rows = 0, keys = 0;
  for (size_t i = 0; i < b->segments; i++) {
    const mcl_batch_segment *p = &b->segment[i];
    double n = (double)p->id_rows + p->token_rows + p->latent_rows;
    rows += n;
    keys += n * (p->key + (p->kind == MCL_CAUSAL ? (n + 1) / 2 : n));
  }
  return rows > 0 ? keys / rows : 0;
}

static int run(mcl_engine *e, const mcl_batch *b, const uint32_t *dims, mcl_cancel_fn cancel,
               void *user, motcl_err *err) {
  double began = mcl_clock();
  int rc = mcl_exec_run(e->exec, dims, cancel, user, err);
  if (rc == MOTCL_OK)
    mcl_throughput_add(e->throughput, e->plan, dims, mcl_batch_rows(b), keys_of(b),
                       mcl_clock_since(began));
  return rc;
}

/* The executor of the plan at hand, with the cache and the latents bound to it. */
static int ready(mcl_engine *e, motcl_err *err) {
  const mcl_decoder_graph *d = e->decoder;
  int rc = MOTCL_OK;
  if (!e->exec) {
    rc = mcl_exec_create(&e->exec, e->weights, e->plan, err);
    if (rc != MOTCL_OK)
      return rc;
    e->bound_kv = e->kv.version - 1;
    e->bound_latents = e->latents.version - 1;
  }
  mcl_residency_busy(mcl_weights_residency(e->weights), &e->idle);
  for (size_t i = 0; e->bound_kv != e->kv.version && i < e->kv.parts; i++)
    mcl_exec_bind(e->exec, d->pages[i / 2][i % 2], e->kv.part[i].buf, e->kv.part[i].pages);
  if (e->bound_latents != e->latents.version && d->latent != MCL_NO_TENSOR) {
    mcl_exec_bind(e->exec, d->latent, e->latents.state, e->latents.rows);
    mcl_exec_bind(e->exec, d->latent_before, e->latents.shadow, e->latents.rows);
  }
  e->bound_kv = e->kv.version;
  e->bound_latents = e->latents.version;
  return rc;
}

/* The pictures that move have the first rows, and their latents are remembered. */
static int save_latents(mcl_engine *e, const mcl_batch *b, motcl_err *err) {
  const uint32_t **first = (const uint32_t **)mcl_alloc(b->steps, sizeof(uint32_t *));
  if (!first)
    return mcl_fail_nomem(err, b->steps * sizeof *first);
  for (size_t i = 0; i < b->steps; i++)
    first[i] = b->step[i].latent_at;
  int rc = mcl_latents_order(&e->latents, first, b->steps, err);
  mcl_free((void *)first);
  return rc == MOTCL_OK ? mcl_latents_save(&e->latents, b->size.drawn, err) : rc;
}

static int compute(mcl_engine *e, const mcl_batch *b, mcl_cancel_fn cancel, void *user,
                   motcl_err *err) {
  inputs in;
  int rc = inputs_init(&in, b, e->model->config.decoder.head, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = fill(&in, e, b, err);
  if (rc == MOTCL_OK)
    rc = write_all(e, b, &in, err);
  uint32_t *dims = mcl_zalloc(mcl_graph_dims(e->decoder->graph), sizeof *dims);
  if (rc == MOTCL_OK && !dims)
    rc = mcl_fail_nomem(err, mcl_graph_dims(e->decoder->graph) * sizeof *dims);
  if (rc == MOTCL_OK) {
    mcl_decoder_bind(e->decoder, &in.size, dims);
    rc = run(e, b, dims, cancel, user, err);
  }
  mcl_free(dims);
  inputs_finish(&in);
  return rc;
}

int mcl_engine_run(mcl_engine *e, mcl_batch *b, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = ready(e, err);
  bool saved = false;
  if (rc == MOTCL_OK && b->steps) {
    rc = save_latents(e, b, err);
    saved = rc == MOTCL_OK;
  }
  if (rc == MOTCL_OK)
    rc = compute(e, b, cancel, user, err);
  if (e->exec)
    mcl_residency_idle(mcl_weights_residency(e->weights), &e->idle);
  if (rc == MOTCL_OK) {
    mcl_batch_commit(b);
    return rc;
  }
  mcl_batch_revert(b);
  if (saved)
    (void)mcl_latents_restore(&e->latents, b->size.drawn, NULL);
  return rc;
}
