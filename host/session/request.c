/* request.c - defaults and ranges of a request. */
#include "session/request.h"

#include "base/sample.h"
#include "flow/grid.h"

#define MOST_TOKENS (1u << 20)
#define MOST_SIDE 65536u

mcl_request mcl_request_default(bool edit) {
  return (mcl_request){.points = 50,
                       .shift = 3,
                       .guidance = edit ? mcl_guidance_edit() : mcl_guidance_draw(),
                       .max_tokens = 512,
                       .max_think = 1000};
}

int mcl_request_check(const mcl_request *r, motcl_err *err) {
  int rc = MOTCL_OK;
  if (r->draw && ((rc = mcl_grid_check(r->points, r->shift, err)) != MOTCL_OK ||
                  (rc = mcl_guidance_check(&r->guidance, err)) != MOTCL_OK))
    return rc;
  if ((rc = mcl_temperature_check(r->temperature, err)) != MOTCL_OK)
    return rc;
  if (!r->max_tokens || r->max_tokens > MOST_TOKENS || !r->max_think || r->max_think > MOST_TOKENS)
    return mcl_fail(err, MOTCL_EINVAL, "the number of tokens must be from 1 to %u", MOST_TOKENS);
  if (r->width > MOST_SIDE || r->height > MOST_SIDE || !r->width != !r->height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u cannot be drawn", r->width, r->height);
  if (!r->parts)
    return mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  for (size_t i = 0; i < r->parts; i++)
    if (!r->part[i].size && r->part[i].kind == MCL_PART_TEXT)
      return mcl_fail(err, MOTCL_EINVAL, "the text is empty; say what is wanted");
  return MOTCL_OK;
}
