/* help.h - help texts made from the option table. */
#ifndef MCL_CLI_OPTIONS_HELP_H
#define MCL_CLI_OPTIONS_HELP_H

#include <stdio.h>

#include "cli/options/options.h"

/** Print the options of `commands` by sections; `all`: those for tests too. */
void mcl_help_options(FILE *f, unsigned commands, bool all);

/** The heading of a section. */
const char *mcl_help_heading(mcl_option_section section);

#endif
