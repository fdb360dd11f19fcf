/* metadata.c - prompt, seed and settings as lines of text. */
#include "cli/jobs/metadata.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int join_texts(char **out, const motcl_request *r, motcl_err *err) {
  size_t total = 1;
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind == MOTCL_PART_TEXT && !mcl_add_ok(total, r->part[i].size + 1, &total))
      return mcl_fail_nomem(err, total);
  char *p = mcl_alloc(total, 1), *at = p;
  if (!p)
    return mcl_fail_nomem(err, total);
  for (size_t i = 0; i < r->parts; i++) {
    if (r->part[i].kind != MOTCL_PART_TEXT)
      continue;
    if (at != p)
      *at++ = '\n';
    memcpy(at, r->part[i].data, r->part[i].size);
    at += r->part[i].size;
  }
  *at = 0;
  *out = p;
  return MOTCL_OK;
}

static json_t *settings_of(const motcl_request *r, const mcl_image *picture) {
  const motcl_guidance *g = &r->settings.guidance;
  char size[32];
  snprintf(size, sizeof size, "%ux%u", picture->width, picture->height);
  json_t *j = json_pack("{s:s, s:I, s:f, s:f, s:f, s:[f,f], s:s, s:f, s:b}", "size", size,
                        "timesteps", (json_int_t)r->settings.points, "shift", r->settings.shift,
                        "cfg-text", g->text_scale, "cfg-image", g->image_scale, "cfg-interval",
                        g->lo, g->hi, "cfg-renorm", motcl_renorm_name(g->renorm), "cfg-renorm-min",
                        g->renorm_min, "think", r->settings.think);
  if (r->settings.think) {
    json_object_set_new(j, "max-think-tokens", json_integer(r->settings.max_think));
    json_object_set_new(j, "temperature", json_real(r->settings.temperature));
  }
  if (r->settings.vae_sample)
    json_object_set_new(j, "vae-sample", json_true());
  if (r->settings.noise)
    json_object_set_new(j, "noise", json_true());
  return j;
}

static void add(mcl_metadata *m, const char *key, const char *value) {
  if (value && *value)
    m->text[m->count++] = (motcl_line){key, value};
}

int mcl_metadata_init(mcl_metadata *m, const motcl_request *r, const mcl_image *picture,
                      const char *fingerprint, motcl_err *err) {
  memset(m, 0, sizeof *m);
  json_t *settings = settings_of(r, picture);
  m->settings = settings ? json_dumps(settings, JSON_REAL_PRECISION(9)) : NULL;
  json_decref(settings);
  if (!m->settings)
    return mcl_fail_nomem(err, 1);
  int rc = join_texts(&m->prompt, r, err);
  if (rc != MOTCL_OK)
    return rc;
  snprintf(m->software, sizeof m->software, "motcl %s", motcl_version());
  snprintf(m->seed, sizeof m->seed, "%" PRIu64, r->seed);
  add(m, "Software", m->software);
  add(m, "prompt", m->prompt);
  add(m, "negative", r->settings.negative);
  add(m, "seed", m->seed);
  add(m, "settings", m->settings);
  add(m, "fingerprint", fingerprint);
  return MOTCL_OK;
}

void mcl_metadata_finish(mcl_metadata *m) {
  free(m->settings);
  mcl_free(m->prompt);
  memset(m, 0, sizeof *m);
}
