/* history.h - the history of a session: texts, answers and pictures, as the contexts take them in.
 * Outputs are put in their place before they are made, so that what comes after them can be
 * counted; they are filled in when they are. */
#ifndef MCL_SESSION_HISTORY_H
#define MCL_SESSION_HISTORY_H

#include "image/pixels.h"
#include "model/model.h"
#include "session/output_request.h"
#include "text/tokenizer.h"

/** Ids that the model's tokenizer must have. */
typedef struct mcl_markers {
  uint32_t text_begin, text_end, picture_begin, picture_end;
} mcl_markers;

/** Look the markers up by name. */
int mcl_markers_find(mcl_markers *m, const mcl_tok *tok, motcl_err *err);

/** What reading needs; borrowed. `vae` and `vit` are the resize rules; `limits` may be NULL: there are none.
 */
typedef struct mcl_reader {
  const mcl_model *model;
  mcl_resize_rule vae, vit;
  const mcl_tok *tok;
  mcl_markers marker;
  const motcl_limits *limits;
} mcl_reader;

/**
 * An item of the history: a text, an answer or a picture. Once its content is known it does not
 * change, and sessions share it by counting references. Not for several threads at once.
 *
 * ids        of a text or answer, between its markers; NULL while it is not known
 * count      of them; while they are not known, the most there can be
 * picture    RGB, after the autoencoder's resize rule; px is NULL while it is not known
 * width, height   of it, known from the start
 * bytes      as it came, for saving: UTF-8, a file, or pixels; NULL if that is not kept
 * drawn_width, drawn_height   of the pixels, if that is what `bytes` are
 * no_orient  how the file was read
 * expected   an output: it was put in its place before it was made
 * request    of the output that it is of, counted, if that is kept; NULL: it went in
 */
typedef struct mcl_history_item {
  motcl_part_kind kind;
  uint32_t refs;
  uint32_t *ids, count;
  mcl_image picture;
  uint32_t width, height;
  char *bytes;
  size_t size;
  uint32_t drawn_width, drawn_height;
  bool no_orient, expected;
  mcl_output_request *request;
} mcl_history_item;

/**
 * Read a part: tokenize a text, decode and resize a picture.
 *
 * out   has one reference, the caller's
 * keep  keep a copy of the bytes
 *
 * Returns MOTCL_EINVAL or MOTCL_EFORMAT for what cannot be read, MOTCL_EUNSUPPORTED for a picture
 * where the model has no eyes, MOTCL_ENOMEM.
 */
int mcl_history_read(mcl_history_item **out, const mcl_reader *r, const motcl_part *part,
                     bool no_orient, bool keep, motcl_err *err);

/** An answer of at most so many tokens that is still to be written. */
int mcl_history_expect_text(mcl_history_item **out, uint32_t tokens, motcl_err *err);

/** A picture of so many pixels that is still to be drawn. */
int mcl_history_expect_picture(mcl_history_item **out, const mcl_reader *r, uint32_t width,
                               uint32_t height, motcl_err *err);

/** The expected answer, from its tokens with the start token, and of their text the first `most` bytes
 * behind that. This is cut as the reference cuts it, and tokenized anew. */
int mcl_history_set_text(mcl_history_item *s, const mcl_reader *r, const uint32_t *ids,
                         uint32_t count, size_t most, bool keep, motcl_err *err);

/** The expected picture, from its pixels (RGB), which are taken. */
int mcl_history_set_picture(mcl_history_item *s, const mcl_reader *r, mcl_image *pixels, bool keep,
                            motcl_err *err);

/** One reference more; returns s. */
mcl_history_item *mcl_history_ref(mcl_history_item *s);

/** One reference less; the last one frees the item. NULL is fine. */
void mcl_history_unref(mcl_history_item *s);

#endif
