/* size.c - a picture that is drawn after another has its size, as the model can take that in. */
#include "cli/jobs/size.h"

#include <inttypes.h>
#include <stdio.h>

/* The limits that a picture can meet: one of pixels in all only where it is less than the sides'. */
static void print_limits(char *out, size_t size, const motcl_fit *fit) {
  int n = snprintf(out, size, "sides of %u to %u pixels, in multiples of %u", fit->shortest,
                   fit->longest, fit->step);
  if (fit->most_pixels < (uint64_t)fit->longest * fit->longest && n > 0)
    snprintf(out + n, size - (size_t)n, ", %" PRIu64 " in all", fit->most_pixels);
}

void mcl_size_tell_fit(mcl_terminal *terminal, const motcl_worker *w, const char *protocol,
                       uint32_t *width, uint32_t *height, const char *name) {
  motcl_fit fit;
  char limits[128];
  if (motcl_worker_fit_by(w, protocol, *width, *height, &fit, NULL) != MOTCL_OK)
    return;
  print_limits(limits, sizeof limits, &fit);
  if (fit.width != *width || fit.height != *height)
    mcl_terminal_say(
        terminal, false,
        "the picture will be %ux%u and not %ux%u as %s: this model takes in %s; --size "
        "asks for another",
        fit.width, fit.height, *width, *height, name ? name : "the one before it", limits);
  *width = fit.width;
  *height = fit.height;
}

void mcl_size_tell(mcl_terminal *terminal, const motcl_worker *w, const motcl_request *r) {
  uint32_t width = 0, height = 0;
  const char *name = NULL;
  for (size_t i = 0; i < r->items; i++) {
    const motcl_item *item = &r->item[i];
    const motcl_settings *s = item->settings;
    if (item->kind == MOTCL_ITEM_INPUT && item->part.kind == MOTCL_PART_PICTURE) {
      if (motcl_picture_decode(NULL, &width, &height, NULL, item->part.data, item->part.size,
                               r->settings.no_orient, NULL) != MOTCL_OK)
        width = 0;
      name = item->part.name;
    }
    if (item->kind != MOTCL_ITEM_OUTPUT || item->output == MOTCL_OUTPUT_TEXT)
      continue;
    if (s->width) {
      width = s->width;
      height = s->height;
    } else if (width) {
      mcl_size_tell_fit(terminal, w, r->settings.protocol, &width, &height, name);
    }
    name = NULL;
  }
}
