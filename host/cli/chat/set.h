/* set.h - options of the command, changed in a conversation. */
#ifndef MCL_CLI_CHAT_SET_H
#define MCL_CLI_CHAT_SET_H

#include "cli/chat/chat.h"

/** Set an option by name, with or without its hyphens; flags take on and off, "default" is any
 * option's default. An empty value prints what it is. MOTCL_EINVAL says what it takes. */
int mcl_chat_set(mcl_chat *c, const char *name, const char *value, motcl_err *err);

/** Let a setting's text be a copy that outlives the line it came in, made plain. */
int mcl_chat_keep(mcl_chat *c, const char **value, motcl_err *err);

/** Print the options that can be set, what they are, and their explanations. */
int mcl_chat_settings(mcl_chat *c);

#endif
