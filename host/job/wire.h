/* wire.h - what pack.c and unpack.c share: memory for protobuf-c, a look at a message before
 * protobuf-c has it, and the limits that hold in both directions. */
#ifndef MCL_JOB_WIRE_H
#define MCL_JOB_WIRE_H

#include "job/codec.h"
#include "motcl/v1/job.pb-c.h"

/** What an unpacked job owns. name[i] is the name of part i. */
struct mcl_job_store {
  Motcl__V1__Job *message;
  motcl_part *part;
  motcl_output output;
  mcl_label *label;
  char (*name)[48];
};

/** Memory from base/mem for protobuf-c; *failed becomes true when there is none. */
ProtobufCAllocator mcl_wire_allocator(bool *failed);

/**
 * Whether the n bytes are a message of the kind `d` as the encoding goes, before anything is
 * allocated for it: whole fields of the right wire types, no groups, at most MCL_JOB_MAX_FIELDS
 * fields, nothing that is not repeated twice if it is a message, and strings of UTF-8 without a NUL
 * (which protobuf-c would end at it).
 *
 * Returns MOTCL_EFORMAT.
 */
int mcl_wire_check(const ProtobufCMessageDescriptor *d, const uint8_t *bytes, size_t n,
                   motcl_err *err);

/**
 * The limits of a message whose strings are sound, and that its numbers are some. protobuf-c's form
 * of it is what both directions have.
 *
 * code  the error to fail with: MOTCL_EFORMAT of what came, MOTCL_EINVAL of what is to go
 */
int mcl_wire_limits(const Motcl__V1__Job *m, int code, motcl_err *err);

#endif
