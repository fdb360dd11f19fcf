/* ask.c - motcl ask: pictures and a text, or a text alone, are answered by a text. */
#include "cli/command.h"
#include "cli/jobs/run.h"

static int fill(mcl_options *o, motcl_err *err) {
  return mcl_typed_from_words(&mcl_command_ask, o, MOTCL_OUTPUT_TEXT, err);
}

const mcl_command mcl_command_ask = {
    .name = "ask",
    .words = "[PICTURE...] QUESTION",
    .missing = "the question",
    .about = "a text from a text, or from pictures and a text",
    .notes = "The answer is printed as it is written. A PICTURE or the QUESTION may be -,\n"
             "which is stdin.\n" MCL_PROMPTS_NOTES
             "\"picture\", a file or a list of files, takes the place of PICTURE. Answers are\n"
             "printed in the order of the lines.",
    .bit = MCL_CMD_ASK,
    .takes = MCL_CMD_ASK,
    .least = 1,
    .most = 1000,
    .fill = fill,
    .run = mcl_run_job,
    .examples = {{"motcl ask star.png 'what colour is the star?'", "ask about a picture", false},
                 {"motcl ask photo.jpg 'What is on the table?'", "ask about a photograph", true},
                 {"motcl ask 'Why is the sky blue?' --think --temperature 0.7 --seed 1",
                  "ask without a picture, with chosen words and the reasoning on standard error",
                  true}},
};
