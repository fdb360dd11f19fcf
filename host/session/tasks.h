/* tasks.h - the kinds of task a request is made of. Private to session/. */
#ifndef MCL_SESSION_TASKS_H
#define MCL_SESSION_TASKS_H

#include "image/pixels.h"
#include "session/session.h"

/** Where a text goes. */
typedef enum mcl_text_use {
  MCL_TEXT_SYSTEM, /* main and image-dropped; the text-dropped context keeps what it has */
  MCL_TEXT_USER,   /* the same, after the text-dropped context was set to what main is */
  MCL_TEXT_LAST,   /* the same, and the request's negative text goes into text-dropped */
  MCL_TEXT_THOUGHT /* main alone */
} mcl_text_use;

/**
 * Prefill a text segment.
 *
 * out    owned by the caller until mcl_session_add
 * text   n bytes of UTF-8, copied
 */
int mcl_task_text(mcl_task **out, mcl_session *s, const char *text, size_t n, mcl_text_use use,
                  mcl_session_need *need, motcl_err *err);

/**
 * Take a picture in: as latents and vision tokens when a picture is drawn, else as vision tokens.
 *
 * picture  RGB, after the autoencoder's resize rule; moved on success
 */
int mcl_task_look(mcl_task **out, mcl_session *s, mcl_image *picture, mcl_session_need *need,
                  motcl_err *err);

/** Decode text on a copy of main: an answer, or a thought that goes into main when it is done. */
int mcl_task_write(mcl_task **out, mcl_session *s, bool thought, mcl_session_need *need,
                   motcl_err *err);

/** Draw a picture of width x height pixels and give it out. */
int mcl_task_draw(mcl_task **out, mcl_session *s, uint32_t width, uint32_t height,
                  mcl_session_need *need, motcl_err *err);

/* Counting needs. A pass takes at most MCL_TEXT_ROWS text rows of a session, unless the request
 * says less. */
#define MCL_TEXT_ROWS 512u
void mcl_need_pass(mcl_session_need *need, const mcl_decoder_size *pass, uint32_t segments);

#endif
