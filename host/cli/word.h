/* word.h - the name of a file as a shell's line has it. */
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

#endif
