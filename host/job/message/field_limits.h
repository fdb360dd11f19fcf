/* field_limits.h - how long the parts of messages may be. proto/motcl/v1 says the same field by field. */
#ifndef MCL_JOB_MESSAGE_FIELD_LIMITS_H
#define MCL_JOB_MESSAGE_FIELD_LIMITS_H

#include <protobuf-c/protobuf-c.h>

#include "base/err.h"
#include "text/tokenizer.h"

/* Most bytes of a text (a negative one too), a picture, the strings; most parts, outputs, items,
 * labels, noise values, and fields in all. Of a whole message: MOTCL_MAX_MESSAGE. */
#define MCL_JOB_MAX_TEXT MCL_TOK_TEXT_MAX
#define MCL_JOB_MAX_PICTURE ((size_t)256 << 20)
#define MCL_JOB_MAX_NOISE ((size_t)1 << 24)
enum {
  MCL_JOB_MAX_PARTS = 1024,
  MCL_JOB_MAX_OUTPUTS = 64,
  MCL_JOB_MAX_ITEMS = MCL_JOB_MAX_PARTS + MCL_JOB_MAX_OUTPUTS,
  MCL_JOB_MAX_MADE = 8, /* parts that came of an output */
  MCL_JOB_MAX_LABELS = 64,
  MCL_JOB_MAX_ID = 128,
  MCL_JOB_MAX_MODEL = 256,
  MCL_JOB_MAX_KEY = 128,
  MCL_JOB_MAX_VALUE = 1024,
  MCL_JOB_MAX_FIELDS = 65536,
  MCL_EVENT_MAX_TEXT = 1 << 20,
  MCL_MAX_SENTENCE = 1024, /* of a failure */
  MCL_MAX_WORD = 64,       /* names of ours: drivers, versions, phases */
  MCL_MAX_NAME = 256       /* names of others: devices */
};

/**
 * Whether everything in a message, and in those inside it, keeps its limit, is UTF-8 if it is a
 * string, and is a number if it is one.
 *
 * m     in protobuf-c's form
 * noun  what it is called in sentences: "job"
 * code  the error to fail with: MOTCL_EFORMAT of what came, MOTCL_EINVAL of what is to go
 */
int mcl_message_check(const ProtobufCMessage *m, const char *noun, int code, motcl_err *err);

/** The limit of a field: bytes of a string or of bytes, elements of what is repeated; 0: none. */
size_t mcl_field_limit(const ProtobufCMessageDescriptor *d, uint32_t field);

/** Most bytes of each value of a repeated string; 0: it is no such field. */
size_t mcl_field_limit_each(const ProtobufCMessageDescriptor *d, uint32_t field);

#endif
