/* interrupt.h - Ctrl-C and its like: the first asks the work to end, the second ends the program.
 */
#ifndef MCL_CLI_JOBS_INTERRUPT_H
#define MCL_CLI_JOBS_INTERRUPT_H

#include <termios.h>

#include "motcl.h"

/** Catch SIGINT and SIGTERM, and SIGHUP where it is not ignored; ignore SIGPIPE and SIGXFSZ, so
 * that writes fail instead. */
void mcl_interrupt_catch(void);

/** Whether one of them came. */
bool mcl_interrupted(void);

/** Wait until `fd` can be read, or has ended; false if one of them came. */
bool mcl_interrupt_await(int fd);

/** If it was SIGINT, catch it once more as if it had not come; false, nothing done, for others. */
bool mcl_interrupt_reset(void);

/** Whether the program ends within a second after the first of them, whatever it is at: for what
 * cannot be called off and leaves nothing half done, such as a compiler at work. */
void mcl_interrupt_at_once(bool on);

/** What is written to stdout when it ends so; borrowed. NULL: nothing. */
void mcl_interrupt_farewell(const char *text);

/** Settings that the terminal of stdin gets back when the second of them ends the program. NULL: none,
 * it has them. */
void mcl_interrupt_terminal(const struct termios *usual);

/** Give it those, where something else ends the program. Signal handlers may. */
void mcl_interrupt_restore_terminal(void);

/** Let them cancel that worker; NULL, before it is closed: none. */
void mcl_interrupt_target(motcl_worker *w);

enum { MCL_INTERRUPT_TASKS = 16 };

/** Let them cancel that task too, in a place below MCL_INTERRUPT_TASKS; NULL, before it is closed: none. */
void mcl_interrupt_task(size_t place, motcl_task *t);

#endif
