/* engine.h - a model's decoder on a device: its plan, its pages, and running batches. */
#ifndef MCL_SESSION_ENGINE_H
#define MCL_SESSION_ENGINE_H

#include "exec/exec.h"
#include "exec/meter.h"
#include "session/batch.h"

/**
 * Not for several threads at once. Members are for reading.
 *
 * most      the largest batch and the pages it was made for, of at most `segments` pieces
 * layers    hidden rows can be read after a pass
 * meter     told what passes take; the owner sets it, NULL if nobody asks
 */
typedef struct mcl_engine {
  const mcl_model *model;
  mcl_device *device;
  mcl_decoder_graph decoder;
  mcl_plan *plan;
  mcl_exec *exec;
  mcl_pool pool;
  mcl_decoder_size most;
  uint32_t segments;
  bool layers;
  mcl_meter *meter;
  struct mcl_slot
      *slot; /* pictures in the making, in the order of their rows of the latent state */
  size_t slots, slot_cap;
} mcl_engine;

/**
 * Build graph and plan without taking memory, to see whether it fits and what it would cost.
 *
 * e         out, owned by the caller; mcl_engine_finish gives it back
 * most      text, vision, gen, latents, logits, pages, drawn, pictures; tables and scratch follow
 *           from these and `segments`, the most pieces of a pass
 * layers    hidden rows can be read after a pass
 *
 * Returns MOTCL_EFIT and others of mcl_plan_make.
 */
int mcl_engine_plan(mcl_engine *e, mcl_device *dev, const mcl_model *m,
                    const mcl_decoder_size *most, uint32_t segments, const mcl_plan_options *opt,
                    bool layers, motcl_err *err);

/** Take the planned memory. */
int mcl_engine_start(mcl_engine *e, motcl_err *err);

/**
 * Let a started engine go on by another plan, between passes: contexts keep their keys, which
 * travel through the host's memory.
 *
 * next  planned for the same model and device, with at least as many pages; finished by this call,
 *       also on failure
 *
 * On failure the engine is as before, if the device gives its memory again; else it has no memory
 * (`exec` is NULL) and the keys are lost: all its contexts are then to be emptied.
 */
int mcl_engine_replace(mcl_engine *e, mcl_engine *next, motcl_err *err);

void mcl_engine_finish(mcl_engine *e);

/**
 * Run one pass. On failure the contexts of its pieces must be given up: some keys may be missing.
 *
 * Returns MOTCL_ECANCELLED if `cancel` said so between layers.
 */
int mcl_engine_run(mcl_engine *e, const mcl_batch *b, mcl_cancel_fn cancel, void *user,
                   motcl_err *err);

/** Rows [first, first + rows) of the last pass's logits: f32[rows, V]. */
int mcl_engine_logits(mcl_engine *e, uint32_t first, uint32_t rows, float *out, motcl_err *err);

/** Rows of the last pass's OUTPUT tensor `t` of the decoder graph. */
int mcl_engine_read(mcl_engine *e, mcl_tid t, uint32_t first, uint32_t rows, void *out,
                    motcl_err *err);

/**
 * Keys or values of a context, in the order of the sequence: f32[keys, kv_heads, head].
 *
 * value  false: K as it is cached (turned by its position); true: V
 */
int mcl_engine_keys(mcl_engine *e, const mcl_context *c, uint32_t layer, bool value, float *out,
                    motcl_err *err);

/**
 * Rows of the latent state for a picture in the making, and its first content f32[rows, c].
 *
 * first  where its first row is; kept up to date when other pictures leave, until given back
 */
int mcl_engine_slot_take(mcl_engine *e, uint32_t rows, const float *latent, uint32_t *first,
                         motcl_err *err);

/** Give the rows back and move those after them down; `first` as given to mcl_engine_slot_take. */
int mcl_engine_slot_drop(mcl_engine *e, uint32_t *first, motcl_err *err);

/** Copy latents to or from the device: f32[rows, c]. */
int mcl_engine_latents_write(mcl_engine *e, uint32_t first, uint32_t rows, const float *x,
                             motcl_err *err);
int mcl_engine_latents_read(mcl_engine *e, uint32_t first, uint32_t rows, float *x, motcl_err *err);

#endif
