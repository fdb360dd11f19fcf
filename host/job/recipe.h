/* recipe.h - what a picture file says of its making: lines of metadata out of a request, and the
 * request back out of them.
 *
 * The lines, which do not change their meaning: Software; prompt (all texts, answers and system texts,
 * a line each); negative, if there is such a text; parts, unless they are one text: JSON, in order,
 * {"text": bytes of it}, {"answer": bytes of it}, {"system": bytes of it} or {"picture": hash of its
 * file}; seed; settings, a JSON object whose keys are the command's options; model, its name, and
 * model-digest; fingerprint, of the plan. No names of files, which may tell more than somebody wants to
 * share.
 *
 * Settings are all there, whether or not they are their default or matter to this picture, but for three
 * that are absent where there are none: "noise", a hash of the first latent that was given; "protocol",
 * where it is not BAGEL's; and "negative", which is "": a negative text that is empty, and draws another
 * picture than none. It has no line, as lines are never empty, and stands where a version that knows of
 * no such thing refuses it. An answer in which the model wrote NULs, which lines cannot hold, has in
 * place of its bytes a list of those between them, and in the prompt a line for each. */
#ifndef MCL_JOB_RECIPE_H
#define MCL_JOB_RECIPE_H

#include "session/request.h"

/**
 * The lines for a picture that was drawn.
 *
 * out, n  the lines, in one block that the caller frees with mcl_free
 * of      whole: its size is not looked at
 *
 * Returns MOTCL_OK, MOTCL_EINVAL (items, a text with a NUL, a setting that is no number),
 * MOTCL_ENOMEM.
 */
int mcl_recipe_lines(motcl_line **out, size_t *n, const motcl_recipe_source *of, motcl_err *err);

/** The word for a kind of part, or NULL after the last. */
const char *mcl_recipe_word(motcl_part_kind kind);

/**
 * The request that a picture was drawn by. It stays where it was read to: the request points into
 * it.
 *
 * request      its picture parts have no bytes until mcl_recipe_picture gave them, its noise too
 * noise        the first latent was given, not drawn from the seed, and is missing yet
 * model, digest, fingerprint  "" if the lines have none
 */
typedef struct mcl_recipe {
  motcl_request request;
  motcl_output output;
  motcl_part *part;
  uint64_t *hash; /* [parts] of pictures' files */
  uint64_t noise_hash;
  bool noise;
  char *text, *negative, *protocol, *model, *digest, *fingerprint;
} mcl_recipe;

/**
 * Read lines that may come from anybody.
 *
 * out  copies what it needs; the caller ends it with mcl_recipe_finish
 *
 * Returns MOTCL_EFORMAT, with a sentence, for lines that are not those above, that contradict each
 * other or whose settings are out of range or unknown to this version; MOTCL_ENOMEM. *out is then
 * untouched. Any thread.
 */
int mcl_recipe_read(mcl_recipe *out, const motcl_line *line, size_t n, motcl_err *err);

/** Free what mcl_recipe_read made and clear *r. A cleared one is fine. */
void mcl_recipe_finish(mcl_recipe *r);

/** Picture parts that have no bytes yet. */
size_t mcl_recipe_missing(const mcl_recipe *r);

/**
 * Put a picture, which is borrowed, in the place of the first one that is missing.
 *
 * Returns MOTCL_EINVAL if none is missing or it is another file than the one drawn from.
 */
int mcl_recipe_picture(mcl_recipe *r, const motcl_part *picture, motcl_err *err);

/** Give the first latent, which is borrowed; MOTCL_EINVAL if it is not the one drawn from. */
int mcl_recipe_noise(mcl_recipe *r, const float *noise, size_t count, motcl_err *err);

#endif
