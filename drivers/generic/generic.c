/* generic.c - the table of the driver for any OpenCL 1.2 device that builds from source. */
#include "drivers/generic/generic.h"

#include "drivers/registry.h"

static int list(const mcl_driver *drv, mcl_device_list *found, motcl_err *err) {
  return mcl_opencl_list(drv, found, "cga", err);
}

/* Numeric classes: "seq", sums as common/tile.clh has them; "clblast", whatever CLBlast does; the
 * others have a single variant each and are named after how they sum. */
#define VARIANT(id, variant, class, function)                                                      \
  .name = (variant), .op = MCL_OP_##id, .numeric = (class), .enqueue = mcl_generic_##function

static const mcl_variant variants[] = {
    {VARIANT(LINEAR, "linear.rows", "seq", linear_rows), .accepts = mcl_generic_few_rows},
    {VARIANT(LINEAR, "linear.tiled", "seq", linear_tiled)},
    {VARIANT(LINEAR, "linear.clblast", "clblast", linear_clblast), .mixes = true,
     .accepts = mcl_generic_clblast_accepts, .scratch = mcl_generic_clblast_scratch},
    {VARIANT(LINEAR_ADD, "linear_add.rows", "seq", linear_rows), .accepts = mcl_generic_few_rows},
    {VARIANT(LINEAR_ADD, "linear_add.tiled", "seq", linear_tiled)},
    {VARIANT(RMS_NORM, "rms_norm.lanes", "lanes", rms_norm)},
    {VARIANT(LAYER_NORM, "layer_norm.lanes", "lanes", layer_norm)},
    {VARIANT(NORM_ROPE, "norm_rope.lanes", "lanes", norm_rope)},
    {VARIANT(ROPE, "rope.plain", "plain", rope)},
    {VARIANT(EMBED, "embed.plain", "plain", embed)},
    {VARIANT(GATHER, "gather.plain", "plain", gather)},
    {VARIANT(SILU, "silu.plain", "plain", unary)},
    {VARIANT(GELU, "gelu.plain", "plain", unary)},
    {VARIANT(ADD, "add.plain", "plain", binary)},
    {VARIANT(MUL, "mul.plain", "plain", binary)},
    {VARIANT(SILU_MUL, "silu_mul.plain", "plain", binary)},
    {VARIANT(KV_PUT, "kv_put.plain", "plain", kv_put)},
    {VARIANT(KV_COPY, "kv_copy.plain", "plain", kv_copy)},
    {VARIANT(ATTENTION, "attention.tile", "online", attention)},
    {VARIANT(CONV, "conv.tiled", "seq", conv), .layout = MCL_LAYOUT_OHWI},
    {VARIANT(UP_CONV, "up_conv.tiled", "seq", conv), .layout = MCL_LAYOUT_OHWI},
    {VARIANT(UPSAMPLE, "upsample.plain", "plain", upsample)},
    {VARIANT(GROUP_NORM, "group_norm.blocks", "blocks", group_norm),
     .scratch = mcl_generic_group_norm_scratch},
    {VARIANT(GUIDE, "guide.lanes", "lanes", guide)},
    {VARIANT(GUIDE_SCALE, "guide_scale.lanes", "lanes", guide_scale)},
    {VARIANT(GUIDE_APPLY, "guide_apply.plain", "plain", guide_apply)},
    {VARIANT(EULER, "euler.plain", "plain", euler)},
    {VARIANT(NOT_FINITE, "not_finite.rows", "plain", not_finite)},
};

const mcl_driver mcl_driver_generic = {
    .version = MCL_DRIVER_VERSION,
    .name = "generic",
    .about = "any OpenCL 1.2 device: portable kernels",
    .rank = 10,
    .list = list,
    .open = mcl_opencl_open,
    MCL_OPENCL_MEMBERS,
    .variants = variants,
    .variant_count = sizeof variants / sizeof *variants,
};
