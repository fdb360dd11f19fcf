/* cpu.c - the table of the driver for CPUs under OpenCL: vectors of 16 floats, one work-item a
 * group, weights where the file has them. What it does not list, generic does. */
#include "drivers/cpu/cpu.h"

#include <stdio.h>

#include "drivers/registry.h"

static int list(const mcl_driver *drv, mcl_device_list *found, motcl_err *err) {
  return mcl_opencl_list(drv, found, "c", err);
}

const mcl_cpu_blocks *mcl_cpu_blocks_of(const mcl_device *dev) {
  static const mcl_cpu_blocks wide = {5, 4, 8, 4, 4}; /* 32 registers of 16 */
  static const mcl_cpu_blocks half = {3, 2, 4, 4, 1}; /* 16 registers of 8 */
  static const mcl_cpu_blocks quarter = {2, 1, 2, 2, 1};
  const uint32_t width = ((const mcl_opencl *)dev)->cl->caps.width;
  return width >= 16 ? &wide : width >= 8 ? &half : &quarter;
}

/* As kernels/cpu/all.cl has them. */
static const char *const parts[] = {"simple.cl",     "guide.cl",     "attention.cl",
                                    "cpu/rows.cl",   "cpu/group.cl", "cpu/attention.cl",
                                    "cpu/panels.cl", "cpu/dot.cl",   NULL};

/* Register blocks are fixed by the compiler's options. */
static int open_device(mcl_device **out, const mcl_device_entry *entry,
                       const mcl_device_options *opt, motcl_err *err) {
  int rc = mcl_opencl_open(out, entry, opt, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_opencl *o = (mcl_opencl *)*out;
  const mcl_cpu_blocks *b = mcl_cpu_blocks_of(*out);
  o->all = "cpu/all.cl";
  o->parts = parts;
  snprintf(o->options, sizeof o->options, "-DMR=%u -DNR=%u -DNR1=%u -DQR=%u -DQV=%u", b->rows,
           b->cols, b->few, b->queries, b->vectors);
  return MOTCL_OK;
}

/* Numeric classes: "dot16" as kernels/cpu/panels.cl has it; "page16" and "sum64" as attention.cl
 * and rows.cl of that folder; "block128" is group.cl's; "plain" for single elements. */
#define VARIANT(id, variant, class, function)                                                      \
  .name = (variant), .op = MCL_OP_##id, .numeric = (class), .enqueue = mcl_cpu_##function

static const mcl_variant variants[] = {
    {VARIANT(LINEAR, "linear.dot_row", "dot16", linear_row), .accepts = mcl_cpu_linear_row_accepts},
    {VARIANT(LINEAR, "linear.dot", "dot16", linear), .scratch = mcl_cpu_linear_scratch},
    {VARIANT(LINEAR_ADD, "linear_add.dot_row", "dot16", linear_row),
     .accepts = mcl_cpu_linear_row_accepts},
    {VARIANT(LINEAR_ADD, "linear_add.dot", "dot16", linear), .scratch = mcl_cpu_linear_scratch},
    {VARIANT(CONV, "conv.dot", "dot16", conv), .layout = MCL_LAYOUT_OHWI,
     .scratch = mcl_cpu_conv_scratch},
    {VARIANT(UP_CONV, "up_conv.dot", "dot16", conv), .layout = MCL_LAYOUT_OHWI,
     .scratch = mcl_cpu_conv_scratch},
    {VARIANT(ATTENTION, "attention.page", "page16", attention)},
    {VARIANT(RMS_NORM, "rms_norm.row", "sum64", rms_norm)},
    {VARIANT(NORM_ROPE, "norm_rope.row", "sum64", norm_rope)},
    {VARIANT(LAYER_NORM, "layer_norm.row", "sum64", layer_norm)},
    {VARIANT(GROUP_NORM, "group_norm.pixels", "block128", group_norm),
     .scratch = mcl_cpu_group_norm_scratch},
    {VARIANT(SILU, "silu.rows", "plain", unary)},
    {VARIANT(GELU, "gelu.rows", "plain", unary)},
    {VARIANT(ADD, "add.rows", "plain", binary)},
    {VARIANT(MUL, "mul.rows", "plain", binary)},
    {VARIANT(SILU_MUL, "silu_mul.rows", "plain", binary)},
};

const mcl_driver mcl_driver_cpu = {
    .version = MCL_DRIVER_VERSION,
    .name = "cpu",
    .about = "CPUs under OpenCL: register-blocked kernels, weights in place",
    .rank = 20,
    .list = list,
    .open = open_device,
    MCL_OPENCL_MEMBERS,
    .variants = variants,
    .variant_count = sizeof variants / sizeof *variants,
    .base = &mcl_driver_generic,
};
