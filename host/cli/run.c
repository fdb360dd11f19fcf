/* run.c - motcl run: texts and pictures in any order become pictures and texts. */
#include "cli/command.h"
#include "cli/jobs/work.h"

static int fill(mcl_options *o, motcl_err *err) {
  if (o->job || o->like)
    return MOTCL_OK;
  if (!o->wants)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "run: say what is wanted: --draw for a picture, --write for a text, or several "
        "of them in order");
  if (!o->typed_count)
    return motcl_fail(err, MOTCL_EINVAL, "run: give parts: -t TEXT and -i PICTURE, in order");
  o->request.output = o->wanted;
  o->request.outputs = o->wants;
  return MOTCL_OK;
}

const mcl_command mcl_command_run = {
    .name = "run",
    .words = "-t TEXT | -i PICTURE ... --draw | --write ...",
    .about = "pictures and texts from texts and pictures in any order",
    .notes = "Defaults are those of draw, or of edit if a picture goes in and one is wanted.\n"
             "Several answers are made in order: each sees those before it, and its seed is\n"
             "larger by one.\n"
             "With --job FILE.pb, a job that --save-job stored is run instead.\n"
             "With --like FILE, a picture that motcl drew is drawn again: its prompt, seed and\n"
             "settings are in the file, and other options change them. Pictures that it was\n"
             "drawn from are not: they are given again with -i, in order.",
    .bit = MCL_CMD_RUN,
    .takes = MCL_CMD_RUN,
    .least = 0,
    .most = 0,
    .fill = fill,
    .run = mcl_work,
    .examples = {{"motcl run -t 'a chair' -i chair.png -t 'in this room:' -i "
                  "room.jpg --draw",
                  "texts and pictures, in this order, become a picture"},
                 {"motcl run -i one.jpg -i two.jpg -t 'What has changed?' --write", "or a text"},
                 {"motcl run -t 'A story with a picture.' --write --draw --write",
                  "a text, a picture and a text, each in the light of the ones before"},
                 {"motcl run --job fox.pb -d cpu",
                  "run what another command stored with --save-job"},
                 {"motcl run --like fox.png --seed 8",
                  "a picture's prompt and settings, another seed"}},
};
