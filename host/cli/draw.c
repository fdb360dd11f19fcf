/* draw.c - motcl draw: a text becomes a picture. */
#include "cli/command.h"
#include "cli/jobs/run.h"

static int fill(mcl_options *o, motcl_err *err) {
  return mcl_typed_from_words(&mcl_command_draw, o, MOTCL_OUTPUT_PICTURE, err);
}

const mcl_command mcl_command_draw = {
    .name = "draw",
    .words = "PROMPT",
    .missing = "the prompt",
    .about = "a picture from a text",
    .notes = "The picture goes to a file, whose name is printed. A PROMPT of - is read from\n"
             "stdin.\n" MCL_PROMPTS_NOTES_PICTURE,
    .bit = MCL_CMD_DRAW,
    .takes = MCL_CMD_DRAW,
    .least = 1,
    .most = 1,
    .fill = fill,
    .run = mcl_run_job,
    .examples = {{"motcl draw 'a big red star at the top on white' --seed 7 -o star.png",
                  "draw with the small model, the same picture each time", false},
                 {"motcl draw 'a small cyan circle on gray' -n 4 -o circle-%n.jpg",
                  "draw four, as circle-1.jpg to circle-4.jpg", false},
                 {"motcl draw --prompts stars.txt --seed 1 -o star-%n.png",
                  "draw each line of a file", false},
                 {"motcl draw 'a red fox in the snow' --size 768x1024",
                  "draw a picture of that size", true},
                 {"motcl draw - --think --memory 8G <prompt.txt",
                  "draw what a file says, reasoned about first, within 8 GiB of device memory",
                  true}},
};
