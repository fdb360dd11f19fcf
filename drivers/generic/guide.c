/* guide.c - guidance of the velocity, the Euler step, and whether what came of it is finite. */
#include "drivers/generic/generic.h"

#define ROWS 64 /* of a group that counts; as in guide.cl */

static mcl_kernel_use use_of(const char *kernel, const mcl_call *c) {
  return (mcl_kernel_use){.source = "guide.cl", .kernel = kernel, .groups = {c->out.rows, 1}};
}

int mcl_generic_guide(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->in[2]),
                          MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = use_of("mcl_guide", c);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_guide_scale(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]),
                          MCL_STRIDED(&c->in[2]), MCL_STRIDED(&c->in[3]),
                          MCL_STRIDED(&c->out),   mcl_arg_uint(c->in[0].cols)};
  const mcl_kernel_use use = use_of("mcl_guide_scale", c);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_guide_apply(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->in[2]),
                          MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = use_of("mcl_guide_apply", c);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_euler(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->in[2]),
                          MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = use_of("mcl_euler", c);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_not_finite(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->in[0].cols)};
  mcl_kernel_use use = use_of("mcl_not_finite", c);
  use.groups[0] = mcl_blocks(c->out.rows, ROWS);
  return MCL_LAUNCH(dev, &use, args, err);
}
