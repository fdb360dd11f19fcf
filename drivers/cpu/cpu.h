/* cpu.h - what the files of the cpu driver share: variants' functions (as in mcl_variant) and the
 * register blocks that suit a machine's vectors. */
#ifndef MCL_DRIVERS_CPU_CPU_H
#define MCL_DRIVERS_CPU_CPU_H

#include "drivers/generic/generic.h"

/**
 * Blocks that fill a machine's registers; results do not depend on them.
 *
 * rows, cols  of sums in a matrix product of many rows
 * few         sums of one row, in one of few rows
 * queries, vectors  of 16 sums in attention
 */
typedef struct mcl_cpu_blocks {
  unsigned rows, cols, few, queries, vectors;
} mcl_cpu_blocks;

/** The blocks for a device that mcl_opencl_open made. Static. */
const mcl_cpu_blocks *mcl_cpu_blocks_of(const mcl_device *dev);

/* dot.c */
bool mcl_cpu_linear_row_accepts(const mcl_device *dev, const mcl_call *c);
int mcl_cpu_linear_row(mcl_device *dev, const mcl_call *c, motcl_err *err);
size_t mcl_cpu_linear_scratch(const mcl_device *dev, const mcl_call *c);
int mcl_cpu_linear(mcl_device *dev, const mcl_call *c, motcl_err *err);
size_t mcl_cpu_conv_scratch(const mcl_device *dev, const mcl_call *c);
int mcl_cpu_conv(mcl_device *dev, const mcl_call *c, motcl_err *err);

/* attention.c */
int mcl_cpu_attention(mcl_device *dev, const mcl_call *c, motcl_err *err);

/* norm.c */
int mcl_cpu_rms_norm(mcl_device *dev, const mcl_call *c, motcl_err *err);
int mcl_cpu_norm_rope(mcl_device *dev, const mcl_call *c, motcl_err *err);
int mcl_cpu_layer_norm(mcl_device *dev, const mcl_call *c, motcl_err *err);
size_t mcl_cpu_group_norm_scratch(const mcl_device *dev, const mcl_call *c);
int mcl_cpu_group_norm(mcl_device *dev, const mcl_call *c, motcl_err *err);

/* rows.c */
int mcl_cpu_unary(mcl_device *dev, const mcl_call *c, motcl_err *err);
int mcl_cpu_binary(mcl_device *dev, const mcl_call *c, motcl_err *err);

#endif
