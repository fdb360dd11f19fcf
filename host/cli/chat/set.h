/* set.h - options of the command, changed in a conversation. */
#ifndef MCL_CLI_CHAT_SET_H
#define MCL_CLI_CHAT_SET_H

#include "cli/chat/chat.h"

/** Set an option by name, with or without its hyphens; flags take on and off, "default" is any
 * option's default. An empty value prints what it is. MOTCL_EINVAL says what it takes. */
int mcl_chat_set(mcl_chat *c, const char *name, const char *value, motcl_err *err);

/** Whether /set has an option, and the one of that name, or NULL. */
bool mcl_chat_can_set(const mcl_option *row);
const mcl_option *mcl_chat_find_option(const char *name);

/** Let a setting's text be a copy that outlives the line or the job it came in; one that was `typed` is
 * made plain, a job's stays what it is to the byte. */
int mcl_chat_keep(mcl_chat *c, const char **value, bool typed, motcl_err *err);

/** Print the options that can be set, what they are, and their explanations. */
int mcl_chat_settings(mcl_chat *c);

#endif
