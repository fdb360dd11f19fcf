/* outcome.h - what a command answers with --json: one object, printed when it ends, however it ends.
 * doc/motcl.schema.json says what is in it. */
#ifndef MCL_CLI_OUTCOME_H
#define MCL_CLI_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

#include "motcl.h"

/**
 * An object being put together.
 *
 * wanted    it is to be printed
 * by_line   printed on a line; as a command's own, whose lines have been printed, only where it
 *           failed or there is something to tell
 * object    its members; NULL, as is `failed`, where memory ran out
 * farewell  the object as it was printed if this program were to end at once
 */
typedef struct mcl_outcome {
  bool wanted, by_line, failed;
  json_t *object;
  char *farewell;
} mcl_outcome;

/** Begin one with a first member; the caller finishes it. `value` is taken. */
void mcl_outcome_init(mcl_outcome *r, const char *key, json_t *value);
void mcl_outcome_finish(mcl_outcome *r);

/** Put a member in, or all members of an object, which is taken; NULL means that memory is out. Where
 * there is no outcome, `r` is NULL and the value is dropped. */
void mcl_outcome_put(mcl_outcome *r, const char *key, json_t *value);
void mcl_outcome_update(mcl_outcome *r, json_t *members);

/** A signal that ends this program at once may come from now on: what is there so far is printed
 * then. NULL is fine. */
void mcl_outcome_prepare(mcl_outcome *r);

/** Print it with how things ended: rc, of which `err` tells. Returns rc, or MOTCL_ENOMEM where all
 * was well but for the printing. */
int mcl_outcome_print(mcl_outcome *r, int rc, motcl_err *err);

#endif
