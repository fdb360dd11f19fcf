/* motcl.h - the public face of the library. In this order: status, errors and memory; a library
 * opened, and the devices it finds; model folders and tokenizers; what is asked for; what is said
 * meanwhile; workers, which have a model on a device and do it; jobs as messages; sessions by hand;
 * files, and pictures as files.
 *
 * Calls return a motcl_status and take an optional motcl_err last; outputs are written on success
 * only. An object is used by one thread at a time, different objects by any, but where a call says
 * otherwise; what a call is given is borrowed until it returns, but where it says otherwise. The
 * library never prints, exits or reads the environment. A thread that calls it needs a stack of 256
 * KiB, and the default floating-point environment: no traps, rounding to nearest. examples/README.md
 * is the page for embedders.
 *
 * Structures are cleared (= {0}), or given by a call that makes them, before members are set. As long
 * as the library keeps its soname none of them changes, with three exceptions: one with a `size` may
 * grow behind it, and says how much of it the program knows; members may come where `reserved` is,
 * which is 0 until then and refused otherwise; and motcl_event, which programs are given, may grow
 * at its end. Enumerations may gain members.
 *
 * Everything else under host/ is private. C11 and C++ may include it; it needs nothing but the
 * standard headers below. */
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
  X(EMODEL, -4, "the model is incomplete or contradicts itself")                                   \
  X(ENOMEM, -5, "out of memory")                                                                   \
  X(EDEVMEM, -6, "out of device memory")                                                           \
  X(EFIT, -7, "the request cannot fit")                                                            \
  X(ENODEVICE, -8, "no such device")                                                               \
  X(ELOST, -9, "the device failed")                                                                \
  X(EBUILD, -10, "a kernel did not build")                                                         \
  X(EUNSUPPORTED, -11, "not supported")                                                            \
  X(ECANCELLED, -12, "cancelled")                                                                  \
  X(EEXIST, -13, "already there")                                                                  \
  X(EINTERNAL, -14, "a mistake in motcl itself")                                                   \
  X(ENUMERIC, -15, "numbers came out that are not finite")

#define MOTCL_STATUS_ENUM(name, value, text) MOTCL_##name = (value),
typedef enum motcl_status { MOTCL_STATUS_LIST(MOTCL_STATUS_ENUM) } motcl_status;
#undef MOTCL_STATUS_ENUM

/**
 * Detail of an error. The caller owns it; every call that takes one accepts NULL.
 * Written only when a call fails.
 *
 * code   one of motcl_status
 * cl     the OpenCL status behind it, or 0
 * where  the function that found it; a static string, "" in what motcl_fail wrote
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

/** Weight of a message: MOTCL_LOG_WARNING is something that should be put right though the work
 * goes on; MOTCL_LOG_INFO tells what was done. */
typedef enum motcl_log_level { MOTCL_LOG_WARNING, MOTCL_LOG_INFO } motcl_log_level;

/** Name of a status code ("EFIT"), or "?" for a number that is none. Any thread. */
MOTCL_API const char *motcl_status_name(int code);

/** Meaning of a status code, a static string. Any thread. */
MOTCL_API const char *motcl_status_text(int code);

/**
 * Record an error and return its code: for callbacks, and for programs that speak with one voice.
 *
 * err   may be NULL
 * code  a motcl_status other than MOTCL_OK
 * fmt   printf format of one sentence that says what is wrong and what to do. One that is too long
 *       is cut at a whole character; control characters and what is no UTF-8 become '?', and a name
 *       between single quotes that holds such is written as motcl_name_text writes it
 */
MOTCL_API int motcl_fail(motcl_err *err, int code, const char *fmt, ...) MOTCL_PRINTF(3, 4);

/**
 * A file's name as text. One that is UTF-8 without control characters is text as it is; any other is
 * written as shells write bytes, $'caf\351.png', so that it can be typed back.
 *
 * out   [size], at least 1: the text and a NUL; what is too long is cut between two characters
 * word  also put it in quotes if a shell would take it for anything else than one name
 *
 * Returns the bytes that all of it takes without the NUL: at most 4 for each of the name, and 3. Any
 * thread.
 */
MOTCL_API size_t motcl_name_text(char *out, size_t size, const char *name, bool word);

/**
 * Make text plain that came from a file, a pipe or a command line, in place. A mark of UTF-8 at its
 * beginning is taken out; lines that end with CR and LF, or CR, end with LF; a CR at its end goes.
 *
 * text  [*n], and a NUL behind it, which is kept there; *n becomes less
 * what  what messages call it: "the text", "stdin", the name of a file
 * line  number of its first line where it is a part of something, from 1; only line 1 has a mark
 *
 * Returns MOTCL_EFORMAT, with the place as line and column, both from 1, for a control character
 * other than tab and newline, and for what is no UTF-8; UTF-16 and UTF-32 are called by their name.
 * Then the mark is all that may have gone. Any thread.
 */
MOTCL_API int motcl_text_plain(char *text, size_t *n, const char *what, size_t line,
                               motcl_err *err);

/** Give back what a call handed out to be freed so; NULL is fine. Any thread, also after
 * motcl_close. */
MOTCL_API void motcl_free(void *p);

/** Version of this header. configure.ac has it too. */
#define MOTCL_VERSION_MAJOR 0
#define MOTCL_VERSION_MINOR 1
#define MOTCL_VERSION_PATCH 0

/** The same as one number, which grows from version to version: 1.2.3 is 1002003. */
#define MOTCL_VERSION_NUMBER                                                                       \
  (MOTCL_VERSION_MAJOR * 1000000 + MOTCL_VERSION_MINOR * 1000 + MOTCL_VERSION_PATCH)

/** Version of the library at run time as "major.minor.patch", a static string. Any thread. */
MOTCL_API const char *motcl_version(void);

/** The same as MOTCL_VERSION_NUMBER. Where it is less than that of the header, the library is older
 * than the program was compiled for, and may lack what the program uses. Any thread. */
MOTCL_API uint32_t motcl_version_number(void);

/* The library, its drivers, and the devices they find. */

/**
 * A library, opened. Workers and tokenizers opened with it may be at work on threads of their own
 * at the same time; opening and closing them is use of the library, by one thread at a time.
 *
 * Neither a library nor OpenCL lives on in a child that is forked: its threads stay behind. There
 * every call of a worker, a task or a session that works says so, with MOTCL_EINVAL, closing them
 * does nothing, and a library that is opened has devices only if the parent had not looked for any.
 * A program that forks does so first, or lets the child begin anew with exec.
 */
typedef struct motcl motcl;

/**
 * How to open a library. Zeroed is the default; texts are copied.
 *
 * allocator   memory of this library and of all that is opened with it comes from there; NULL is
 *             malloc. Borrowed until the last block it gave is given back
 * log         gets messages, a line each without its end, UTF-8, borrowed for the call; NULL:
 *             nothing is told. Called from whichever thread works; must not call the library
 * cache_dir   folder that keeps how fast devices were, fits of previews, and built kernels, for the
 *             next time; made if it is missing, its parents are not; NULL: nothing is kept. Kernels
 *             are stored when the worker is closed, but where the OpenCL platform keeps them by
 *             itself by motcl_worker_store_kernels only. Any number of processes may share it. One
 *             that others than this user can write to is not used, and the log is told
 * kernel_dir  kernels are read from this folder instead of those built in; NULL
 * size        sizeof the struct as the program was compiled, so that a later library knows what is
 *             not there; 0: no more than the members before this one
 */
typedef struct motcl_options {
  const motcl_allocator *allocator;
  void (*log)(void *user, motcl_log_level level, const char *text);
  void *log_user;
  const char *cache_dir, *kernel_dir;
  size_t size;
} motcl_options;

/**
 * Open a library. Devices are looked for when they are first needed.
 *
 * out  closed with motcl_close
 * o    may be NULL
 *
 * Returns MOTCL_ENOMEM; MOTCL_EINVAL for an allocator that is not whole, or options of a later
 * version.
 */
MOTCL_API int motcl_open(motcl **out, const motcl_options *o, motcl_err *err);

/** Close a library after everything that was opened with it; NULL is fine. */
MOTCL_API void motcl_close(motcl *m);

/** A driver of this build; static strings. `contract` is the version of what drivers and the
 * library promise each other. */
typedef struct motcl_driver {
  const char *name, *about;
  uint32_t contract;
} motcl_driver;

/** The i-th driver of this build; false, *out untouched, after the last. Any thread. */
MOTCL_API bool motcl_driver_at(size_t i, motcl_driver *out);

/**
 * A device as a driver sees it. Sizes are bytes.
 *
 * driver        that would run it
 * kind          "cpu", "gpu", "accel", or "none" for what is no device but plain C
 * name          what the device calls itself
 * platform      its OpenCL platform, with its version
 * version       of the device's own driver
 * platform_index, device_index   what makes its index, as in "0:1"; -1, 0 for none
 * units         compute units
 * max_buffer    the largest single allocation
 * max_group     work-items of a work-group
 * align         of buffers
 * zero_copy     the host's memory is used in place
 * slow          a definition and no runtime: it has to be named, or asked for by allow_slow
 * chosen        taken where no device is named
 * keeps         its platform keeps built kernels by itself, where every process finds them
 */
typedef struct motcl_device {
  const char *driver, *kind, *name, *platform, *version;
  int platform_index, device_index;
  uint32_t units;
  uint64_t memory, max_buffer, local_memory;
  uint32_t max_group, align;
  bool zero_copy, slow, chosen, keeps;
} motcl_device;

/**
 * What there is to run on: an entry for each driver that can use a device. Looked for once; what
 * comes or goes later does not show.
 *
 * list  gets the devices, which stay the library's
 * n     gets their number
 *
 * Returns MOTCL_ENOMEM. No device at all is no error.
 */
MOTCL_API int motcl_devices(motcl *m, const motcl_device **list, size_t *n, motcl_err *err);

/* Model folders and tokenizers. */

/**
 * Look at a model: what it holds, and what is missing or odd.
 *
 * path  its folder, or its weight file: a safetensors file, or the index of several, whose folder has
 *       the configuration and the tokenizer
 * json  gets an object, UTF-8, to be freed with motcl_free:
 *         folder       `path`; note: what its maker says of it, or null
 *         files        decoder, autoencoder: names of the files they were found in; the second may be
 *                      the same or null
 *         protocol     that holds where a request names none: name, about, and why, how it is told
 *         usable       nothing is wrong; can_see, can_draw: what the model can do
 *         decoder      kind ("Dense", "MoE" or "MoT"), layers, hidden, heads, kv_heads, head,
 *                      intermediate, vocab
 *         vision       layers, hidden, heads, head, intermediate, patch, side
 *         autoencoder  channels (a list), latent
 *         picture      width, height: drawn unless asked otherwise; latent_side; most: pixels of a
 *                      side
 *         tokens       of the tokenizer; 0: there is none
 *         weights      "und expert", "gen expert", "both experts", "bridges", "vision encoder",
 *                      "autoencoder": each tensors, parameters, bytes, types ("F32 BF16");
 *                      total: the same of all.
 *                      They are what the files hold; computed: the same of what is made in memory
 *                      beside it, tables that they lack and weights in another order
 *         digest       as motcl_worker_model's; null where no worker opens it
 *         findings     a list: error (else it is a remark), text
 *       Members may be added, and where a model lacks a part its numbers are 0
 *
 * Returns MOTCL_EIO, MOTCL_EMODEL or MOTCL_EFORMAT where there is nothing to look at; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_inspect(const motcl *m, const char *path, char **json, motcl_err *err);

/**
 * As motcl_inspect, and every byte of the files with weights is read. Findings then tell of NaN and
 * infinities, of matrices that are zero or hold one number, of tables of places that are wrong: these
 * are errors; and of biases and norms that hold one number, which they may. The object has one member
 * more:
 *
 *         check        tensors, bytes: that were read; files: a list of name, bytes, sha256 (of the
 *                      whole file, in hexadecimal digits)
 *
 * progress  hears every few MiB how many bytes of all were read; false: the call ends. May be NULL
 *
 * Otherwise MOTCL_ECANCELLED, if progress said so.
 */
MOTCL_API int motcl_inspect_check(const motcl *m, const char *path,
                                  bool (*progress)(void *user, uint64_t done, uint64_t of),
                                  void *user, char **json, motcl_err *err);

/** A model's tokenizer. Constant once it is open: any threads may use it at the same time. */
typedef struct motcl_tokenizer motcl_tokenizer;

/**
 * Open the tokenizer of a model, whose folder need hold no more than its files; `path` as
 * motcl_inspect has it.
 *
 * out  closed with motcl_tokenizer_close, before the library
 *
 * Returns MOTCL_EMODEL, MOTCL_EFORMAT, MOTCL_EUNSUPPORTED, MOTCL_EIO, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_tokenizer_open(motcl_tokenizer **out, const motcl *m, const char *path,
                                   motcl_err *err);

/** NULL is fine. */
MOTCL_API void motcl_tokenizer_close(motcl_tokenizer *t);

/**
 * Token ids of n bytes of text, at most MOTCL_MAX_TEXT. No token is added at either end.
 *
 * ids  gets `count` ids, to be freed with motcl_free
 *
 * Returns MOTCL_EINVAL if the text is too long, MOTCL_EFORMAT if it is no UTF-8, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_tokenizer_encode(const motcl_tokenizer *t, const char *text, size_t n,
                                     uint32_t **ids, size_t *count, motcl_err *err);

/**
 * Text of ids; what is no UTF-8 becomes U+FFFD.
 *
 * text  gets n bytes and a NUL, to be freed with motcl_free
 *
 * Returns MOTCL_EINVAL for an id that has no token, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_tokenizer_decode(const motcl_tokenizer *t, const uint32_t *ids, size_t count,
                                     char **text, size_t *n, motcl_err *err);

/** The largest id plus one. */
MOTCL_API uint32_t motcl_tokenizer_count(const motcl_tokenizer *t);

/* Protocols: what a fine-tune changes around the model, as a JSON file. protocols/README.md has its
 * members. */

/** Name of the i-th protocol that ships; NULL after the last. BAGEL's own is the first. Any thread. */
MOTCL_API const char *motcl_protocol_at(size_t i);

/**
 * The protocol of a model: the one that its folder's motcl.json names or holds, else one that its name
 * tells.
 *
 * path      its folder, or its weight file
 * protocol  gets what motcl_settings calls it, to be freed with motcl_free; NULL where it is BAGEL's
 *
 * Returns MOTCL_EFORMAT or MOTCL_EINVAL for one that cannot be, MOTCL_EIO, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_protocol_find(char **protocol, const char *path, motcl_err *err);

/** The file of a protocol, named as in motcl_settings, in *json: UTF-8, to be freed with motcl_free. What
 * it does not say of thinking stands there as BAGEL has it. */
MOTCL_API int motcl_protocol_json(char **json, const char *protocol, motcl_err *err);

/* What is asked for. */

typedef enum motcl_part_kind {
  MOTCL_PART_TEXT,    /* what the user says; not empty */
  MOTCL_PART_PICTURE, /* what the user shows, or the model drew */
  MOTCL_PART_ANSWER,  /* what the model wrote: an answer, or a thought before a picture */
  MOTCL_PART_SYSTEM   /* what neither of them says but holds; not empty. A picture is guided by the
                         user's last text, not by this: of the contexts it is drawn from, the one
                         that lacks that text lacks this too, and the one without pictures has it */
} motcl_part_kind;

/** A text in UTF-8, or a PNG, JPEG or WebP file's bytes. Borrowed while the request is worked on.
 * `name` says in messages which picture is meant; NULL if there is no name. */
typedef struct motcl_part {
  motcl_part_kind kind;
  const void *data;
  size_t size;
  const char *name;
} motcl_part;

/** Most bytes of a text. */
#define MOTCL_MAX_TEXT ((size_t)16 << 20)

/** Most stop texts of an answer, and bytes of each. */
#define MOTCL_MAX_STOPS 8
#define MOTCL_MAX_STOP_TEXT 256

/** Most bytes of a protocol file. */
#define MOTCL_MAX_PROTOCOL ((size_t)64 << 10)

/** Most outputs of a request. */
#define MOTCL_MAX_OUTPUTS 16

/** What is wanted out. A request that goes on until the model is done, with pictures where it asks for
 * them, is a text, and then as often as there may be pictures, one that is asked for and a text. */
typedef enum motcl_output {
  MOTCL_OUTPUT_TEXT,
  MOTCL_OUTPUT_PICTURE,
  MOTCL_OUTPUT_PICTURE_IF_ASKED /* a picture, if the text that is written just before it asks for one, as the
                                   protocol has it; if not, the request is done: nothing from here on is
                                   made. Requests only: what comes of it is a PICTURE */
} motcl_output;

/** Norms that guidance keeps: name, the word a user types. */
#define MOTCL_RENORM_LIST(X)                                                                       \
  X(NONE, "none")                                                                                  \
  X(GLOBAL, "global")                                                                              \
  X(CHANNEL, "channel")                                                                            \
  X(TEXT_CHANNEL, "text-channel")

#define MOTCL_RENORM_ENUM(name, word) MOTCL_RENORM_##name,
typedef enum motcl_renorm { MOTCL_RENORM_LIST(MOTCL_RENORM_ENUM) MOTCL_RENORM_COUNT } motcl_renorm;
#undef MOTCL_RENORM_ENUM

/** The word for a norm, a static string, or "?" for a number that is none. Any thread. */
MOTCL_API const char *motcl_renorm_name(motcl_renorm r);

/** The norm of that word in *out; false, *out untouched, if there is none. An underscore may stand
 * for the hyphen. Any thread. */
MOTCL_API bool motcl_renorm_parse(const char *word, motcl_renorm *out);

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
 * timesteps       points of the time grid, 2 to 10000: timesteps - 1 Euler steps
 * shift           of the time grid, 0.001 to 1000
 * guidance        see above
 * negative        negative prompt: text of the text_uncond context, UTF-8, or NULL
 * noise           f32[noise_count] first latent in token order, all finite, or NULL: drawn from the
 *                 seed
 * max_tokens      new tokens of an answer, the end token not counted, 1 to 1048576; it ends where
 *                 the model's positions do, at the latest
 * max_think       the same for the reasoning
 * temperature     of text; 0 is greedy
 * preview         every so many steps, but for the last, a preview of the picture in the making is
 *                 sent; 0: none. It is a linear map of the latent that is fitted to the model's
 *                 autoencoder, on nine pictures of 8x8 latent cells: once where there is a cache
 *                 folder, else once a worker; planned and refused like all work. Results do not
 *                 depend on it
 * pass_rows       most text rows of a pass; 0: 512. Results do not depend on it
 * top_k           only the likeliest k tokens are drawn from; 0: all. This and the next two matter
 *                 where the temperature is not 0, and are applied after it, in this order
 * top_p           only the likeliest that together have this share of the probability, 0 to 1; 0: all
 * min_p           only those at least this share as likely as the likeliest, 0 to 1; 0: all
 * repeat_penalty  logits of tokens that are among the last 64 of all texts so far, said and written,
 *                 without their markers, are divided by it if above 0, else multiplied, before all of
 *                 these and where the temperature is 0 too: 0.01 to 100; 0 or 1: none
 * protocol        what the model was fine-tuned to around it, system texts and sizes of pictures among it: a
 *                 name of motcl_protocol_at, or the text of a protocol file, at most MOTCL_MAX_PROTOCOL
 *                 bytes; NULL: the model's own. As no_orient, it is the request's for all
 * stop            [stops] at most MOTCL_MAX_STOPS texts, each 1 to MOTCL_MAX_STOP_TEXT bytes of UTF-8:
 *                 an answer ends before the first of them that it would come to, its reasoning
 *                 included; a thought before a picture does not look at them
 * reserved        0
 */
typedef struct motcl_settings {
  bool think, vae_sample, no_orient;
  uint32_t width, height;
  union {
    uint32_t timesteps;
    uint32_t points; /* the former name of timesteps */
  };
  double shift;
  motcl_guidance guidance;
  const char *negative;
  const float *noise;
  size_t noise_count;
  uint32_t max_tokens, max_think;
  double temperature;
  uint32_t preview;
  uint32_t pass_rows;
  uint32_t top_k;
  uint32_t stops;
  double top_p, min_p, repeat_penalty;
  const char *const *stop;
  const char *protocol;
  uint64_t reserved[2];
} motcl_settings;

typedef enum motcl_item_kind {
  MOTCL_ITEM_INPUT, /* part */
  MOTCL_ITEM_OUTPUT /* output, settings, seeded, seed, made */
} motcl_item_kind;

/**
 * Something that goes in or is wanted out. What its kind does not name above is not looked at.
 *
 * settings  of this output; NULL: the request's. How input pictures lie (no_orient), and the
 *           protocol, are always the request's
 * seeded    it has a seed of its own; else its seed is the request's, larger by one for each
 *           output before it
 * made      [mades] what came of it, as parts: an answer, a thought, a picture. 0: nothing is known
 *           of it. Who runs the request makes it anew; who goes on from it takes it as said
 */
typedef struct motcl_item {
  motcl_item_kind kind;
  motcl_part part;
  motcl_output output;
  const motcl_settings *settings;
  bool seeded;
  uint64_t seed;
  const motcl_part *made;
  size_t mades;
} motcl_item;

/**
 * A request: what goes in, and what is wanted out.
 *
 * Outputs are made in order, each from all that stands before it, and is what it would be if what
 * was made before it had been parts: a text, and a thought before a picture, as MOTCL_PART_ANSWER,
 * up to a first "<|im_end|>" or "<|im_start|>" in it.
 *
 * part      [parts] go in first,
 * output    [outputs] are made after all of them: at most MOTCL_MAX_OUTPUTS
 * seed      of noise, of sampled latents and of chosen words, for the first output; each takes one
 *           more, and must have one: the largest is UINT64_MAX
 * priority  of its turn and of its rows in passes; higher goes first. Results do not depend on it
 * item      [items] if there are any, they are the request, in the order in which they stand, and
 *           part and output are not looked at. At least one input stands before the first output
 * reserved  0
 */
typedef struct motcl_request {
  const motcl_part *part;
  size_t parts;
  const motcl_output *output;
  size_t outputs;
  uint64_t seed;
  motcl_settings settings;
  int32_t priority;
  const motcl_item *item;
  size_t items;
  uint64_t reserved[4];
} motcl_request;

/** A request for nothing yet, with the published settings for drawing or (`edit`: there are input
 * pictures) editing, and for writing. Any thread. */
MOTCL_API motcl_request motcl_request_default(bool edit);

/** The same with the settings of a protocol over them, which becomes the request's; NULL: of BAGEL's.
 * It is borrowed. MOTCL_EINVAL or MOTCL_EFORMAT for one that cannot be, MOTCL_ENOMEM. */
MOTCL_API int motcl_request_usual(motcl_request *r, const char *protocol, bool edit,
                                  motcl_err *err);

/**
 * Whether a request is in range, apart from what only the model knows. Workers ask by themselves;
 * asked before one is opened, mistakes show at once.
 *
 * Returns MOTCL_EINVAL, or MOTCL_EFORMAT for a text that is no UTF-8 or holds a control character
 * other than tab, newline and CR (an answer may), with a sentence that names what is wrong, and
 * where. Any thread.
 */
MOTCL_API int motcl_request_check(const motcl_request *r, motcl_err *err);

/**
 * The items of a request, in whichever way it is written, each output with its settings and its
 * seed.
 *
 * item  gets `items` items in one block, to be freed with motcl_free, which borrow from the request
 *
 * Returns MOTCL_ENOMEM. Any thread.
 */
MOTCL_API int motcl_request_items(motcl_item **item, size_t *items, const motcl_request *r,
                                  motcl_err *err);

/**
 * What output k of a request is made from, as a request for it alone: parts, among them what was
 * `made` of the outputs before it, and its settings and seed. With the number of outputs as k: all
 * that was said in the end, and nothing asked for.
 *
 * out  one block, to be freed with motcl_free, which borrows from the request
 *
 * Returns MOTCL_EINVAL if there is no output k, or one before it has nothing made; MOTCL_ENOMEM.
 * Any thread.
 */
MOTCL_API int motcl_request_alone(motcl_request **out, const motcl_request *r, size_t k,
                                  motcl_err *err);

/** Draw a seed that nobody chose: 32 random bits. MOTCL_EIO. Any thread. */
MOTCL_API int motcl_seed(uint64_t *seed, motcl_err *err);

/* What is said meanwhile. */

/**
 * Phases of the work: name, the word for it.
 *
 * PREFILL        texts are taken in
 * IMAGE_PREFILL  pictures are taken in: encoded by vision encoder and autoencoder, then prefilled
 * THINK          reasoning is written, a token a step
 * DECODE         an answer is written, a token a step
 * DENOISE        a picture goes from noise to a latent, a time step a step
 * VAE_DECODE     a latent becomes pixels
 * BUILD          comes first, for kernels that no earlier run has built; it is told only if it
 *                takes a moment, with the first output's number
 */
#define MOTCL_PHASE_LIST(X)                                                                        \
  X(PREFILL, "prefill")                                                                            \
  X(IMAGE_PREFILL, "image prefill")                                                                \
  X(THINK, "think")                                                                                \
  X(DECODE, "decode")                                                                              \
  X(DENOISE, "denoise")                                                                            \
  X(VAE_DECODE, "vae decode")                                                                      \
  X(BUILD, "build")

#define MOTCL_PHASE_ENUM(name, word) MOTCL_PHASE_##name,
typedef enum motcl_phase { MOTCL_PHASE_LIST(MOTCL_PHASE_ENUM) MOTCL_PHASE_COUNT } motcl_phase;
#undef MOTCL_PHASE_ENUM

/* The former names of the phases. */
#define MOTCL_PHASE_READING MOTCL_PHASE_PREFILL
#define MOTCL_PHASE_LOOKING MOTCL_PHASE_IMAGE_PREFILL
#define MOTCL_PHASE_THINKING MOTCL_PHASE_THINK
#define MOTCL_PHASE_WRITING MOTCL_PHASE_DECODE
#define MOTCL_PHASE_DRAWING MOTCL_PHASE_DENOISE
#define MOTCL_PHASE_DEVELOPING MOTCL_PHASE_VAE_DECODE

/** The word for a phase, a static string, or "?" for a number that is none. Any thread. */
MOTCL_API const char *motcl_phase_name(motcl_phase p);

/** Step events come often; text deltas are whole UTF-8 characters. `left` is how many seconds the
 * rest of the phase takes at the rate of its steps so far, negative while that is unknown; words
 * may end sooner. `cut_off` is said with the last step of words: there may be no more of them, and
 * neither the model nor a stop text had ended them. */
typedef enum motcl_event_kind {
  MOTCL_EVENT_STEP,    /* `phase` has done `step` of `of`; left, cut_off */
  MOTCL_EVENT_THOUGHT, /* a text delta of the reasoning: text, size */
  MOTCL_EVENT_TEXT,    /* a text delta of the answer: text, size */
  MOTCL_EVENT_PICTURE, /* the picture: rgb, 3 * width * height bytes */
  MOTCL_EVENT_PREVIEW, /* a preview of it: the same, smaller; after `step` of `of` */
  MOTCL_EVENT_DONE     /* the text was the last output: it asks for no picture */
} motcl_event_kind;

typedef struct motcl_event {
  motcl_event_kind kind;
  uint32_t output; /* that it belongs to, from 0 */
  motcl_phase phase;
  uint32_t step, of;
  double left;
  const char *text;
  size_t size;
  const uint8_t *rgb;
  uint32_t width, height;
  bool cut_off;
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
 * end     of a task: told once, last of all: MOTCL_OK, or why it ended, with its sentence in `why`;
 *         may be NULL. Sessions by hand do not call it
 *
 * A sink may cancel, and ask for the status of a task. Submitting, stepping, saving and closing
 * inside one is MOTCL_EINVAL, or does nothing where a call has no status.
 */
typedef struct motcl_sink {
  void *user;
  void (*event)(void *user, const motcl_event *e);
  int (*array)(void *user, const motcl_array *a, motcl_err *err);
  bool layers;
  void (*end)(void *user, int status, const motcl_err *why);
} motcl_sink;

/* Workers. */

/** A model on a device, working on requests. */
typedef struct motcl_worker motcl_worker;

/**
 * What a worker takes at most, so that nobody who asks can ask for more than is meant; 0: any. What
 * is over one is refused with MOTCL_EFIT before anything is done, but for the times.
 *
 * pixels   of a picture, drawn or given
 * tokens   of a text that is given, and to be written as an answer or a thought
 * steps    timesteps of a picture
 * outputs  of a request
 * seconds  of a task, from when it has its place beside others; it then ends with
 *          MOTCL_ECANCELLED at the next occasion, as if it was cancelled
 * stall    seconds that the device may take for what is waited for, which is half a second of work,
 *          or one command of a slow device. Then it is taken to hang: all tasks end with MOTCL_ELOST,
 *          the sentence begins with the op, "linear of layer 12, gate, gen: ...", no call waits for
 *          that device any more, and what it may still use is not given back. A transfer is named by its
 *          bytes. Building kernels and opening a device are not bounded
 * reserved  0
 */
typedef struct motcl_limits {
  uint64_t pixels;
  uint32_t tokens, steps, outputs;
  double seconds, stall;
  uint64_t reserved[4];
} motcl_limits;

/**
 * How to open a worker. Zeroed is the default, but for the model; texts are copied.
 *
 * model       its folder or weight file, as motcl_inspect has it
 * device      [DRIVER@]NAME or DRIVER; NAME is "cpu", "gpu", "accel", an index as "0:1", or a part
 *             of a device's name, letters' case ignored. NULL or "": the one that is `chosen`
 * memory      most bytes of device memory to take; 0: all there is. Where it is the host's, never more
 *             than limits of the process leave: of control groups, address space, data
 * allow_slow  a driver that is slow may be taken without being named
 * beside      a worker of the same library whose opened device this one shares, with its budget,
 *             its built kernels and its thread: `device` and `memory` then say nothing. Either may
 *             be closed first; NULL: it opens a device of its own
 * max_buffer, chunk_rows, use, unfused   for tests, results differ at most in rounding: pretend
 *             that the largest allocation is this; most rows of a chunk; "OP=CLASS,..." of plans;
 *             run the graph's primitive ops one by one
 * trace       given once, by motcl_worker_close, what happened when: n bytes of JSON in the Chrome
 *             trace format, which Perfetto opens. Passes, kernels and transfers by the device's own
 *             time, weights, compiling, planning, waiting, phases; whole also after a failure or a
 *             cancel; at most 256 MiB, what is more is counted and left out. NULL: nothing is kept,
 *             and nothing costs time. It is a function and no file's name, so that whoever opened
 *             the worker says where it goes and hears whether that worked. It is the device's:
 *             what workers beside this one do is in it too, and they have none of their own
 * size        sizeof the struct as the program was compiled, so that a later library knows what is
 *             not there; 0: no more than the members before this one
 * limits      of what it takes; the members behind `size` are read if that says that they are there
 * cl_context, cl_device  an OpenCL context of the program's own, and the device of it that is to be
 *             used, which may be a part of one; both or neither. They are retained as long as they
 *             are in use. `device` then says no more than the driver, if anything
 * threads     compute units of the device to use, which are threads of a processor; the others are
 *             left to the program. MOTCL_EUNSUPPORTED where it cannot be divided so; 0: all. Results
 *             are the same
 */
typedef struct motcl_worker_options {
  const char *model, *device;
  uint64_t memory;
  bool allow_slow;
  uint64_t max_buffer;
  uint32_t chunk_rows;
  const char *use;
  bool unfused;
  const motcl_worker *beside;
  void (*trace)(void *user, const char *json, size_t n);
  void *trace_user;
  size_t size;
  motcl_limits limits;
  void *cl_context, *cl_device;
  uint32_t threads;
} motcl_worker_options;

/**
 * Open model, tokenizer and device. Weights are mapped, not read.
 *
 * out  closed with motcl_worker_close, before the library
 *
 * Returns MOTCL_EINVAL, MOTCL_EMODEL, MOTCL_EFORMAT, MOTCL_EIO, MOTCL_ENODEVICE, MOTCL_EDEVMEM,
 * MOTCL_ELOST, MOTCL_ENOMEM, each with a sentence.
 */
MOTCL_API int motcl_worker_open(motcl_worker **out, motcl *m, const motcl_worker_options *o,
                                motcl_err *err);

/** Close a worker that no call is under way on; NULL is fine. */
MOTCL_API void motcl_worker_close(motcl_worker *w);

/** The device it runs on, as opened; the worker's. Any thread. */
MOTCL_API const motcl_device *motcl_worker_device(const motcl_worker *w);

/** What the bytes of the last results depend on besides request and model: device, driver,
 * versions, variants. Equal fingerprints give equal bytes. "" before anything ran; the worker's,
 * and changed by its next run. */
MOTCL_API const char *motcl_worker_fingerprint(const motcl_worker *w);

/**
 * What the worker's model is known by: what people call it, which its motcl.json says, or else the last
 * part of its path; and what tells it from others.
 *
 * name    gets UTF-8 that can be printed, never empty; the worker's
 * digest  gets the first 16 hexadecimal digits of a SHA-256 over the model's configuration and
 *         tokenizer, and 64 blocks of each file of weights: the same in a folder that was copied or
 *         renamed, another where the same weights are in other files. It is made when first asked
 *         for, and the worker's
 *
 * Returns MOTCL_EIO where the files are gone, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_worker_model(motcl_worker *w, const char **name, const char **digest,
                                 motcl_err *err);

/** The protocol of the worker's model, as motcl_settings calls it; NULL: BAGEL's. The worker's. Any thread.
 */
MOTCL_API const char *motcl_worker_protocol(const motcl_worker *w);

/**
 * How a model takes a picture in: brought to `width` by `height` pixels, which is also the size of a
 * picture drawn after it, where the settings name none. The model's limits: sides up to `longest`,
 * from `shortest` on where the picture's shape allows both, in multiples of `step`, at most
 * `most_pixels` in all.
 */
typedef struct motcl_fit {
  uint32_t width, height;
  uint32_t longest, shortest, step;
  uint64_t most_pixels;
} motcl_fit;

/** How the worker's model takes in a picture of so many pixels, as it lies (motcl_picture_decode), by its
 * own protocol; and by another, named as in motcl_settings. MOTCL_EINVAL for a side of 0, and for a
 * protocol whose sizes the model cannot take; MOTCL_EFORMAT, MOTCL_ENOMEM. Any thread. */
MOTCL_API int motcl_worker_fit_by(const motcl_worker *w, const char *protocol, uint32_t width,
                                  uint32_t height, motcl_fit *fit, motcl_err *err);
MOTCL_API int motcl_worker_fit(const motcl_worker *w, uint32_t width, uint32_t height,
                               motcl_fit *fit, motcl_err *err);

/**
 * An amount of work, at most: texts are taken to be as long as they may get.
 *
 * runs     of a graph
 * flops    floating-point operations
 * bytes    of weights and activations touched
 * seconds  it takes, by what runs of the same graphs took on this device before; 0: there were none
 */
typedef struct motcl_work {
  uint64_t runs;
  double flops, bytes, seconds;
} motcl_work;

/** Most phases there can be without another soname. */
#define MOTCL_MAX_PHASES 16

/** An estimate of what requests take: bytes of device memory, all work, and the work by
 * motcl_phase; phases that there are not take none. */
typedef struct motcl_estimate {
  uint64_t memory;
  motcl_work all, phase[MOTCL_MAX_PHASES];
} motcl_estimate;

/** The former names of motcl_estimate and motcl_worker_estimate. */
typedef motcl_estimate motcl_need;
#define motcl_worker_need motcl_worker_estimate

/**
 * What requests will take if motcl_worker_run does them together, without doing anything. The work
 * is what they would be alone, one after another; together it takes less time.
 *
 * request  [n], n at least 1
 *
 * Returns why motcl_worker_run would refuse one of them: MOTCL_EFIT for what cannot fit, ...
 */
MOTCL_API int motcl_worker_estimate(motcl_worker *w, const motcl_request *request, size_t n,
                                    motcl_estimate *estimate, motcl_err *err);

/**
 * Build the kernels that a request will launch, and do nothing else, so that its run begins at
 * once. Worth it where nobody waits; a run builds by itself what it does not find.
 *
 * from  0, or where among the kernels to begin, below 1: processes that share a cache and begin at
 *       different places are done sooner
 * sink  told of the steps of MOTCL_PHASE_BUILD; may be NULL
 *
 * Returns why motcl_worker_run would refuse it; MOTCL_EBUILD; MOTCL_ECANCELLED after
 * motcl_worker_cancel.
 */
MOTCL_API int motcl_worker_build(motcl_worker *w, const motcl_request *request, double from,
                                 const motcl_sink *sink, motcl_err *err);

/**
 * Store the kernels built so far in the library's cache_dir also where the platform keeps them by
 * itself (`keeps` of its device; elsewhere closing the worker stores them). Later starts load them,
 * which takes some 50 ms less than to find what the platform has kept. This may take longer than
 * building, and cannot be cancelled: for where nobody waits.
 *
 * Returns MOTCL_OK, also where there is no cache_dir or nothing to store; MOTCL_EIO if they cannot
 * be written there.
 */
MOTCL_API int motcl_worker_store_kernels(motcl_worker *w, motcl_err *err);

/**
 * Plan requests as motcl_worker_run would do them together, without doing anything: the Plan
 * message (plan.proto).
 *
 * bytes  gets it; the caller frees it with motcl_free
 *
 * Returns why motcl_worker_run would refuse one of them: MOTCL_EFIT for what cannot fit, ...
 */
MOTCL_API int motcl_worker_plan(motcl_worker *w, const motcl_request *request, size_t n,
                                uint8_t **bytes, size_t *size, motcl_err *err);

/* A task is a request on its way, from being submitted to its one ending. Tasks of a worker join
 * and leave between any two steps, in any order; each is given the bytes it would be given alone,
 * and what goes wrong with one is no other's business. The library starts no thread: work is done
 * in motcl_worker_step, which a program with an event loop of its own calls from there. */

/** A request submitted to a worker, whose thread is the task's. */
typedef struct motcl_task motcl_task;

/**
 * Submit a request: it is copied, read, checked, estimated and planned, and refused if it can never
 * fit. If it fits it is admitted: its keys' memory is reserved for its whole stay. One that fits
 * alone but not beside those that are in, here or in a worker that shares the device, waits for its
 * turn; only motcl_worker_run, in which others cannot go on, refuses what another worker holds.
 *
 * s    its sink; copied, may be NULL
 * out  closed with motcl_task_close, before the worker
 *
 * Returns MOTCL_EINVAL or MOTCL_EFORMAT for what cannot be read or drawn, MOTCL_EUNSUPPORTED where
 * the model lacks a part, MOTCL_EFIT with the memory that is needed, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_worker_submit(motcl_worker *w, const motcl_request *r, const motcl_sink *s,
                                  motcl_task **out, motcl_err *err);

/**
 * Run one pass of the decoder for all tasks that are in, or for those that wait for one, a graph
 * beside it: encoding or decoding a picture. Where not all fit in a pass, those of a higher
 * priority get its rows, and equals in turn.
 *
 * busy  gets whether any task has not ended: whether there is a reason to call again
 *
 * Returns MOTCL_OK, however tasks ended meanwhile. MOTCL_ELOST if the device is lost: all tasks
 * have ended with that.
 */
MOTCL_API int motcl_worker_step(motcl_worker *w, bool *busy, motcl_err *err);

/** 1 under way or waiting; MOTCL_OK done; else why it ended, with its sentence. */
MOTCL_API int motcl_task_status(const motcl_task *t, motcl_err *err);

/** What its bytes depend on besides request and model: as motcl_worker_fingerprint; the task's. */
MOTCL_API const char *motcl_task_fingerprint(const motcl_task *t);

/** Let it end with MOTCL_ECANCELLED: between layers if it is at work, at the next step if it waits.
 * One that was as good as done may still succeed. From any thread and from signal handlers. */
MOTCL_API void motcl_task_cancel(motcl_task *t);

/**
 * Save a task that has not ended, between two steps, so that it can go on in another process: the
 * Checkpoint message (checkpoint.proto). The task goes on all the same.
 *
 * bytes  gets n bytes, to be freed with motcl_free
 *
 * Returns MOTCL_EINVAL for a task that has ended, one whose inner arrays are recorded, one whose
 * request motcl_job_pack refuses, and inside a sink; MOTCL_EDEVMEM, MOTCL_ELOST, MOTCL_EIO where
 * the model's files are gone; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_task_save(motcl_task *t, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Go on from where a task was saved, on any worker with that model: to the bytes of the undisturbed
 * task if motcl_task_fingerprint is the same, else to what differs from them in rounding, which the
 * log says. Outputs that were finished and text that was delivered are not sent again. The message
 * may be anybody's.
 *
 * s, out  as motcl_worker_submit's
 *
 * Returns MOTCL_EFORMAT for what is no such message, is damaged or of a later version, MOTCL_EMODEL
 * for a task of another model; otherwise as motcl_worker_submit.
 */
MOTCL_API int motcl_task_resume(motcl_worker *w, const uint8_t *bytes, size_t n,
                                const motcl_sink *s, motcl_task **out, motcl_err *err);

/** Give it up, ended or not: its sink hears nothing more. NULL is fine; not inside a sink. */
MOTCL_API void motcl_task_close(motcl_task *t);

/**
 * Do requests: submit them all and step until they are done, side by side in shared passes where
 * there is room for that. Each ends by itself, also one that is refused: its sink hears of it.
 *
 * request  [n], n at least 1
 * sink     [n], or NULL. Its functions may call motcl_worker_cancel, and anything of other objects
 *
 * Returns how the first of them that failed did, with its number, "request 2 of 3: ...", where there
 * are several: MOTCL_EINVAL or MOTCL_EFORMAT for what cannot be read or drawn, MOTCL_EUNSUPPORTED
 * where the model lacks a part, MOTCL_EFIT with the memory that is needed, MOTCL_ECANCELLED,
 * MOTCL_EDEVMEM, MOTCL_ELOST, MOTCL_EBUILD, MOTCL_ENOMEM, what a sink returned; MOTCL_ENUMERIC where
 * a step, a picture or a choice of words was lost to numbers that are not finite, with the weight
 * that is to blame if there is one.
 */
MOTCL_API int motcl_worker_run(motcl_worker *w, const motcl_request *request,
                               const motcl_sink *sink, size_t n, motcl_err *err);

/**
 * Let what the worker's call under way was asked for, or if there is none its next call, end with
 * MOTCL_ECANCELLED at the next occasion: between layers. For calls that wait until their work is
 * done; tasks are cancelled by themselves. From any thread, from signal handlers and from sinks. A
 * call that was as good as done may still succeed.
 */
MOTCL_API void motcl_worker_cancel(motcl_worker *w);

/* Jobs as messages: proto/motcl/v1, which any protobuf library reads and writes. A message may come
 * from anybody: it is looked over before anything is made of it, and every length has a limit. What
 * is packed is given back with motcl_free. Packing and unpacking: any thread. */

/** Most bytes of a message. */
#define MOTCL_MAX_MESSAGE ((size_t)1 << 30)

/** What an unpacked message points into, and the fields of it that this version does not know. */
typedef struct motcl_store motcl_store;

/** A note of the sender's; UTF-8, never NULL. */
typedef struct motcl_label {
  const char *key, *value;
} motcl_label;

/**
 * A request with what travels around it: job.proto. {0} is a job that asks for nothing.
 *
 * request   what to do. Its pass_rows is the runner's and does not travel, nor do its parts' names
 * id        the sender's name for it, or NULL
 * model     the name of the model, or NULL
 * unseeded  request.seed says nothing: whoever runs the job draws one
 * priority  higher goes first
 * deadline  milliseconds since 1970-01-01 00:00 UTC after which nobody wants the result; 0 is never
 * label     [labels]
 * store     of an unpacked job, else NULL: everything above points into it. What a job without one
 *           points to is borrowed
 */
typedef struct motcl_job {
  motcl_request request;
  const char *id, *model;
  bool unseeded;
  int32_t priority;
  uint64_t deadline;
  const motcl_label *label;
  size_t labels;
  motcl_store *store;
} motcl_job;

/**
 * Write a job as a message: every setting, also one that is its default, so that the message says
 * the same to a version with other defaults. Items whose inputs all stand before the outputs, and
 * which have nothing of their own, are written as parts and outputs, which every version reads.
 * Fields of an unpacked job that this version does not know are written too; those of a part or a
 * label with that part or label's place, if there are as many as there were.
 *
 * bytes  gets the message; the caller frees it with motcl_free
 * n      gets its length
 *
 * Returns MOTCL_EINVAL, with a sentence, for what a message cannot hold: something over a limit, a
 * text that is empty, holds a NUL or is no UTF-8, a number that is none. Ranges of settings are
 * motcl_request_check's. MOTCL_ENOMEM.
 */
MOTCL_API int motcl_job_pack(const motcl_job *job, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Read a job. Settings it does not name become those of motcl_request_default, of an edit where it
 * wants a picture and has one; its ranges are for motcl_request_check, which a worker calls. Its
 * request has items if the message has; its parts are then what is known to be said, up to the
 * first output that nothing came of.
 *
 * job  gets the job, which no longer needs `bytes`; the caller ends it with motcl_job_finish
 *
 * Returns MOTCL_EFORMAT, with a sentence, for bytes that are no such message, something over a
 * limit, a text that is empty, holds a NUL or is no UTF-8, a part that is neither text nor picture,
 * an unknown enum value, a number that is none, or no output; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_job_unpack(motcl_job *job, const uint8_t *bytes, size_t n, motcl_err *err);

/** Free what motcl_job_unpack made, and clear *job. A cleared job is fine. */
MOTCL_API void motcl_job_finish(motcl_job *job);

/** What can happen to a job; see motcl_job_event for what goes with it. */
typedef enum motcl_job_event_kind {
  MOTCL_JOB_OTHER,    /* something that this version does not know; to be passed over */
  MOTCL_JOB_ACCEPTED, /* it was read, and asks for something that can be */
  MOTCL_JOB_STARTED,  /* device, driver */
  MOTCL_JOB_STEP,     /* phase, step, of, left */
  MOTCL_JOB_THOUGHT,  /* a text delta of the reasoning: text, output */
  MOTCL_JOB_TEXT,     /* a text delta of an answer: text, output */
  MOTCL_JOB_PICTURE,  /* a picture: file, bytes, width, height, output */
  MOTCL_JOB_PREVIEW,  /* a preview of one: the same */
  MOTCL_JOB_DONE,     /* seconds */
  MOTCL_JOB_FAILED,   /* code, text */
  MOTCL_JOB_CANCELLED /* the last of a job is one of these three */
} motcl_job_event_kind;

/**
 * Something that happened to a job: event.proto. What its kind does not name above is 0.
 *
 * job      its id, or NULL
 * number   from 1, without gaps
 * time     milliseconds since 1970-01-01 00:00 UTC; 0: not said
 * phase    MOTCL_PHASE_COUNT: one that this version does not know
 * left     seconds that the rest of the phase takes; negative: not known
 * output   which of the job's outputs, from 0
 * text     UTF-8; deltas are whole characters; of a failure, the sentence
 * file     bytes of a PNG, JPEG or WebP file
 * code     a motcl_status
 * store    of an unpacked event, else NULL
 */
typedef struct motcl_job_event {
  const char *job;
  uint64_t number, time;
  motcl_job_event_kind kind;
  motcl_phase phase;
  uint32_t step, of;
  double left;
  uint32_t output;
  const char *text;
  const void *file;
  size_t bytes;
  uint32_t width, height;
  double seconds;
  int code;
  const char *device, *driver;
  motcl_store *store;
} motcl_job_event;

/** Write an event, read one, and free what reading made; as for jobs. Reading passes over kinds,
 * phases and codes of a later version, which become those that stand for them; fields that this
 * version does not know are written again if the kind still is the one that was read. */
MOTCL_API int motcl_job_event_pack(const motcl_job_event *event, uint8_t **bytes, size_t *n,
                                   motcl_err *err);
MOTCL_API int motcl_job_event_unpack(motcl_job_event *event, const uint8_t *bytes, size_t n,
                                     motcl_err *err);
MOTCL_API void motcl_job_event_finish(motcl_job_event *event);

/**
 * One output of a job.
 *
 * kind     which of the two it is
 * text     UTF-8, NUL at its end; NULL for a picture
 * file     bytes of a PNG file, of width x height pixels; NULL for a text
 * thought  the reasoning before it; NULL: nobody asked for any
 */
typedef struct motcl_answer {
  motcl_output kind;
  const char *text;
  const void *file;
  size_t bytes;
  uint32_t width, height;
  const char *thought;
} motcl_answer;

/**
 * What came of a job: result.proto.
 *
 * job          its id, or NULL
 * answer       [answers], in the order asked for; of a job that failed, what was whole by then
 * code         MOTCL_OK, or why it failed; `sentence` says it, else NULL
 * seed         used
 * fingerprint  see motcl_worker_fingerprint; NULL if the work did not get so far
 * seconds      it took
 * device, driver, version   what did it, and the version of motcl; or NULL
 * store        of an unpacked result, else NULL
 */
typedef struct motcl_result {
  const char *job;
  const motcl_answer *answer;
  size_t answers;
  int code;
  const char *sentence;
  uint64_t seed;
  const char *fingerprint;
  double seconds;
  const char *device, *driver, *version;
  motcl_store *store;
} motcl_result;

/** Write a result, read one, and free what reading made; as for jobs. An answer of an unpacked
 * result that is neither a text nor a picture is MOTCL_EFORMAT. */
MOTCL_API int motcl_result_pack(const motcl_result *result, uint8_t **bytes, size_t *n,
                                motcl_err *err);
MOTCL_API int motcl_result_unpack(motcl_result *result, const uint8_t *bytes, size_t n,
                                  motcl_err *err);
MOTCL_API void motcl_result_finish(motcl_result *result);

/** Write a device: device.proto. As for jobs. */
MOTCL_API int motcl_device_pack(const motcl_device *device, uint8_t **bytes, size_t *n,
                                motcl_err *err);

/* A job at work: a Job message as a task of a worker, which says what happens in Event messages and what
 * came of it in a Result message. motcl_worker_step does the work, for jobs and other tasks alike, and all
 * that is said of tasks above holds. */

/** A Job message submitted to a worker, whose thread is the task's. */
typedef struct motcl_job_task motcl_job_task;

/**
 * Submit a Job message. One without a seed is given one. Pictures are PNG, and each file says how it was
 * made.
 *
 * event  gets the events in order, from the thread that works, borrowed for the call; may be NULL. It
 *        may do what a sink may. The first come from within this call; with the last, which says how
 *        it ended, the job has its result
 * out    closed with motcl_job_close, before the worker; set before the first event, which may cancel
 *        it. NULL where there is none
 *
 * Returns MOTCL_OK also for a job that cannot begin: it has ended then, and its result says why.
 * Otherwise there is no task, and no event was told: what motcl_job_unpack returns, MOTCL_EINVAL inside a
 * sink, MOTCL_ELOST where the device hangs, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_job_submit(motcl_worker *w, const uint8_t *job, size_t n,
                               void (*event)(void *user, const uint8_t *bytes, size_t n),
                               void *user, motcl_job_task **out, motcl_err *err);

/** 1 under way or waiting; MOTCL_OK done; else why it ended, with its sentence. */
MOTCL_API int motcl_job_status(const motcl_job_task *t, motcl_err *err);

/** As motcl_task_cancel. From any thread and from signal handlers. */
MOTCL_API void motcl_job_cancel(motcl_job_task *t);

/**
 * The Result message of a job that has ended, also of one that failed or was cancelled.
 *
 * bytes  gets n bytes, which are the task's
 *
 * Returns MOTCL_EINVAL for a job under way; MOTCL_ENOMEM if there was no memory for it.
 */
MOTCL_API int motcl_job_result(const motcl_job_task *t, const uint8_t **bytes, size_t *n,
                               motcl_err *err);

/**
 * Save a job that has not ended, between two steps, so that it can go on in another process: the
 * SavedJob message (checkpoint.proto). The job goes on all the same.
 *
 * bytes  gets n bytes, to be freed with motcl_free
 *
 * Returns what motcl_task_save does.
 */
MOTCL_API int motcl_job_save(const motcl_job_task *t, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Go on from where a job was saved, on any worker with that model. Its events go on where they were:
 * `started` comes again, under the next number, and no text or picture that was told before. The
 * result of the same fingerprint is that of the undisturbed job in all but the seconds. The message may be
 * anybody's.
 *
 * exact  refuse what would differ from the undisturbed job in rounding, because device, driver or
 *        version are others; else the log says it
 * event, user, out  as motcl_job_submit's
 *
 * Returns MOTCL_EFORMAT for what is no such message, is damaged, contradicts itself or is of a later
 * version, MOTCL_EMODEL for a job of another model, MOTCL_EUNSUPPORTED for what `exact` refuses; otherwise
 * as motcl_worker_submit. There is no task then, and no event was told.
 */
MOTCL_API int motcl_job_resume(motcl_worker *w, const uint8_t *saved, size_t n, bool exact,
                               void (*event)(void *user, const uint8_t *bytes, size_t n),
                               void *user, motcl_job_task **out, motcl_err *err);

/** Give it up, ended or not: no event is told any more. NULL is fine; not inside a sink. */
MOTCL_API void motcl_job_close(motcl_job_task *t);

/**
 * Run a Job message to its end: submit it, and step until it has ended.
 *
 * event, user  as motcl_job_submit's
 * result       gets the Result message; the caller frees it with motcl_free
 *
 * Returns MOTCL_OK when there is a result, which says how it went, also of a job that failed or was
 * cancelled (motcl_worker_cancel). Otherwise what motcl_job_submit returns, or MOTCL_ENOMEM.
 */
MOTCL_API int motcl_job_run(motcl_worker *w, const uint8_t *job, size_t n,
                            void (*event)(void *user, const uint8_t *bytes, size_t n), void *user,
                            uint8_t **result, size_t *result_n, motcl_err *err);

/* Sessions by hand. */

/**
 * Texts and pictures said and answered in turn, on a worker. What an output becomes depends on all
 * that was said before it, on the settings and on its seed, and on nothing else: it is what a
 * request of the same parts gets, to the byte. An answer that was written and a picture that was
 * drawn are said from then on, for what comes after.
 *
 * A worker, its sessions and forks of these are used by one thread at a time, all together. The
 * memory that a session's contexts take is the worker's: it grows within the worker's budget while
 * sessions are open.
 */
typedef struct motcl_session motcl_session;

/**
 * Open a session in which nothing was said.
 *
 * out       closed with motcl_session_close, before the worker
 * settings  copied, but what they point to is borrowed as long as they are set; NULL: those of
 *           motcl_request_default(false)
 * seed      of the first output; each takes one more
 * sink      copied, may be NULL; its events' `output` counts from the session's beginning
 *
 * Returns MOTCL_EMODEL where tokenizer and model do not fit together, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_session_open(motcl_session **out, motcl_worker *w,
                                 const motcl_settings *settings, uint64_t seed,
                                 const motcl_sink *sink, motcl_err *err);

/** NULL is fine. */
MOTCL_API void motcl_session_close(motcl_session *s);

/**
 * Say a text; show a picture (a PNG, JPEG or WebP file's bytes; `name`, which may be NULL, says in
 * messages which one); or any part, so also an answer that was given elsewhere. It is read and
 * checked now, and taken in when an output needs it.
 *
 * Returns MOTCL_EINVAL or MOTCL_EFORMAT for what cannot be read, MOTCL_EUNSUPPORTED where the model
 * lacks a part, MOTCL_EFIT if there is no room for it, MOTCL_ENOMEM; nothing was said then.
 */
MOTCL_API int motcl_session_text(motcl_session *s, const char *text, size_t n, motcl_err *err);
MOTCL_API int motcl_session_picture(motcl_session *s, const void *bytes, size_t n, const char *name,
                                    motcl_err *err);
MOTCL_API int motcl_session_add(motcl_session *s, const motcl_part *part, motcl_err *err);

/**
 * Write an answer or draw a picture, which the sink gets. Everything is planned, and refused if it
 * cannot fit, before anything runs.
 *
 * Returns what motcl_worker_run returns. On failure, MOTCL_ECANCELLED included, nothing is said or
 * lost: the session is as before the call.
 */
MOTCL_API int motcl_session_write(motcl_session *s, motcl_err *err);
MOTCL_API int motcl_session_draw(motcl_session *s, motcl_err *err);

/** Take back the last call of the five above that succeeded, its seed too; settings stay. As often
 * as there were such calls; then MOTCL_EINVAL. */
MOTCL_API int motcl_session_undo(motcl_session *s, motcl_err *err);

/**
 * A second session in which the same was said, which goes on by itself. It shares what was taken
 * in, and cannot be undone further than this.
 *
 * out   closed with motcl_session_close, before the worker
 * sink  its own; may be NULL
 */
MOTCL_API int motcl_session_fork(motcl_session **out, const motcl_session *s,
                                 const motcl_sink *sink, motcl_err *err);

/** Settings of what is said and asked for next, to be changed at will between calls; the session's.
 */
MOTCL_API motcl_settings *motcl_session_settings(motcl_session *s);

/** Seed of the next output; the same. */
MOTCL_API uint64_t *motcl_session_seed(motcl_session *s);

/**
 * Let the call under way, or if there is none the next that writes or draws, end with
 * MOTCL_ECANCELLED at the next occasion. As motcl_worker_cancel, which does it too.
 */
MOTCL_API void motcl_session_cancel(motcl_session *s);

/**
 * All that was said as a job, which can be saved with motcl_job_pack.
 *
 * Its items are the conversation in order, each output with the settings and the seed it had and
 * what came of it; where the session ends in something that was not answered, an output of the kind
 * that was asked for last, else a text. Run, it gives the same outputs again. Of more outputs than
 * a request may have, the first stand there as what came of them. A session in which nothing was
 * asked for has no items: its job is the parts and that output.
 *
 * Its parts are all that was said, outputs as what came of them, settings and seed those of the
 * next output: a session that is opened with these and told the parts goes on as this one does, to
 * the byte.
 *
 * job  points into the session, until its next call; not finished
 *
 * Returns MOTCL_EINVAL if nothing was said, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_session_job(motcl_session *s, motcl_job *job, motcl_err *err);

/* Files. These calls belong to no library: memory they take or give is malloc's, but in a sink's
 * functions, where it is that of the library at work. Any thread. */

/**
 * Read a regular file; what is none, a folder, pipe, socket or device, is refused.
 *
 * bytes  gets n bytes and a NUL after them, to be freed with motcl_free
 * most   a longer file is refused with MOTCL_EFORMAT
 *
 * Otherwise MOTCL_EIO, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_file_read(uint8_t **bytes, size_t *n, const char *path, size_t most,
                              motcl_err *err);

/**
 * Write a file, whole or not at all: it is written beside its name, forced to disk and renamed.
 *
 * replace  whether one that is there may be replaced
 *
 * Returns MOTCL_EINVAL for a name that cannot be a file's, MOTCL_EEXIST, MOTCL_EIO, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_file_write(const char *path, const void *bytes, size_t n, bool replace,
                               motcl_err *err);

/** Whether motcl_file_write could write that file now: so that it is known before the work. Leaves
 * nothing behind. */
MOTCL_API int motcl_file_check(const char *path, bool replace, motcl_err *err);

/** Write an array as NumPy's .npy; one that is there is replaced. MOTCL_EINVAL for a rank above 8,
 * MOTCL_EIO, MOTCL_ENOMEM. */
MOTCL_API int motcl_npy_write(const char *path, const motcl_array *a, motcl_err *err);

/**
 * Read a .npy file of float32 in C order.
 *
 * values  gets `count` values, to be freed with motcl_free
 * most    an array of more is refused
 *
 * Returns MOTCL_EFORMAT, MOTCL_EIO, MOTCL_ENOMEM.
 */
MOTCL_API int motcl_npy_read_f32(float **values, size_t *count, const char *path, size_t most,
                                 motcl_err *err);

/* Pictures as files, and what they say of their making; belonging to no library either. */

/** A line of a picture file's metadata: key and value, UTF-8, never NULL. */
typedef struct motcl_line {
  const char *key, *value;
} motcl_line;

/** Formats of picture files: name, the word for it. */
#define MOTCL_FORMAT_LIST(X)                                                                       \
  X(PNG, "PNG")                                                                                    \
  X(JPEG, "JPEG")                                                                                  \
  X(WEBP, "WebP")

#define MOTCL_FORMAT_ENUM(name, word) MOTCL_##name,
typedef enum motcl_format { MOTCL_FORMAT_LIST(MOTCL_FORMAT_ENUM) MOTCL_FORMAT_COUNT } motcl_format;
#undef MOTCL_FORMAT_ENUM

/**
 * A picture to be written.
 *
 * rgb      3 * width * height bytes, rows from the top
 * line     [lines] metadata, or NULL. Keys are 1 to 79 printable ASCII characters; lines of an
 *          empty value are left out
 * quality  of a JPEG or WebP, 1 to 100; 0: 95 of a JPEG, and a WebP that loses nothing
 */
typedef struct motcl_picture {
  const uint8_t *rgb;
  uint32_t width, height;
  const motcl_line *line;
  size_t lines;
  int quality;
} motcl_picture;

/**
 * Make a picture file. The same input gives the same bytes.
 *
 * bytes  gets n bytes, to be freed with motcl_free
 *
 * Returns MOTCL_EINVAL for a picture without pixels, a bad key or a value that is no UTF-8,
 * MOTCL_ENOMEM.
 */
MOTCL_API int motcl_picture_encode(uint8_t **bytes, size_t *n, const motcl_picture *p,
                                   motcl_format format, motcl_err *err);

/**
 * Make a picture file under a name, whole or not at all. Its format is what its name ends in: .png,
 * .jpg, .jpeg or .webp.
 *
 * replace  whether a file that is there may be replaced
 *
 * Returns what motcl_picture_encode does; MOTCL_EINVAL for another ending, MOTCL_EEXIST, MOTCL_EIO.
 */
MOTCL_API int motcl_picture_write(const char *path, const motcl_picture *p, bool replace,
                                  motcl_err *err);

/** The format that a file name ends in, letters' case ignored, in *out; false, *out untouched, for
 * another ending. */
MOTCL_API bool motcl_format_of_name(const char *name, motcl_format *out);

/**
 * Read a picture file as a request's parts are read: RGB, transparent places on white.
 *
 * rgb        gets 3 * width * height bytes, rows from the top, to be freed with motcl_free; NULL:
 *            only the sides are wanted, and the pixels, which may be damaged, are not unpacked
 * format     gets what the file is; may be NULL
 * no_orient  ignore its EXIF orientation
 *
 * Returns MOTCL_EFORMAT for another format or what is damaged; MOTCL_EFIT for more than 178956970 pixels
 * or a side above 65500; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_picture_decode(uint8_t **rgb, uint32_t *width, uint32_t *height,
                                   motcl_format *format, const void *bytes, size_t n,
                                   bool no_orient, motcl_err *err);

/**
 * The lines of metadata that a picture file carries, as motcl_picture_encode writes them. They may
 * be anybody's words.
 *
 * line   gets `lines` lines in one block, to be freed with motcl_free
 *
 * Returns MOTCL_EFORMAT for what is of another format, cut short or carries more than 4 MiB of them;
 * MOTCL_ENOMEM. No lines are no error.
 */
MOTCL_API int motcl_picture_lines(motcl_line **line, size_t *lines, const void *bytes, size_t n,
                                  motcl_err *err);

/**
 * What a picture was made from, and by what.
 *
 * size           sizeof the struct as the program was compiled: later versions have more members
 * request        for that picture alone, in parts: what motcl_request_alone gives
 * width, height  of the picture that was drawn
 * model, digest  what motcl_worker_model gives, or NULL
 * fingerprint    motcl_worker_fingerprint, or NULL
 */
typedef struct motcl_recipe_source {
  size_t size;
  const motcl_request *request;
  uint32_t width, height;
  const char *model, *digest, *fingerprint;
} motcl_recipe_source;

/**
 * The lines that say how a picture was made, by which motcl_recipe_read gives the request back:
 * Software, prompt, negative, parts (JSON: how long each text is, a hash of each picture's file),
 * seed, settings (JSON: all of them; "negative" is there, and "", for a negative text that is empty,
 * which is another thing than none; "protocol", where the request names one; top-k, top-p, min-p and
 * repeat-penalty are where they are not 0; stop texts, which no picture depends on, are not), model, model-digest, fingerprint.
 *
 * line  gets `lines` lines in one block, to be freed with motcl_free
 *
 * Returns MOTCL_EINVAL for a request of items, a text with a NUL, a setting that is no number or a
 * size that is none of this struct; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_recipe_write(motcl_line **line, size_t *lines, const motcl_recipe_source *of,
                                 motcl_err *err);

/** The same of a picture of which nobody says by which model it was made. */
MOTCL_API int motcl_recipe_lines(motcl_line **line, size_t *lines, const motcl_request *r,
                                 uint32_t width, uint32_t height, const char *fingerprint,
                                 motcl_err *err);

/** The request that a picture was drawn by. */
typedef struct motcl_recipe motcl_recipe;

/**
 * Read the lines of a picture that may be anybody's.
 *
 * out  closed with motcl_recipe_close
 *
 * Returns MOTCL_EFORMAT for lines that are not those of motcl_recipe_write, contradict each other,
 * or whose settings are out of range or unknown to this version; MOTCL_ENOMEM.
 */
MOTCL_API int motcl_recipe_read(motcl_recipe **out, const motcl_line *line, size_t lines,
                                motcl_err *err);

/** NULL is fine. */
MOTCL_API void motcl_recipe_close(motcl_recipe *r);

/** The request; the recipe's. Its picture parts have no bytes until motcl_recipe_picture gave them,
 * and its noise is not there either. */
MOTCL_API const motcl_request *motcl_recipe_request(const motcl_recipe *r);

/** The fingerprint that the picture was made with; the name of the model that made it, and its digest,
 * to be compared with those of motcl_worker_model. "" if it does not say; the recipe's. */
MOTCL_API const char *motcl_recipe_fingerprint(const motcl_recipe *r);
MOTCL_API const char *motcl_recipe_model(const motcl_recipe *r);
MOTCL_API const char *motcl_recipe_digest(const motcl_recipe *r);

/** Picture parts that have no bytes yet; whether the first latent was given and is not there yet.
 */
MOTCL_API size_t motcl_recipe_missing(const motcl_recipe *r);
MOTCL_API bool motcl_recipe_lacks_noise(const motcl_recipe *r);

/**
 * Put a picture, which is borrowed by the recipe, in the place of the first one that is missing.
 *
 * Returns MOTCL_EINVAL if none is missing, or it is another file than the one drawn from.
 */
MOTCL_API int motcl_recipe_picture(motcl_recipe *r, const motcl_part *picture, motcl_err *err);

/** Give the first latent, which is borrowed by the recipe; MOTCL_EINVAL if it is not the one drawn
 * from. */
MOTCL_API int motcl_recipe_noise(motcl_recipe *r, const float *noise, size_t count, motcl_err *err);

#ifdef __cplusplus
}
#endif
#endif
