/* word.h - names and values with quotes, as a shell's line has them. */
#ifndef MCL_CLI_WORD_H
#define MCL_CLI_WORD_H

#include "motcl.h"

/**
 * Take quotes and backslashes out of a name, in place, as a shell does: 'as it is', "with \" and \\",
 * $'caf\351.png', a\ b. Blanks outside of quotes are part of the name: it is the only one in its line.
 *
 * Between $' and ' these are understood: \a \b \e \E \f \n \r \t \v \\ \' \" \?, and a byte as \x41 or \101.
 *
 * Returns MOTCL_EINVAL for a quote that nothing ends, and for an escape that is not understood or makes
 * a NUL or more than a byte.
 */
int mcl_unquote(char *name, motcl_err *err);

/** As mcl_unquote, of the rest of a line of a file: what a # begins outside of quotes, at the beginning or
 * behind a blank, is a comment, and blanks outside of quotes at the end are dropped. */
int mcl_unquote_line(char *rest, motcl_err *err);

/** As mcl_unquote, of a name that is not whole yet: `quote` gets the one that is open at its end, ', " or $, or
 * 0. False for an escape that is not understood. */
bool mcl_unquote_begun(char *name, char *quote);

/** Whether a word, with its quotes, begins with the user's folder: ~ alone, or ~ and a slash. */
bool mcl_begins_at_home(const char *word);

/** A copy, to be freed with free, of such a word without its quotes, with `home` for the ~; MOTCL_EINVAL if
 * there is none. */
int mcl_home_name(char **out, const char *name, const char *home, motcl_err *err);

#endif
