/* stages.h - the passes over one picture outside the decoder: seeing it, and going to its latent
 * and back. A stage is planned, and refused, before anything is computed. */
#ifndef MCL_SESSION_STAGES_H
#define MCL_SESSION_STAGES_H

#include "exec/exec.h"
#include "exec/throughput.h"
#include "model/model.h"

typedef struct mcl_stage mcl_stage;

/**
 * Plan a pass for one size.
 *
 * vision   height, width: patches down and across. In f32[height * width, patch * patch * 3] as
 *          mcl_pixels_to_patches makes them; out f32[height * width, hidden of the decoder],
 *          position added; `layers` keeps what lies between for mcl_stage_visit
 * encoder  height, width: pixels. In f32[height * width, 3], -1..1; out the moments of the latent,
 *          f32[h * w, 2 * z], means then log-variances (mcl_latent_sample takes them)
 * decoder  height, width: cells of the latent. In f32[height * width, z] as mcl_latent_unscale
 *          makes them; out f32[H * W, 3], -1..1 before clamping
 *
 * out      mcl_stage_destroy gives it back, before the weights' table and the model
 * weights  the model's, on the device that it is to run on
 * options  may be NULL
 *
 * Returns MOTCL_EINVAL for a size the model has no positions for, MOTCL_EMODEL for a model without
 * that part, MOTCL_EFIT and others of mcl_plan_make.
 */
int mcl_stage_vision(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                     uint32_t width, bool layers, const mcl_plan_options *options, motcl_err *err);
int mcl_stage_encoder(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                      uint32_t width, const mcl_plan_options *options, motcl_err *err);
int mcl_stage_decoder(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                      uint32_t width, const mcl_plan_options *options, motcl_err *err);
void mcl_stage_destroy(mcl_stage *s);

/** What it will take, of the stage. */
const mcl_plan *mcl_stage_plan(const mcl_stage *s);

/** Rows and columns of what a run gives. */
void mcl_stage_shape(const mcl_stage *s, uint32_t *rows, uint32_t *cols);

/**
 * Run the pass, as often as there are pictures of that size. Device memory is taken when it is not
 * there; between runs it is idle (exec/residency.h) and may have gone.
 *
 * in, out     as above; out is written on success only
 * throughput  told what the run takes; may be NULL
 * cancel      may be NULL
 *
 * Returns what mcl_exec_create and mcl_exec_run return; MOTCL_ENUMERIC if what comes out is not
 * finite.
 */
int mcl_stage_run(mcl_stage *s, const float *in, float *out, mcl_throughput *throughput,
                  mcl_cancel_fn cancel, void *user, motcl_err *err);

/** Gets one output of the last run; anything but MOTCL_OK ends the visit with that. */
typedef int (*mcl_stage_visitor)(void *user, const char *name, uint32_t rows, uint32_t cols,
                                 const float *data, motcl_err *err);

/** Show every output of the last run, in running order; the last one is the result. */
int mcl_stage_visit(mcl_stage *s, mcl_stage_visitor visit, void *user, motcl_err *err);

/* Stages of one model on one device, kept by what they are for, so that the next picture of a size
 * finds plan, memory and weights where the last one left them. */

typedef enum mcl_stage_kind {
  MCL_STAGE_VISION,
  MCL_STAGE_ENCODER,
  MCL_STAGE_DECODER
} mcl_stage_kind;

/**
 * The stages that are kept; those that nobody uses go one by one when there come to be too many.
 *
 * options  of all plans; their budget is not looked at
 */
typedef struct mcl_stages {
  const mcl_model *model;
  mcl_weights *weights;
  mcl_plan_options options;
  struct mcl_stage_entry *first;
} mcl_stages;

/** Ended before the weights' table and the model; no stage is in use then. */
void mcl_stages_finish(mcl_stages *k);

/**
 * A stage of that kind and size, made unless there is one; arguments and errors as above.
 *
 * out  used until mcl_stages_put; several may use it in turn
 */
int mcl_stages_get(mcl_stages *k, mcl_stage **out, mcl_stage_kind kind, uint32_t height,
                   uint32_t width, bool layers, motcl_err *err);

/** A stage is used by one less; NULL is fine. */
void mcl_stages_put(mcl_stages *k, mcl_stage *s);

#endif
