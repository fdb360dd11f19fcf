/* transcript.h - pictures of a conversation, written to files, which also stand for them in what is
 * saved. */
#ifndef MCL_CLI_CHAT_TRANSCRIPT_H
#define MCL_CLI_CHAT_TRANSCRIPT_H

#include "cli/chat/chat.h"

/**
 * Write the picture that was drawn last to a file of its own, with its making in it; print its name
 * and show it.
 *
 * seed  that it was drawn by
 */
int mcl_chat_write_picture(mcl_chat *c, uint64_t seed, motcl_err *err);

/** The size of the last picture that was shown or drawn; false if there is none. */
bool mcl_chat_last_size(mcl_chat *c, uint32_t *width, uint32_t *height);

/** Drop pictures that are not in the conversation any more. */
void mcl_chat_drop_pictures(mcl_chat *c);

#endif
