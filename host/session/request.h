/* request.h - what is asked for: the one structure behind every command, which a Job message fills
 * in just as well, and what a session says while it works. */
#ifndef MCL_SESSION_REQUEST_H
#define MCL_SESSION_REQUEST_H

#include "base/num.h"
#include "flow/guidance.h"

typedef enum mcl_part_kind { MCL_PART_TEXT, MCL_PART_PICTURE } mcl_part_kind;

/** A text in UTF-8, or a JPEG or PNG file's bytes. Borrowed while the session lives. `name` says in
 * messages which picture is meant; NULL if there is no name. */
typedef struct mcl_part {
  mcl_part_kind kind;
  const void *data;
  size_t size;
  const char *name;
} mcl_part;

/**
 * A request: parts in order, then a picture or a text out.
 *
 * draw            a picture is wanted, else a text
 * think           reason in words first
 * width, height   of the picture; 0: the last input picture's size, else the model's own
 * points          of the time grid: points - 1 Euler steps
 * shift           of the time grid
 * guidance        see flow/guidance.h
 * negative        text for the text-dropped context, or NULL
 * noise           f32[noise_count] first latent in token order, or NULL: drawn from the seed
 * vae_sample      sample input pictures' latents; else their mean
 * seed            of noise and of text sampling
 * max_tokens      new tokens of an answer, the end token not counted
 * max_think       the same for the reasoning
 * temperature     of text; 0 is greedy
 * pass_rows       most text rows of a pass; 0: 512. Results do not depend on it
 * no_orient       ignore a picture's EXIF orientation
 */
typedef struct mcl_request {
  const mcl_part *part;
  size_t parts;
  bool draw, think, vae_sample, no_orient;
  uint32_t width, height, points;
  double shift;
  mcl_guidance guidance;
  const char *negative;
  const float *noise;
  size_t noise_count;
  uint64_t seed;
  uint32_t max_tokens, max_think, pass_rows;
  double temperature;
} mcl_request;

/** A request with the published defaults for drawing (no input picture) or editing, and for
 * writing. */
mcl_request mcl_request_default(bool edit);

/**
 * Whether settings are in range, apart from what only the model knows.
 *
 * Returns MOTCL_EINVAL with a sentence that names the setting.
 */
int mcl_request_check(const mcl_request *r, motcl_err *err);

/** What a session says. Step events come often; text pieces are whole UTF-8 characters. */
typedef enum mcl_event_kind {
  MCL_EVENT_STEP,    /* `phase` has done `step` of `of` */
  MCL_EVENT_THOUGHT, /* a piece of reasoning */
  MCL_EVENT_TEXT,    /* a piece of the answer */
  MCL_EVENT_PICTURE  /* the picture: RGB bytes */
} mcl_event_kind;

typedef struct mcl_event {
  mcl_event_kind kind;
  const char *phase; /* "reading", "looking", "thinking", "writing", "drawing", "developing" */
  uint32_t step, of;
  const char *text;
  size_t size;
  const uint8_t *rgb;
  uint32_t width, height;
} mcl_event;

/**
 * Where a session's events and inner arrays go. Called from the thread that runs the loop;
 * everything pointed to is borrowed for the call.
 *
 * event   may be NULL
 * array   NULL: nothing is dumped. Names and shapes as in design/contract.md; an error ends the
 * session layers  hidden rows and keys are dumped too
 */
typedef struct mcl_sink {
  void *user;
  void (*event)(void *user, const mcl_event *e);
  int (*array)(void *user, const char *name, mcl_type type, int rank, const size_t *dim,
               const void *data, motcl_err *err);
  bool layers;
} mcl_sink;

#endif
