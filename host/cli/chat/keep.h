/* keep.h - pictures of a conversation, written to files, which also stand for them in what is
 * saved. */
#ifndef MCL_CLI_CHAT_KEEP_H
#define MCL_CLI_CHAT_KEEP_H

#include "cli/chat/chat.h"

/**
 * Write the picture that was drawn last to a file of its own, with its making in it; print its name
 * and show it.
 *
 * seed  that it was drawn by
 */
int mcl_chat_keep(mcl_chat *c, uint64_t seed, motcl_err *err);

/** Forget pictures that are not said any more. */
void mcl_chat_unkeep(mcl_chat *c);

#endif
