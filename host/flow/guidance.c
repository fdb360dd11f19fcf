/* guidance.c - settings of guidance: names, defaults, ranges, passes owed. */
#include "flow/guidance.h"

#include <stddef.h>

static const char *const words[] = {
#define WORD(name, word) word,
    MOTCL_RENORM_LIST(WORD)
#undef WORD
};

const char *motcl_renorm_name(motcl_renorm r) {
  return (unsigned)r < MOTCL_RENORM_COUNT ? words[r] : "?";
}

/* The official code spells the hyphen as an underscore. */
static bool same_word(const char *a, const char *b) {
  for (;; a++, b++) {
    if ((*a == '_' ? '-' : *a) != *b)
      return false;
    if (!*a)
      return true;
  }
}

bool motcl_renorm_parse(const char *word, motcl_renorm *out) {
  for (int r = 0; r < MOTCL_RENORM_COUNT; r++)
    if (same_word(word, words[r])) {
      *out = (motcl_renorm)r;
      return true;
    }
  return false;
}

motcl_guidance mcl_guidance_draw(void) {
  return (motcl_guidance){.text_scale = 4,
                          .image_scale = 1,
                          .lo = 0.4,
                          .hi = 1,
                          .renorm = MOTCL_RENORM_GLOBAL,
                          .renorm_min = 0};
}

motcl_guidance mcl_guidance_edit(void) {
  return (motcl_guidance){.text_scale = 4,
                          .image_scale = 2,
                          .lo = 0,
                          .hi = 1,
                          .renorm = MOTCL_RENORM_TEXT_CHANNEL,
                          .renorm_min = 0};
}

/* NaN fails too. */
static int check_range(const char *what, double x, double least, double most, motcl_err *err) {
  if (x >= least && x <= most)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL, "%s is %g; give a number from %g to %g", what, x, least, most);
}

int mcl_guidance_check(const motcl_guidance *g, motcl_err *err) {
  const struct {
    const char *what;
    double x, least, most;
  } list[] = {{"the text guidance scale", g->text_scale, 0, 1000},
              {"the picture guidance scale", g->image_scale, 0, 1000},
              {"the start of the guidance interval", g->lo, 0, 1},
              {"the end of the guidance interval", g->hi, 0, 1},
              {"the least renormalisation", g->renorm_min, 0, 1}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    int rc = check_range(list[i].what, list[i].x, list[i].least, list[i].most, err);
    if (rc)
      return rc;
  }
  if (g->lo > g->hi)
    return mcl_fail(
        err, MOTCL_EINVAL,
        "the guidance interval %g:%g ends before it starts; give the smaller time first", g->lo,
        g->hi);
  if ((unsigned)g->renorm >= MOTCL_RENORM_COUNT)
    return mcl_fail(err, MOTCL_EINVAL,
                    "there is no renormalisation number %u; choose global, channel, text-channel "
                    "or none",
                    (unsigned)g->renorm);
  return MOTCL_OK;
}

unsigned mcl_guidance_passes(const motcl_guidance *g, float t) {
  bool inside = t > (float)g->lo && t <= (float)g->hi;
  if (!inside || !(g->text_scale > 1))
    return MCL_PASS_COND;
  return MCL_PASS_COND | MCL_PASS_TEXT_UNCOND |
         (g->image_scale > 1 ? (unsigned)MCL_PASS_IMAGE_UNCOND : 0u);
}
