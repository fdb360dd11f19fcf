/* protocol.h - what a fine-tune changes around the model: system texts, sizes, settings, and how an answer
 * with pictures asks for one. A protocol is a JSON file; ../../protocols/README.md has its members. */
#ifndef MCL_MODEL_PROTOCOL_H
#define MCL_MODEL_PROTOCOL_H

#include <jansson.h>

#include "model/config.h"

/** Most phrases of a list, and bytes of each. */
enum { MCL_PHRASES = 8, MCL_PHRASE_BYTES = 256 };

/** Most bytes of a word that begins or ends a thought. */
enum { MCL_THOUGHT_WORD = 15 };

typedef struct mcl_phrases {
  const char *text[MCL_PHRASES];
  size_t count;
} mcl_phrases;

/**
 * A protocol. Constant once open; any thread.
 *
 * text         by which it was opened: a name, or the file
 * think        system text that asks for thinking, by motcl_output: before a text, before a picture
 * thought      the words between which a thought stands
 * until_done   it says when an answer with pictures asks for one: asked by a text that has one of
 *              `picture`, or, where there are none, that has none of `end`. `system` is said first
 * answers_guide   a picture is guided by what the model wrote as by what the user said
 * vae, vit     resize rules, `longest` 0 where it has none
 */
typedef struct mcl_protocol {
  char *text;
  const char *name, *about;
  const char *think[2], *thought[2], *system;
  bool until_done, answers_guide;
  mcl_phrases picture, end;
  mcl_resize_rule vae, vit;
  json_t *json; /* what those point into */
} mcl_protocol;

/** The i-th that ships, BAGEL's first; NULL after the last. Its name is that of its file. */
const char *mcl_protocol_name_at(size_t i);

/**
 * Open a protocol by a name that ships, or by a file's text, which begins with a brace and may be
 * anybody's.
 *
 * out  closed with mcl_protocol_close
 *
 * Returns MOTCL_EINVAL for another name, with those there are, and for a text above MOTCL_MAX_PROTOCOL;
 * MOTCL_EFORMAT for a file with a member that is not known or cannot be; MOTCL_ENOMEM.
 */
int mcl_protocol_open(mcl_protocol **out, const char *text, motcl_err *err);

/** NULL is fine. */
void mcl_protocol_close(mcl_protocol *p);

/**
 * The protocol of a model: the one that its folder's motcl.json names or holds; else one of those that
 * ship with a word among its `models` that the model's name has, or its file's or folder's, or that in the
 * cache of the hub; else BAGEL's.
 *
 * why   out: how it is told, a static string
 * path  of its folder, or of its weight file
 */
int mcl_protocol_of(mcl_protocol **out, const char **why, const char *path, motcl_err *err);

/** How pictures are brought to size for a model: as its motcl.json says, else by this protocol, else as
 * published. MOTCL_EINVAL where the protocol's strides are not those of the model. */
int mcl_protocol_rules(const mcl_protocol *p, const mcl_config *c, mcl_resize_rule *vae,
                       mcl_resize_rule *vit, motcl_err *err);

/** Its settings, on top of those in s; of a picture from pictures if `edit`. */
void mcl_protocol_settings(const mcl_protocol *p, bool edit, motcl_settings *s);

/** Whether a text that was written asks for a picture after it. */
bool mcl_protocol_asks(const mcl_protocol *p, const char *text, size_t n);

#endif
