/* engine.h - a model's decoder on a device: its keys and values, pictures in the making, plans and
 * executors by shape, and running batches. */
#ifndef MCL_SESSION_ENGINE_H
#define MCL_SESSION_ENGINE_H

#include "exec/exec.h"
#include "exec/throughput.h"
#include "session/batch.h"
#include "session/kv_cache.h"
#include "session/latents.h"

/**
 * What a pass may take at most.
 *
 * size      rows by sort, and pages of the cache; tables and scratch follow from these
 * segments  segments
 * layers    hidden rows can be read after it
 */
typedef struct mcl_shape {
  mcl_decoder_size size;
  uint32_t segments;
  bool layers;
} mcl_shape;

/**
 * Not for several threads at once. Members are for reading.
 *
 * decoder     the graph; tensors have the same numbers with and without layers
 * kv          survives every plan
 * latents     the same: rows of the latent state
 * plan, shape   what passes run by; NULL before mcl_engine_reserve
 * exec        its memory; NULL while that was wanted elsewhere
 * throughput  told what passes take; the owner sets it, NULL if nobody asks
 */
typedef struct mcl_engine {
  const mcl_model *model;
  mcl_weights *weights;
  mcl_device *device;
  mcl_plan_options options;
  mcl_decoder_graph graph[2]; /* without layers, with; built when first needed */
  const mcl_decoder_graph *decoder;
  mcl_kv_cache kv;
  mcl_latents latents;
  struct mcl_kept_plan *kept;
  size_t keeps;
  uint64_t clock;
  const mcl_plan *plan;
  mcl_shape shape;
  mcl_exec *exec;
  unsigned bound_kv, bound_latents;
  mcl_evictable idle;
  mcl_throughput *throughput;
} mcl_engine;

/**
 * An engine that has planned nothing yet, and has no pages.
 *
 * e        out; stays where it is; mcl_engine_finish gives it back, after all contexts and latents
 * weights  the model's, on the engine's device
 * options  of all plans; their budget is not looked at
 */
int mcl_engine_init(mcl_engine *e, const mcl_model *m, mcl_weights *weights,
                    const mcl_plan_options *options, motcl_err *err);
void mcl_engine_finish(mcl_engine *e);

/**
 * The plan of a shape, made unless it is one of those that are kept. No memory is taken.
 *
 * out  the engine's, until other plans are asked for
 *
 * Returns MOTCL_EFIT and others of mcl_plan_make.
 */
int mcl_engine_plan(mcl_engine *e, const mcl_plan **out, const mcl_shape *shape, motcl_err *err);

/** Whether passes of this shape can run by the plan at hand. */
bool mcl_engine_serves(const mcl_engine *e, const mcl_shape *shape);

/** Let passes run by the plan of this shape from now on. Takes no memory yet. */
int mcl_engine_use(mcl_engine *e, const mcl_shape *shape, motcl_err *err);

/**
 * Run one pass. Contexts grow if it succeeds; if it fails, pages, contexts and latents are as
 * before.
 *
 * b  within the shape at hand
 *
 * Returns MOTCL_ECANCELLED if `cancel` said so between layers.
 */
int mcl_engine_run(mcl_engine *e, mcl_batch *b, mcl_cancel_fn cancel, void *user, motcl_err *err);

/** Rows [first, first + rows) of the last pass's logits: f32[rows, V]. */
int mcl_engine_logits(mcl_engine *e, uint32_t first, uint32_t rows, float *out, motcl_err *err);

/** Rows of the last pass's OUTPUT tensor `t` of the decoder graph. */
int mcl_engine_read(mcl_engine *e, mcl_tid t, uint32_t first, uint32_t rows, void *out,
                    motcl_err *err);

/**
 * Keys or values of a context, in the order of the sequence: f32[keys, kv_heads, head].
 *
 * value  false: K as it is cached (roped); true: V
 */
int mcl_engine_keys(mcl_engine *e, const mcl_sequence *c, uint32_t layer, bool value, float *out,
                    motcl_err *err);

#endif
