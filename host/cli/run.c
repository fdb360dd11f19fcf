/* run.c - motcl run: texts and pictures in any order become pictures and texts. */
#include "cli/command.h"
#include "cli/jobs/run.h"

static int fill(mcl_options *o, motcl_err *err) {
  if (o->job || o->like)
    return MOTCL_OK;
  if (!o->wants)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "run: say what is wanted: --draw for a picture, --write for a text, or several "
        "of them in order; or --until-done");
  if (o->typed[0].kind == MOTCL_ITEM_OUTPUT)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "run: say something first: -t TEXT and -i PICTURE, in order, before the first "
        "--draw or --write");
  return MOTCL_OK;
}

const mcl_command mcl_command_run = {
    .name = "run",
    .words = "-t TEXT | -i PICTURE | --draw | --write ...",
    .about = "pictures and texts from texts and pictures in any order",
    .notes = "What is said and what is wanted is done in the order in which it is typed. Each\n"
             "answer, --draw or --write, answers all that stands before it, earlier answers\n"
             "too; what stands behind it is said after it.\n"
             "An option that says how to draw or write holds for all answers. But where there\n"
             "are several, one that stands behind an answer, before the next -t, -i, --system,\n"
             "or answer, is for that answer alone. An answer's seed, unless it has one of its\n"
             "own, is larger by one for each answer before it.\n"
             "With --until-done, texts and pictures answer by turns, until the model asks for\n"
             "no further picture, as its protocol has it, or --max-pictures were drawn.\n"
             "Defaults are those of draw, or of edit if a picture goes in and one is wanted.\n"
             "With --job FILE.pb, a job that --save-job stored is run instead. Options that\n"
             "say how to draw or write change it: they hold for all its answers, in place of\n"
             "what an answer has of its own too, and --seed is that of the first answer.\n"
             "With --save-job the job is stored so changed.\n"
             "With --like FILE, a picture that motcl drew is drawn again: its prompt, seed and\n"
             "settings are in the file, and other options change them. Pictures that it was\n"
             "drawn from are not: they are given again with -i, in order. The model is taken\n"
             "as ever, and if another one drew the picture, that is said.",
    .bit = MCL_CMD_RUN,
    .takes = MCL_CMD_RUN,
    .least = 0,
    .most = 0,
    .fill = fill,
    .run = mcl_run_job,
    .examples = {{"motcl run -t 'a red star on white' --draw -t 'make the star green' --draw",
                  "a picture, and another by what is said after it", false},
                 {"motcl run --job star.pb --seed 8",
                  "run what another command stored with --save-job, from another seed", false},
                 {"motcl run --like star.png --seed 8",
                  "a picture's prompt and settings, another seed", false},
                 {"motcl run -t 'a chair' -i chair.png -t 'in this room:' -i room.jpg --draw",
                  "texts and pictures, in this order, become a picture", true},
                 {"motcl run -i one.jpg -i two.jpg -t 'What has changed?' --write", "or a text",
                  true}},
};
