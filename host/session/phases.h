/* phases.h - the kinds of phase that an output is made in. Private to session/. */
#ifndef MCL_SESSION_PHASES_H
#define MCL_SESSION_PHASES_H

#include "image/pixels.h"
#include "session/session.h"

/** Where a text goes, of the contexts that an output has. */
typedef enum mcl_text_use {
  MCL_TEXT_SYSTEM,  /* cond and image_uncond; the text_uncond context keeps what it has */
  MCL_TEXT_USER,    /* the same, after the text_uncond context was set to what cond is */
  MCL_TEXT_ANSWER,  /* cond alone */
  MCL_TEXT_NEGATIVE /* a copy of text_uncond, the session's `negative` */
} mcl_text_use;

/**
 * Begin an output: its generators start from its seed.
 *
 * fresh  empty its contexts first
 */
int mcl_phase_begin(mcl_phase **out, mcl_session *s, motcl_output output, uint64_t seed, bool fresh,
                    motcl_err *err);

/** Let the session be done here, and its sink hear so, unless a text, which is by then known, asks for a
 * picture by the session's protocol. item: held */
int mcl_phase_gate(mcl_phase **out, mcl_session *s, mcl_history_item *item, motcl_err *err);

/**
 * Prefill a text segment.
 *
 * out   owned by the caller until mcl_session_append
 * item  a text or an answer, by then known; held
 */
int mcl_phase_prefill(mcl_phase **out, mcl_session *s, motcl_output output, mcl_history_item *item,
                      mcl_text_use use, mcl_footprint *footprint, motcl_err *err);

/**
 * Prefill a picture: as latents and vision tokens to draw from, as vision tokens to write from.
 *
 * item  by then known; held
 */
int mcl_phase_image_prefill(mcl_phase **out, mcl_session *s, motcl_output output,
                            mcl_history_item *item, mcl_footprint *footprint, motcl_err *err);

/**
 * Decode text on a copy of cond: an answer, or a thought before a picture.
 *
 * item  filled in with the text, held; NULL: nobody asks for it
 * keep  keep its bytes too
 */
int mcl_phase_decode(mcl_phase **out, mcl_session *s, bool thought, mcl_history_item *item,
                     bool keep, mcl_footprint *footprint, motcl_err *err);

/**
 * Denoise a picture of width x height pixels, decode it and give it out.
 *
 * negative  the session's `negative` stands for the text_uncond context, and is dropped after
 * item      as above
 */
int mcl_phase_denoise(mcl_phase **out, mcl_session *s, uint32_t width, uint32_t height,
                      bool negative, mcl_history_item *item, bool keep, mcl_footprint *footprint,
                      motcl_err *err);

/* A pass takes at most MCL_TEXT_ROWS text rows of a session, unless the
 * settings say less. */
#define MCL_TEXT_ROWS 512u

/* Positions that a text takes beside its tokens: its two markers', and that of what may be drawn
 * after it. */
#define MCL_BESIDE_TEXT 3u

#endif
