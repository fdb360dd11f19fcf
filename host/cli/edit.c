/* edit.c - motcl edit: pictures and a text become a picture. */
#include "cli/command.h"
#include "cli/jobs/run.h"

static int fill(mcl_options *o, motcl_err *err) {
  return mcl_typed_from_words(&mcl_command_edit, o, MOTCL_OUTPUT_PICTURE, err);
}

const mcl_command mcl_command_edit = {
    .name = "edit",
    .words = "PICTURE... INSTRUCTION",
    .missing = "the instruction",
    .about = "a picture from pictures and a text",
    .notes = "The picture keeps the size of the last one given, and goes to a file, whose name\n"
             "is printed. A PICTURE or the INSTRUCTION may be -, which is "
             "stdin.\n" MCL_PROMPTS_NOTES_PICTURE
             "\n\"picture\", a file or a list of files, takes the place of PICTURE.",
    .bit = MCL_CMD_EDIT,
    .takes = MCL_CMD_EDIT,
    .least = 2,
    .most = 1000,
    .fill = fill,
    .run = mcl_run_job,
    .examples = {{"motcl edit star.png 'make the star green' -o green.png",
                  "edit a picture of the small model's world", false},
                 {"motcl edit star.png --prompts edits.jsonl -o edit-%n.png",
                  "edit it by each line of a file", false},
                 {"motcl edit photo.jpg 'make it evening' -o evening.jpg", "edit a photograph",
                  true},
                 {"motcl edit chair.png room.jpg 'put the chair into the room'",
                  "take something from one picture into another", true}},
};
