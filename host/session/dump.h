/* dump.h - arrays of a session in the reference's shapes and names. Private to session/. */
#ifndef MCL_SESSION_DUMP_H
#define MCL_SESSION_DUMP_H

#include "session/session.h"

/** [1, channels, height, width] from src f32[height * width, channels]. */
int mcl_dump_planar(const mcl_session *s, const char *name, const float *src, uint32_t height,
                    uint32_t width, uint32_t channels, motcl_err *err);

/**
 * A context's keys and values of one layer, each f32[keys, kv_heads, head]; nothing if the context
 * is empty.
 *
 * who  "main", "text", "img": named kv_<who>_k<layer>, kv_<who>_v<layer>;
 *      NULL: k_<layer>, v_<layer>
 */
int mcl_dump_keys(const mcl_session *s, const mcl_sequence *c, const char *who, uint32_t layer,
                  motcl_err *err);

/**
 * The decoder's hidden rows of vision tokens between their two markers, f32[2 + tokens, hidden]:
 * picture_<i>/embed what enters the first layer, picture_<i>/layer_<k> what leaves each,
 * picture_<i>/normed what leaves the last norm. The engine must have been planned with layers.
 *
 * b, p  the pass, whose results are still there, and its segment
 */
int mcl_dump_seen(const mcl_session *s, const mcl_batch *b, const mcl_batch_segment *p,
                  motcl_err *err);

#endif
