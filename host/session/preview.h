/* preview.h - previews of a picture in the making: the map to RGB is fitted once to the autoencoder
 * at hand, and kept in the cache folder. Private to session/.
 *
 * What they are fitted on: latents that the autoencoder's encoder gives for made-up pictures, so
 * that they are distributed as the model's are, with what its decoder makes of them. Miniatures
 * that were never trained have come to a correlation of 0.3 to 0.7 with that. */
#ifndef MCL_SESSION_PREVIEW_H
#define MCL_SESSION_PREVIEW_H

#include "session/latent_to_rgb.h"
#include "session/workload.h"

typedef struct mcl_preview mcl_preview;

/**
 * Take the fit for this autoencoder out of the cache folder, or plan to make one.
 *
 * out        not for several threads at once; given back with mcl_preview_destroy, before `stages`
 * stages     of the model; borrowed
 * cache_dir  may be NULL: then it is fitted each time
 *
 * Returns MOTCL_EMODEL for a model without an autoencoder, MOTCL_EFIT and others of mcl_plan_make.
 */
int mcl_preview_create(mcl_preview **out, mcl_stages *stages, const char *cache_dir,
                       motcl_err *err);
void mcl_preview_destroy(mcl_preview *p);

/** Device memory that fitting takes; 0 where nothing is left to fit. */
uint64_t mcl_preview_bytes(const mcl_preview *p);

/** Whether previews can be drawn. */
bool mcl_preview_ready(const mcl_preview *p);

/** Show the plans of what fitting runs, if it is still to be done. */
void mcl_preview_plans(const mcl_preview *p, mcl_plan_visitor visit, void *user);

/** Count the runs that fitting is going to make. */
void mcl_preview_workload(const mcl_preview *p, mcl_workload *y);

/** Fit, unless that was done, and keep the fit in the cache folder; device memory is given back
 * before it returns. `throughput` may be NULL. */
int mcl_preview_fit(mcl_preview *p, mcl_throughput *throughput, mcl_cancel_fn cancel, void *user,
                    motcl_err *err);

/** The fit, once ready; the preview's. */
const mcl_latent_to_rgb *mcl_preview_map(const mcl_preview *p);

/**
 * A picture on its way, right after a step, before another pass.
 *
 * first          its first row of the latent state
 * height, width  of it in latent tokens, of `cols` numbers each
 * step, of       steps done, of so many
 * time           that the step came to, 0..1
 */
typedef struct mcl_preview_input {
  uint32_t first, height, width, cols, step, of;
  float time;
} mcl_preview_input;

/** Send a preview of it to the session's sink. The session's previews are ready. */
int mcl_preview_send(const mcl_session *s, const mcl_preview_input *m, motcl_err *err);

#endif
