/* chat.c - motcl chat: a session by hand. */
#include "cli/chat/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/chat/set.h"
#include "cli/chat/transcript.h"
#include "cli/command.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/protocol.h"
#include "cli/jobs/run.h"
#include "cli/library.h"
#include "cli/print.h"

/* Ctrl-C ends what is being done, other signals the conversation. */
static int calm(mcl_chat *c, motcl_err *err) {
  if (!mcl_interrupted() || (mcl_lines_typed(c->lines) && mcl_interrupt_reset()))
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_ECANCELLED, "cancelled");
}

static void report_failure(mcl_chat *c, const motcl_err *err) {
  mcl_terminal_clear(&c->terminal);
  mcl_terminal_complain(c->env, err);
  c->failed++;
}

/* The line as plain text. A script whose first line is no text is none at all. */
static int read_line(mcl_chat *c, char *line, size_t *n, motcl_err *err) {
  bool typed = mcl_lines_typed(c->lines);
  int rc = motcl_text_plain(line, n, typed ? "the line" : "stdin", typed ? 1 : c->line, err);
  c->quit = rc != MOTCL_OK && !typed && c->line == 1;
  return rc;
}

/* What comes of a line; with --json one object, whatever it was. One that is empty is none. */
static void do_line(mcl_chat *c, char *line, size_t n) {
  motcl_err why = {0};
  mcl_outcome outcome;
  int rc = read_line(c, line, &n, &why);
  if (rc == MOTCL_OK && !n)
    return;
  if (c->drawing->outcome) {
    mcl_outcome_init(&outcome, "line", json_integer((json_int_t)c->line));
    outcome.by_line = true;
    mcl_answer_init(&c->answer);
    c->outcome = &outcome;
  }
  if (rc == MOTCL_OK)
    rc = mcl_chat_line(c, line, n, &why);
  if (c->outcome) {
    if (c->answer.failed || json_array_size(c->answer.items))
      mcl_outcome_put(&outcome, "answer", mcl_answer_items(&c->answer));
    rc = mcl_outcome_print(&outcome, rc, &why);
    mcl_answer_finish(&c->answer);
    mcl_outcome_finish(&outcome);
  }
  c->outcome = NULL;
  if (rc != MOTCL_OK)
    report_failure(c, &why);
}

/* Lines until there are no more. A line that does not work is told, and changes nothing. */
static int converse(mcl_chat *c, motcl_err *err) {
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && !c->quit) {
    char *line;
    size_t n;
    mcl_line_end end = mcl_lines_next(c->lines, &line, &n);
    if (end == MCL_LINE_LAST)
      break;
    c->line += end == MCL_LINE_WHOLE;
    if (end == MCL_LINE_WHOLE)
      do_line(c, line, n);
    fflush(stdout);
    if (ferror(stdout))
      break;
    rc = calm(c, err);
  }
  return rc;
}

/* Both kinds of settings, from the line or from the job that the conversation goes on from. */
static int settle(mcl_chat *c, motcl_job *job, motcl_err *err) {
  mcl_options *o = c->drawing;
  uint64_t seed;
  bool seeded = mcl_option_from(o, "seed") != MCL_GIVEN_NOT,
       typed = mcl_option_given(o, "negative");
  int rc = mcl_options_parse(&c->editing, true, MCL_CMD_CHAT, "chat", o->settings, o->line,
                             o->line_count, err);
  if (rc == MOTCL_OK && !o->job)
    rc = mcl_protocol_settle(o, c->env, false, err);
  if (rc == MOTCL_OK && !o->job)
    rc = mcl_protocol_settle(&c->editing, c->env, true, err);
  if (rc == MOTCL_OK && o->job) {
    rc = mcl_chat_load(c, job, err);
    seeded = seeded || !job->unseeded;
  }
  for (int i = 0; i < 2 && rc == MOTCL_OK; i++) {
    motcl_settings *s = &(i ? &c->editing : o)->request.settings;
    rc = s->negative ? mcl_chat_keep(c, &s->negative, typed, err) : MOTCL_OK;
  }
  if (rc != MOTCL_OK || seeded)
    return rc;
  rc = motcl_seed(&seed, err);
  o->request.seed = seed;
  return rc;
}

static int open_session(mcl_chat *c, motcl *m, const motcl_job *job, motcl_err *err) {
  motcl_sink sink = {.user = c, .event = mcl_chat_event};
  mcl_options *o = c->drawing;
  int rc = mcl_open_worker(&c->worker, m, c->env, o, &c->trace, err);
  if (rc == MOTCL_OK)
    rc = motcl_session_open(&c->session, c->worker, &o->request.settings, o->request.seed, &sink,
                            err);
  if (rc == MOTCL_OK && o->job)
    rc = mcl_chat_replay(c, job, err);
  return rc;
}

static void greet(mcl_chat *c) {
  const motcl_device *d = motcl_worker_device(c->worker);
  char text[160];
  if (mcl_lines_typed(c->lines))
    mcl_terminal_say(&c->terminal, false, "motcl %s on %s; /help lists the commands",
                     motcl_version(), mcl_device_text(text, d->name, d->platform));
  if (c->drawing->job)
    mcl_terminal_say(&c->terminal, false, "%zu parts were said before", c->parts);
}

static int finish(mcl_chat *c, int rc, motcl_err *err) {
  mcl_terminal_clear(&c->terminal);
  mcl_lines_close(c->lines);
  motcl_session_close(c->session);
  rc = mcl_close_worker(c->worker, &c->trace, rc, err);
  c->parts = 0;
  mcl_chat_drop_pictures(c);
  for (size_t i = 0; i < c->keeps; i++)
    free(c->kept[i]);
  free((void *)c->kept);
  free(c->picture);
  free(c->turn);
  free(c->rgb);
  mcl_options_finish(&c->editing);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_chat c = {.env = env, .drawing = o};
  motcl_job job = {0};
  motcl *m = NULL;
  mcl_terminal_init(&c.terminal, env, o);
  int rc = settle(&c, &job, err);
  if (rc == MOTCL_OK)
    rc = mcl_library_open_devices(&m, env, &c.terminal, err);
  if (rc == MOTCL_OK)
    rc = open_session(&c, m, &job, err);
  if (rc == MOTCL_OK)
    rc = mcl_lines_open(&c.lines, env, !o->quiet, o->outcome != NULL, err);
  mcl_interrupt_target(NULL);
  if (rc == MOTCL_OK) {
    mcl_model_tell(&c.terminal, env, o);
    greet(&c);
    rc = converse(&c, err);
    if (rc == MOTCL_OK && c.failed && !mcl_lines_typed(c.lines))
      rc = motcl_fail(err, MOTCL_EIO, "%zu of the commands did not work", c.failed);
  }
  rc = finish(&c, rc, err);
  motcl_close(m);
  motcl_job_finish(&job);
  return rc;
}

const mcl_command mcl_command_chat = {
    .name = "chat",
    .words = "",
    .about = "a conversation in texts and pictures",
    .notes = "Each line is a text to be answered, or a command that begins with a slash; /help\n"
             "lists them. What was answered and drawn counts for what comes after it. On a\n"
             "terminal lines can be edited and are remembered, and the Tab key completes\n"
             "commands, options, what they take, and files. Ctrl-C ends what is being done and\n"
             "leaves the conversation as it was before, Ctrl-D leaves. Lines may come from a\n"
             "script, too. Pictures go to motcl-SEED-N.png. /save stores the conversation as\n"
             "a job: --job goes on from it, and 'motcl run --job' gives all its answers and\n"
             "pictures again. Names of files may have quotes and backslashes as in a shell,\n"
             "and ~ for your own folder.",
    .bit = MCL_CMD_CHAT,
    .takes = MCL_CMD_CHAT,
    .least = 0,
    .most = 0,
    .run = run,
    .examples = {{"motcl chat", "begin a conversation", false},
                 {"printf '/image star.png\\n/edit make the star green\\n' | motcl chat",
                  "a script", false},
                 {"motcl chat --job talk.pb --think", "go on from one that was saved, thinking",
                  false}},
};
