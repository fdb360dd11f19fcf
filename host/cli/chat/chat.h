/* chat.h - a conversation: a session by hand, and what the command keeps beside it. */
#ifndef MCL_CLI_CHAT_CHAT_H
#define MCL_CLI_CHAT_CHAT_H

#include "cli/chat/lines.h"
#include "cli/jobs/progress.h"
#include "cli/jobs/run.h"
#include "cli/jobs/rates.h"
#include "cli/jobs/speech.h"
#include "cli/options/options.h"

/** A picture that was drawn: which of the parts said it is, and its file as it was written. */
typedef struct mcl_chat_picture {
  size_t part, size;
  uint8_t *file;
} mcl_chat_picture;

/** A command that did something: how many calls of the session stand behind it, which are taken
 * back together, and how many parts had been said before. */
typedef struct mcl_chat_turn {
  size_t calls, parts;
} mcl_chat_turn;

/**
 * A conversation.
 *
 * drawing, editing   settings of the two, both changed by /set; drawing are the command's
 * kept     [keeps] texts that settings point to
 * parts    said so far
 * turn     [turns] commands that did something; `calls` of the one at work
 * picture  [pictures] in the order of their parts
 * rgb      the last one given out by the session, of width x height; NULL: none yet
 * speech   words of the answer at work; rates: how fast it comes
 * progress of it
 * outcome  with --json: what the line at work is answered with, and `answer` what comes of it; else
 *          NULL
 * line     its number, from 1
 * rc       a failure of ours inside a callback, with `err`; the work is then cancelled
 * failed   commands that did not work
 */
typedef struct mcl_chat {
  const mcl_env *env;
  mcl_options *drawing, editing;
  mcl_terminal terminal;
  mcl_lines *lines;
  motcl_worker *worker;
  mcl_trace_file trace;
  motcl_session *session;
  char **kept;
  size_t keeps, kept_cap;
  size_t parts;
  mcl_chat_turn *turn;
  size_t turns, turn_cap, calls;
  mcl_chat_picture *picture;
  size_t pictures, picture_cap;
  uint8_t *rgb;
  uint32_t width, height;
  mcl_speech speech;
  mcl_rates rates;
  mcl_progress progress;
  mcl_outcome *outcome;
  mcl_answer answer;
  size_t line;
  bool quit;
  int rc;
  motcl_err err;
  size_t failed;
} mcl_chat;

/** For the session's sink: `user` is a mcl_chat. */
void mcl_chat_event(void *user, const motcl_event *e);

/** Say a text, of the user's or a system text, or show a picture's file. */
int mcl_chat_say(mcl_chat *c, motcl_part_kind kind, const char *text, size_t n, motcl_err *err);
int mcl_chat_show(mcl_chat *c, const char *file, motcl_err *err);

/** Let an answer be written, or a picture drawn by these settings and written to a file. */
int mcl_chat_write(mcl_chat *c, motcl_err *err);
int mcl_chat_draw(mcl_chat *c, const mcl_options *by, motcl_err *err);

/** Take the calls of the command at work back. */
void mcl_chat_undo_calls(mcl_chat *c);

/** Take back what the last command did that did anything; MOTCL_EINVAL if there is none. */
int mcl_chat_undo(mcl_chat *c, motcl_err *err);

/** Store the conversation as a job. */
int mcl_chat_save(mcl_chat *c, const char *file, motcl_err *err);

/**
 * Read the job that the conversation is to go on from: its settings come under those of the line,
 * its seed too.
 *
 * job  the caller finishes it, after it was told to the session
 */
int mcl_chat_load(mcl_chat *c, motcl_job *job, motcl_err *err);

/** Tell a new session what a job says, what came of its outputs too; MOTCL_EINVAL where it says
 * something after an output that nothing came of. */
int mcl_chat_replay(mcl_chat *c, const motcl_job *job, motcl_err *err);

/** A list of what there is: names, what each takes, and what it is for. Zeroed but for the outcome,
 * which gets it; NULL: it is printed. */
typedef struct mcl_chat_list {
  mcl_outcome *outcome;
  json_t *all;
} mcl_chat_list;
void mcl_chat_list_add(mcl_chat_list *list, const char *name, const char *takes, const char *value,
                       const char *about);
void mcl_chat_list_end(mcl_chat_list *list, const char *key);

/** The commands of a conversation in their order, with their slashes; what the one of that name
 * takes, for help texts, "" for nothing and for what is no command. */
extern const size_t mcl_chat_commands;
const char *mcl_chat_command(size_t i);
const char *mcl_chat_takes(const char *name);

/** Do what a line says: a command, if it begins with a slash, else a text to answer. */
int mcl_chat_line(mcl_chat *c, char *line, size_t n, motcl_err *err);

#endif
