/* answer.h - what a job gave, item by item, for programs (--json). */
#ifndef MCL_CLI_JOBS_ANSWER_H
#define MCL_CLI_JOBS_ANSWER_H

#include <jansson.h>

#include "cli/jobs/thought.h"
#include "motcl.h"

/**
 * An answer being collected.
 *
 * items    thoughts, texts and pictures, in order
 * words    between which its thoughts stand
 * seed     of what is made now
 * since    when the last item was done, `heard` when its last word came, in seconds
 * open     words are being said: a thought, or else a text
 * text     of them, `size` bytes
 * steps    tokens of the phase at work, of which `said` are those of the last word that came, and
 *          `passed` those of the item before; cut_off: the last of them was the last there may be
 * thinks   there is a thought before the picture that is made now, if an empty one, and it has not
 *          been told yet
 * texts    of what is made now
 * failed   memory ran out
 */
typedef struct mcl_answer {
  json_t *items;
  mcl_thought_words words;
  uint64_t seed;
  double since, heard;
  bool open, thought, thinks, cut_off, failed;
  char *text;
  size_t size, cap;
  uint32_t steps, said, passed;
  unsigned texts;
} mcl_answer;

/** Begin one; the caller finishes it. */
void mcl_answer_init(mcl_answer *a);
void mcl_answer_finish(mcl_answer *a);

/** What comes now is made from this seed; `thinks`: it is a picture, and a thought before it. */
void mcl_answer_begin(mcl_answer *a, uint64_t seed, bool thinks);

/** A step was done: a token of a text or thought, or something else, before which these end. */
void mcl_answer_step(mcl_answer *a, const motcl_event *e);

/** Words of a thought or a text came. */
void mcl_answer_words(mcl_answer *a, bool thought, const char *text, size_t n);

/** A picture stands in the file `name`. */
void mcl_answer_picture(mcl_answer *a, const char *name, uint32_t width, uint32_t height);

/**
 * What was made from this seed is all.
 *
 * whole  it was done; else what was being said breaks off here
 * text   there is a text among it, if an empty one
 */
void mcl_answer_end(mcl_answer *a, bool whole, bool text);

/** The items so far, one reference more; NULL where memory is out. */
json_t *mcl_answer_items(const mcl_answer *a);

#endif
