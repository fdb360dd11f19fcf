/* guidance.h - settings of classifier-free guidance (their names are motcl.h's), and which passes
 * a step owes.
 *
 * What a step does with its passes (official code: modeling/bagel/bagel.py, generate_image lines
 * 701-706, _forward_flow lines 835-905); norms are over a token's channels, or over the whole
 * picture for `global`:
 *
 *   v                        the cond pass; v_text, v_image those of text_uncond and image_uncond
 *   outside (lo, hi], or text_scale <= 1:       v, whatever image_scale
 *   u = v_text + text_scale (v - v_text)
 *   text_channel only:  u <- u clamp(|v| / (|u| + 1e-8), renorm_min, 1), a token at a time
 *   w = v_image + image_scale (u - v_image) if image_scale > 1, else u
 *   global, channel:    w <- w clamp(|v| / (|w| + 1e-8), renorm_min, 1)
 *
 * and w is the step's velocity. `none`, which the official code lacks, leaves w as it is. */
#ifndef MCL_FLOW_GUIDANCE_H
#define MCL_FLOW_GUIDANCE_H

#include <stdbool.h>

#include "base/err.h"
#include "graph/ops.h"

/** Defaults of the published notebook: text to picture (4, 1, (0.4, 1], global, 0) ... */
motcl_guidance mcl_guidance_draw(void);

/** ... and editing (4, 2, (0, 1], text-channel, 0). */
motcl_guidance mcl_guidance_edit(void);

/** Whether all settings are in range; else MOTCL_EINVAL with a sentence that names the setting. */
int mcl_guidance_check(const motcl_guidance *g, motcl_err *err);

/** Terms of a step, and how many there are. */
typedef enum mcl_pass {
  MCL_PASS_COND = 1,
  MCL_PASS_TEXT_UNCOND = 2,
  MCL_PASS_IMAGE_UNCOND = 4
} mcl_pass;
#define MCL_PASSES 3

/**
 * The passes whose velocity enters the step at time t, a sum of mcl_pass; cond always does. One
 * whose context equals another pass's need not be run: its velocity is that other's (image_uncond
 * is cond's when a picture is drawn from text without thinking), but its term stays.
 */
unsigned mcl_guidance_passes(const motcl_guidance *g, float t);

#endif
