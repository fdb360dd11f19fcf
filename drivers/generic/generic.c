/* generic.c - the table of the driver for any OpenCL 1.2 device that builds from source. */
#include "drivers/generic/generic.h"

#include "drivers/registry.h"

static int list(const mcl_driver *drv, mcl_device_list *found, motcl_err *err) {
  return mcl_generic_list(drv, found, "cga", err);
}

static const mcl_variant variants[] = {
    {.name = "linear.rows",
     .op = MCL_OP_LINEAR,
     .numeric = "seq",
     .accepts = mcl_generic_few_rows,
     .enqueue = mcl_generic_linear_rows},
    {.name = "linear.tiled",
     .op = MCL_OP_LINEAR,
     .numeric = "seq",
     .enqueue = mcl_generic_linear_tiled},
    {.name = "linear_add.rows",
     .op = MCL_OP_LINEAR_ADD,
     .numeric = "seq",
     .accepts = mcl_generic_few_rows,
     .enqueue = mcl_generic_linear_rows},
    {.name = "linear_add.tiled",
     .op = MCL_OP_LINEAR_ADD,
     .numeric = "seq",
     .enqueue = mcl_generic_linear_tiled},
#define ONE(id, variant, function)                                                                 \
  { .name = variant, .op = MCL_OP_##id, .numeric = "lanes", .enqueue = mcl_generic_##function }
    ONE(RMS_NORM, "rms_norm.lanes", rms_norm),
    ONE(LAYER_NORM, "layer_norm.lanes", layer_norm),
    ONE(NORM_ROPE, "norm_rope.lanes", norm_rope),
#undef ONE
#define ONE(id, variant, function)                                                                 \
  { .name = variant, .op = MCL_OP_##id, .numeric = "plain", .enqueue = mcl_generic_##function }
    ONE(EMBED, "embed.plain", embed),
    ONE(GATHER, "gather.plain", gather),
    ONE(ROPE, "rope.plain", rope),
    ONE(SILU, "silu.plain", unary),
    ONE(GELU, "gelu.plain", unary),
    ONE(ADD, "add.plain", binary),
    ONE(MUL, "mul.plain", binary),
    ONE(SILU_MUL, "silu_mul.plain", binary),
#undef ONE
};

const mcl_driver mcl_driver_generic = {
    .version = MCL_DRIVER_VERSION,
    .name = "generic",
    .about = "any OpenCL 1.2 device: portable kernels",
    .rank = 10,
    .list = list,
    .open = mcl_generic_open,
    .close = mcl_generic_close,
    .create = mcl_generic_create,
    .destroy = mcl_generic_destroy,
    .write = mcl_generic_write,
    .read = mcl_generic_read,
    .copy = mcl_generic_copy,
    .flush = mcl_generic_flush,
    .finish = mcl_generic_finish,
    .variants = variants,
    .variant_count = sizeof variants / sizeof *variants,
};
