/* device.h - a case on a device: buffers, the call, and what came back. */
#ifndef MCL_TESTS_DEVICE_H
#define MCL_TESTS_DEVICE_H

#include "checkcl.h"

#define CHECK_OPERANDS (MCL_OP_INPUTS + MCL_OP_WEIGHTS + 1)

/** Operand i of a case: inputs, then weights, then the output. data is NULL where absent. */
const check_tensor *check_operand(const check_case *c, int i);

/** Whether its op reads or writes operand i, as the list of ops says (graph/ops.h). */
bool check_reads(const check_case *c, int i);
bool check_writes(const check_case *c, int i);

/** What a call left in the operands that it may change; NULL for the others. */
typedef struct check_image {
  unsigned char *data[CHECK_OPERANDS];
} check_image;
void check_image_finish(check_image *image);

/** A case's operands as buffers of a device, ready to be called. */
typedef struct check_bound {
  mcl_device *dev;
  const mcl_variant *variant;
  const check_case *c;
  mcl_call call;
  mcl_buffer *buf[CHECK_OPERANDS], *scratch;
  size_t scratch_bytes;
} check_bound;

/** Whether the variant takes this case, asked without buffers, as a plan asks. */
bool check_accepts(mcl_device *dev, const mcl_variant *v, const check_case *c);

/** Bytes of scratch that it asks for, likewise. */
size_t check_scratch(mcl_device *dev, const mcl_variant *v, const check_case *c);

/** Make and fill the buffers; give back with check_unbind, also after a failure. */
int check_bind(check_bound *b, mcl_device *dev, const mcl_variant *v, const check_case *c,
               motcl_err *err);
void check_unbind(check_bound *b);

/** Put the call on the queue and wait for it. */
int check_call(check_bound *b, motcl_err *err);

/**
 * After the calls: read back and unbind.
 *
 * rc, err  of what was done before; reading is left out if it failed
 *
 * Returns as check_compute.
 */
bool check_finish(check_bound *b, int rc, check_image *image, motcl_err *err, char *why, size_t n);

/**
 * Bind, call, read back.
 *
 * image  out, on success; give back with check_image_finish
 * why    char[n], out: what is wrong, when the result is false: the device failed, an operand was
 *        changed that must not be, or more scratch was written than asked for
 */
bool check_compute(check_image *image, mcl_device *dev, const mcl_variant *v, const check_case *c,
                   char *why, size_t n);

#endif
