/* preview_send.c - sending a preview of a picture on its way. */
#include "base/mem.h"
#include "image/patches.h"
#include "session/preview.h"

static size_t numbers(const mcl_preview_input *m) {
  return (size_t)m->height * m->width * m->cols;
}

/* Where the picture is heading: x is what the step made, v its velocity and t the time it is at,
 * and x - t v is the end of the straight way. Early on that has form and colour where x is noise.
 */
static int predict(mcl_engine *e, const mcl_preview_input *m, float *x, float *v, motcl_err *err) {
  uint32_t rows = m->height * m->width;
  int rc = mcl_latents_read(&e->latents, m->first, rows, x, err);
  if (rc == MOTCL_OK)
    rc = mcl_engine_read(e, e->decoder->guided, m->first, rows, v, err);
  for (size_t i = 0; i < numbers(m) && rc == MOTCL_OK; i++)
    x[i] -= m->time * v[i];
  return rc;
}

static int send(const mcl_session *s, const mcl_preview_input *m, float *x, float *v, uint8_t *rgb,
                motcl_err *err) {
  const mcl_config *c = &s->reader.model->config;
  const mcl_latent_to_rgb *g = mcl_preview_map(s->previews->map);
  uint32_t p = c->picture.patch, height = m->height * p, width = m->width * p;
  int rc = predict(s->engine, m, x, v, err);
  if (rc == MOTCL_OK)
    rc = mcl_latent_from_tokens(v, x, height, width, c->vae.z, p, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_latent_to_rgb_image(g, v, height, width, rgb);
  mcl_session_event(s, &(motcl_event){.kind = MOTCL_EVENT_PREVIEW,
                                      .phase = MOTCL_PHASE_DENOISE,
                                      .step = m->step,
                                      .of = m->of,
                                      .rgb = rgb,
                                      .width = width * g->side,
                                      .height = height * g->side});
  return MOTCL_OK;
}

int mcl_preview_send(const mcl_session *s, const mcl_preview_input *m, motcl_err *err) {
  size_t side =
      (size_t)s->reader.model->config.picture.patch * mcl_preview_map(s->previews->map)->side;
  float *x = mcl_alloc(numbers(m), sizeof *x), *v = mcl_alloc(numbers(m), sizeof *v);
  uint8_t *rgb = mcl_alloc(m->height * side * m->width * side, 3);
  int rc =
      x && v && rgb ? send(s, m, x, v, rgb, err) : mcl_fail_nomem(err, 2 * numbers(m) * sizeof *x);
  mcl_free(x);
  mcl_free(v);
  mcl_free(rgb);
  return rc;
}
