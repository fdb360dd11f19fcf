/* motcl.h - the public face of the library: status codes and errors, what is asked for and what is
 * said while it is done, version.
 *
 * Everything else under host/ is private. C11 and C++ may include it; it needs
 * nothing but the standard headers below. */
#ifndef MOTCL_H
#define MOTCL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MOTCL_API __attribute__((visibility("default")))
#define MOTCL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MOTCL_API
#define MOTCL_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Status codes: name, value, what it means. Zero is success, all errors are negative.
 * Values are part of the interface and are never reused.
 */
#define MOTCL_STATUS_LIST(X)                                                                       \
  X(OK, 0, "done")                                                                                 \
  X(EINVAL, -1, "bad argument")                                                                    \
  X(EIO, -2, "a file could not be read or written")                                                \
  X(EFORMAT, -3, "a file holds something malformed")                                               \
  X(EMODEL, -4, "the model folder is incomplete or contradicts itself")                            \
  X(ENOMEM, -5, "out of memory")                                                                   \
  X(EDEVMEM, -6, "out of device memory")                                                           \
  X(EFIT, -7, "the request cannot fit")                                                            \
  X(ENODEVICE, -8, "no such device")                                                               \
  X(ELOST, -9, "the device failed")                                                                \
  X(EBUILD, -10, "a kernel did not build")                                                         \
  X(EUNSUPPORTED, -11, "not supported")                                                            \
  X(ECANCELLED, -12, "cancelled")                                                                  \
  X(EEXIST, -13, "already there")                                                                  \
  X(EINTERNAL, -14, "a mistake in motcl itself")

#define MOTCL_STATUS_ENUM(name, value, text) MOTCL_##name = (value),
typedef enum motcl_status { MOTCL_STATUS_LIST(MOTCL_STATUS_ENUM) } motcl_status;
#undef MOTCL_STATUS_ENUM

/**
 * Detail of an error. The caller owns it; every call that takes one accepts NULL.
 * Written only when a call fails.
 *
 * code   one of motcl_status
 * cl     the OpenCL status behind it, or 0
 * where  the function that found it; a static string
 * text   one sentence, UTF-8, that says what is wrong and what to do
 */
typedef struct motcl_err {
  int code;
  int cl;
  const char *where;
  char text[1024];
} motcl_err;

/**
 * Where memory of the host comes from, for embedders that count or pool it. All three functions are
 * given. A call that gets no memory fails with MOTCL_ENOMEM and gives back what it took.
 *
 * user     handed to the functions as it is
 * alloc    a block of `bytes` (at least 1), aligned as malloc aligns, or NULL; not cleared
 * resize   as realloc: p is a block of this allocator, never NULL; on NULL it stays valid
 * release  p is a block of this allocator, never NULL; must not fail
 *
 * The three are called from whichever thread uses what they were given for, at the same time if
 * several threads do, and must outlive every block they gave.
 */
typedef struct motcl_allocator {
  void *user;
  void *(*alloc)(void *user, size_t bytes);
  void *(*resize)(void *user, void *p, size_t bytes);
  void (*release)(void *user, void *p);
} motcl_allocator;

/** Name of a status code ("EFIT"), or "?" for a number that is none. Any thread. */
MOTCL_API const char *motcl_status_name(int code);

/** Meaning of a status code, a static string. Any thread. */
MOTCL_API const char *motcl_status_text(int code);

/** Version of the library as "major.minor.patch", a static string. Any thread. */
MOTCL_API const char *motcl_version(void);

/* What is asked for. */

typedef enum motcl_part_kind { MOTCL_PART_TEXT, MOTCL_PART_PICTURE } motcl_part_kind;

/** A text in UTF-8, or a JPEG or PNG file's bytes. Borrowed while the request is worked on. `name`
 * says in messages which picture is meant; NULL if there is no name. */
typedef struct motcl_part {
  motcl_part_kind kind;
  const void *data;
  size_t size;
  const char *name;
} motcl_part;

/** What is wanted out. */
typedef enum motcl_output { MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE } motcl_output;

/** Norms that guidance keeps: name, the word a user types. */
#define MOTCL_RENORM_LIST(X)                                                                       \
  X(NONE, "none")                                                                                  \
  X(GLOBAL, "global")                                                                              \
  X(CHANNEL, "channel")                                                                            \
  X(TEXT_CHANNEL, "text-channel")

#define MOTCL_RENORM_ENUM(name, word) MOTCL_RENORM_##name,
typedef enum motcl_renorm { MOTCL_RENORM_LIST(MOTCL_RENORM_ENUM) MOTCL_RENORM_COUNT } motcl_renorm;
#undef MOTCL_RENORM_ENUM

/**
 * Classifier-free guidance.
 *
 * text_scale   s_t, 0 to 1000; at most 1 is no guidance
 * image_scale  s_i, 0 to 1000; at most 1 is no image term
 * lo, hi       guidance holds while lo < t <= hi, compared as floats; 0 <= lo <= hi <= 1; t is 1
 *              for noise and 0 for the finished picture
 * renorm       which norm the guided velocity is held to
 * renorm_min   least factor a renormalisation may apply, 0 to 1; 1 disables it
 */
typedef struct motcl_guidance {
  double text_scale, image_scale;
  double lo, hi;
  motcl_renorm renorm;
  double renorm_min;
} motcl_guidance;

/**
 * How to draw and how to write. Pointers are borrowed while the request is worked on.
 *
 * think           reason in words first
 * vae_sample      sample input pictures' latents; else their mean
 * no_orient       ignore a picture's EXIF orientation
 * width, height   of the picture in pixels; 0: the last input picture's size, else the model's own
 * points          of the time grid, 2 to 10000: points - 1 Euler steps
 * shift           of the time grid, 0.001 to 1000
 * guidance        see above
 * negative        text for the text-dropped context, UTF-8, or NULL
 * noise           f32[noise_count] first latent in token order, or NULL: drawn from the seed
 * max_tokens      new tokens of an answer, the end token not counted, 1 to 1048576
 * max_think       the same for the reasoning
 * temperature     of text; 0 is greedy
 * pass_rows       most text rows of a pass; 0: 512. Results do not depend on it
 */
typedef struct motcl_settings {
  bool think, vae_sample, no_orient;
  uint32_t width, height, points;
  double shift;
  motcl_guidance guidance;
  const char *negative;
  const float *noise;
  size_t noise_count;
  uint32_t max_tokens, max_think;
  double temperature;
  uint32_t pass_rows;
} motcl_settings;

/**
 * A request: parts in, in order, and what is wanted out.
 *
 * part      [parts]
 * output    [outputs]
 * seed      of noise, of sampled latents and of chosen words
 */
typedef struct motcl_request {
  const motcl_part *part;
  size_t parts;
  const motcl_output *output;
  size_t outputs;
  uint64_t seed;
  motcl_settings settings;
} motcl_request;

/* What is said meanwhile. */

/** Phases of the work: name, the word for it. */
#define MOTCL_PHASE_LIST(X)                                                                        \
  X(READING, "reading")                                                                            \
  X(LOOKING, "looking")                                                                            \
  X(THINKING, "thinking")                                                                          \
  X(WRITING, "writing")                                                                            \
  X(DRAWING, "drawing")                                                                            \
  X(DEVELOPING, "developing")

#define MOTCL_PHASE_ENUM(name, word) MOTCL_PHASE_##name,
typedef enum motcl_phase { MOTCL_PHASE_LIST(MOTCL_PHASE_ENUM) MOTCL_PHASE_COUNT } motcl_phase;
#undef MOTCL_PHASE_ENUM

/** Step events come often; text pieces are whole UTF-8 characters. `left` is how many seconds the
 * rest of the phase takes at the rate of its steps so far, negative while that is unknown; words
 * may end sooner. */
typedef enum motcl_event_kind {
  MOTCL_EVENT_STEP,    /* `phase` has done `step` of `of`; left */
  MOTCL_EVENT_THOUGHT, /* a piece of reasoning: text, size */
  MOTCL_EVENT_TEXT,    /* a piece of the answer: text, size */
  MOTCL_EVENT_PICTURE  /* the picture: rgb, 3 * width * height bytes */
} motcl_event_kind;

typedef struct motcl_event {
  motcl_event_kind kind;
  motcl_phase phase;
  uint32_t step, of;
  double left;
  const char *text;
  size_t size;
  const uint8_t *rgb;
  uint32_t width, height;
} motcl_event;

typedef enum motcl_array_type { MOTCL_F32, MOTCL_I32, MOTCL_U8 } motcl_array_type;

/** An inner array: what it is (names and shapes as `--dump` writes them), dim[rank] lengths, values
 * in C order. */
typedef struct motcl_array {
  const char *name;
  motcl_array_type type;
  int rank;
  const size_t *dim;
  const void *data;
} motcl_array;

/**
 * Where events and inner arrays go. Called from the thread that does the work; everything pointed
 * to is borrowed for the call.
 *
 * event   may be NULL
 * array   NULL: nothing is recorded. An error, of which `err` tells, ends the work
 * layers  hidden rows and keys are recorded too
 */
typedef struct motcl_sink {
  void *user;
  void (*event)(void *user, const motcl_event *e);
  int (*array)(void *user, const motcl_array *a, motcl_err *err);
  bool layers;
} motcl_sink;

/* Pictures as files. */

/** A line of a picture file's metadata: key and value, UTF-8, never NULL. */
typedef struct motcl_line {
  const char *key, *value;
} motcl_line;

#ifdef __cplusplus
}
#endif
#endif
