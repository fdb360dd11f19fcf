/* ready.h - kernels got ready before the work: what launches will need is noted, then made piece by
 * piece, so that whoever waits can be told how far it is and can stop it.
 *
 * A piece is a program, or on a platform that compiles kernels at their first launch (mcl_cl_caps)
 * a kernel for groups of one shape. Such a kernel is launched once, idly: every number is 1 and
 * every buffer is a few zeros that belong to nobody (kernels/README.md). A grid so wide that it
 * gets a kernel of its own is left to its first launch. */
#ifndef MCL_CL_READY_H
#define MCL_CL_READY_H

#include "cl/launch.h"

/** From now on, until it is ended, mcl_cl_launch notes what it would need and runs nothing. Buffers
 * and numbers of launches are then of no account, the grid but for its width. */
static inline void mcl_cl_note(mcl_cl *cl, bool on) {
  cl->noting = on;
}

/** For mcl_cl_launch. MOTCL_ENOMEM. */
int mcl_cl_note_launch(mcl_cl *cl, const mcl_launch *launch, motcl_err *err);

/** Pieces that were noted and are not made yet. */
size_t mcl_cl_unready(const mcl_cl *cl);

/**
 * Make a piece; nothing happens where there is none. Programs come first, then kernels.
 *
 * from  where among the pieces to look for a kernel first, 0 to below 1; then on from there, and
 *       around. Processes that begin at different places find what others have made in the
 *       platform's cache
 *
 * Returns what mcl_cl_launch returns; the piece is then left out, as its launch will say the same.
 */
int mcl_cl_make_ready(mcl_cl *cl, double from, motcl_err *err);

/** For mcl_cl_close. */
void mcl_cl_pieces_destroy(mcl_cl *cl);

#endif
