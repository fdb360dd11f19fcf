/* wire.h - what the codecs of all messages share: from bytes that anybody may have sent to
 * protobuf-c's form and back, and memory that goes all at once. The limits hold in both
 * directions. */
#ifndef MCL_JOB_MESSAGE_WIRE_H
#define MCL_JOB_MESSAGE_WIRE_H

#include "job/message/field_limits.h"

/** A kind of message, and what it is called in sentences: "job". */
typedef struct mcl_wire_kind {
  const ProtobufCMessageDescriptor *descriptor;
  const char *noun;
} mcl_wire_kind;

/** What an unpacked message points into: protobuf-c's form of it, and [blocks] more. Without a
 * message, memory for putting one together. */
struct motcl_store {
  ProtobufCMessage *message;
  void **block;
  size_t blocks, cap;
};

/**
 * Read a message. Before anything is allocated for it its bytes are looked over: whole fields of
 * the right wire types, no groups, at most MCL_JOB_MAX_FIELDS fields, nothing that is not repeated
 * twice if it is a message, and strings of UTF-8 without a NUL (which protobuf-c would end at it).
 *
 * out  ended with mcl_store_free; needs `bytes` no longer
 *
 * Returns MOTCL_EFORMAT, with a sentence, or MOTCL_ENOMEM.
 */
int mcl_wire_read(const mcl_wire_kind *kind, motcl_store **out, const uint8_t *bytes, size_t n,
                  motcl_err *err);

/**
 * Write a message.
 *
 * bytes  gets it; the caller frees it with mcl_free
 * n      gets its length
 *
 * Returns MOTCL_EINVAL, with a sentence, for something beyond a limit, MOTCL_ENOMEM.
 */
int mcl_wire_write(const mcl_wire_kind *kind, const ProtobufCMessage *m, uint8_t **bytes, size_t *n,
                   motcl_err *err);

/** n * size bytes, cleared, that go with the store; NULL if there are none. */
void *mcl_store_take(motcl_store *s, size_t n, size_t size);

/** The same for a repeated field: n messages of `size` bytes in *all, and in *list room for as many
 * pointers to them. MOTCL_ENOMEM. */
int mcl_store_list(motcl_store *s, size_t n, size_t size, void **all, void **list, motcl_err *err);

/** End a store of mcl_wire_read; NULL is fine. */
void mcl_store_free(motcl_store *s);

/** Give back what mcl_store_take gave, of a store that is the caller's own and has no message. */
void mcl_store_empty(motcl_store *s);

/** The same string or bytes as protobuf-c's types want them: it only reads what it packs, but they
 * do not say so. */
char *mcl_wire_string(const char *s);
ProtobufCBinaryData mcl_wire_bytes(const void *data, size_t n);

/** Let `to` have the fields of `was` that this version does not know; they stay `was`'s. */
void mcl_wire_keep(ProtobufCMessage *to, const ProtobufCMessage *was);

#endif
