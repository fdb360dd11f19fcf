/* table.c - every option of every command, once. */
#include <stddef.h>
#include <string.h>

#include "cli/options/options.h"

#define AT(member) offsetof(mcl_options, member)
#define DRAWING MCL_CMD_DRAWING
#define JOBS MCL_CMD_JOBS
#define EACH (MCL_CMD_DRAW | MCL_CMD_EDIT | MCL_CMD_ASK)
#define PICTURES (MCL_CMD_DRAWING | MCL_CMD_CHAT)
#define WORK (MCL_CMD_JOBS | MCL_CMD_CHAT)
#define SUBMIT MCL_CMD_SUBMIT
#define GIVEN (MCL_CMD_SUBMIT | MCL_CMD_WAIT | MCL_CMD_FETCH)
#define SUBMITTED (MCL_CMD_SUBMIT | MCL_CMD_SUBMITTED)
#define HUGE_NUMBER 4294967295.0

const mcl_option mcl_option_table[] = {
    {"text", 't', "TEXT", NULL, "say this text; - reads it from stdin", MCL_CMD_RUN | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_PART_TEXT, 0, 0, 0},
    {"picture", 'i', "FILE", NULL, "show this picture; - reads it from stdin", MCL_CMD_RUN | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_PART_PICTURE, 0, 0, 0},
    {"system", 0, "TEXT", NULL,
     "a text that is nobody's turn but holds from here on; - reads it from stdin", JOBS | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_PART_SYSTEM, 0, 0, 0},
    {"draw", 0, NULL, NULL, "answer what stands before with a picture", MCL_CMD_RUN | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_DRAW, 0, 0, 0},
    {"write", 0, NULL, NULL, "answer what stands before with a text", MCL_CMD_RUN | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_WRITE, 0, 0, 0},
    {"until-done", 0, NULL, NULL,
     "answer with texts and pictures by turns, as the model asks for them; stands last",
     MCL_CMD_RUN | SUBMIT, MCL_SECTION_PARTS, MCL_OPT_UNTIL_DONE, 0, 0, 0},
    {"max-pictures", 0, "N", "3", "most pictures of --until-done", MCL_CMD_RUN | SUBMIT,
     MCL_SECTION_PARTS, MCL_OPT_U32, AT(max_pictures), 1, 7},
    {"job", 0, "FILE.pb", NULL,
     "do what this stored job asks, or chat on from it; - reads it from stdin",
     MCL_CMD_RUN | MCL_CMD_CHAT | SUBMIT, MCL_SECTION_PARTS, MCL_OPT_TEXT, AT(job), 0, 0},
    {"like", 0, "FILE", NULL,
     "draw this picture again, by what it says of its making; - reads it from stdin",
     MCL_CMD_RUN | SUBMIT, MCL_SECTION_PARTS, MCL_OPT_TEXT, AT(like), 0, 0},
    {"prompts", 0, "FILE.txt|jsonl", NULL,
     "do each line of this file, a text or a JSON object with options; - reads stdin", EACH,
     MCL_SECTION_PARTS, MCL_OPT_TEXT, AT(prompts), 0, 0},

    {"size", 's', "WxH", "the picture's own, or the model's",
     "width and height of the picture, in pixels", PICTURES | SUBMIT, MCL_SECTION_PICTURE,
     MCL_OPT_SIZE, 0, 1, 65536},
    {"count", 'n', "COUNT", "1", "draw this many pictures, of seeds N, N+1, ...", DRAWING | SUBMIT,
     MCL_SECTION_PICTURE, MCL_OPT_U32, AT(count), 1, 100000},
    {"timesteps", 0, "N", "50", "points of the time grid; N-1 steps are taken", PICTURES | SUBMIT,
     MCL_SECTION_PICTURE, MCL_OPT_U32, AT(request.settings.timesteps), 2, 10000},
    {"shift", 0, "X", "3", "bend of the time grid; more stays longer with the noise",
     PICTURES | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_F64, AT(request.settings.shift), 0.001, 1000},
    {"cfg-text", 0, "X", "4", "how strongly the text guides; 1 is not at all", PICTURES | SUBMIT,
     MCL_SECTION_PICTURE, MCL_OPT_F64, AT(request.settings.guidance.text_scale), 0, 1000},
    {"cfg-image", 0, "X", "1; edit: 2", "how strongly the pictures guide; 1 is not at all",
     PICTURES | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_F64, AT(request.settings.guidance.image_scale),
     0, 1000},
    {"cfg-interval", 0, "LO:HI", "0.4:1; edit: 0:1", "times between which there is guidance",
     PICTURES | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_INTERVAL, 0, 0, 1},
    {"cfg-renorm", 0, "global|channel|text-channel|none", "global; edit: text-channel",
     "norm that guidance keeps", PICTURES | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_RENORM, 0, 0, 0},
    {"cfg-renorm-min", 0, "X", "0", "least factor of that norm; 1 switches it off",
     PICTURES | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_F64, AT(request.settings.guidance.renorm_min),
     0, 1},
    {"negative", 0, "TEXT", NULL, "guide away from this text", PICTURES | SUBMIT,
     MCL_SECTION_PICTURE, MCL_OPT_TEXT, AT(request.settings.negative), 0, 0},
    {"noise", 0, "FILE.npy", NULL, "start from this noise, float32 [tokens, channels]",
     DRAWING | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_TEXT, AT(noise), 0, 0},
    {"vae-sample", 0, NULL, NULL, "sample an input picture's latent instead of taking its mean",
     MCL_CMD_EDIT | MCL_CMD_RUN | MCL_CMD_CHAT | SUBMIT, MCL_SECTION_PICTURE, MCL_OPT_FLAG,
     AT(request.settings.vae_sample), 0, 0},
    {"no-auto-orient", 0, NULL, NULL, "leave pictures lying as they are stored, whatever EXIF says",
     MCL_CMD_EDIT | MCL_CMD_ASK | MCL_CMD_RUN | MCL_CMD_CHAT | SUBMIT, MCL_SECTION_PICTURE,
     MCL_OPT_FLAG, AT(request.settings.no_orient), 0, 0},

    {"think", 0, NULL, NULL, "reason in words first", WORK | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_FLAG,
     AT(request.settings.think), 0, 0},
    {"max-think-tokens", 0, "N", "1000", "most tokens of the reasoning before a picture",
     PICTURES | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_U32, AT(request.settings.max_think), 1, 1048576},
    {"max-tokens", 0, "N", "512", "most tokens of an answer",
     MCL_CMD_WRITING | MCL_CMD_CHAT | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_U32,
     AT(request.settings.max_tokens), 1, 1048576},
    {"temperature", 0, "T", "0", "0 takes the likeliest token, more draws among all", WORK | SUBMIT,
     MCL_SECTION_TEXT, MCL_OPT_F64, AT(request.settings.temperature), 0, 1000},
    {"top-k", 0, "N", "0", "draw among the likeliest N tokens only; 0 is all", WORK | SUBMIT,
     MCL_SECTION_TEXT, MCL_OPT_U32, AT(request.settings.top_k), 0, HUGE_NUMBER},
    {"top-p", 0, "P", "0", "draw among the likeliest that have this share together; 0 is all",
     WORK | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_F64, AT(request.settings.top_p), 0, 1},
    {"min-p", 0, "P", "0", "draw among those at least this share as likely as the likeliest",
     WORK | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_F64, AT(request.settings.min_p), 0, 1},
    {"repeat-penalty", 0, "X", "0",
     "above 1, tokens are less likely to come again within 64; 0 is none", WORK | SUBMIT,
     MCL_SECTION_TEXT, MCL_OPT_F64, AT(request.settings.repeat_penalty), 0, 100},
    {"stop", 0, "TEXT", NULL, "end an answer before this text; may be given several times",
     MCL_CMD_WRITING | MCL_CMD_CHAT | SUBMIT, MCL_SECTION_TEXT, MCL_OPT_STOP, 0, 0, 0},

    {"model", 'm', "MODEL", "MOTCL_MODEL, or the small model that is installed",
     "folder of the model, or its weight file", WORK | MCL_CMD_TOKENIZE | SUBMIT, MCL_SECTION_MODEL,
     MCL_OPT_TEXT, AT(model), 0, 0},
    {"protocol", 0, "NAME", "the model's own",
     "what the model was fine-tuned to: bagel, sensenova-3d, sensenova-vision, thinkmorph, "
     "zebra-cot, or "
     "a file",
     WORK | SUBMIT, MCL_SECTION_MODEL, MCL_OPT_TEXT, AT(protocol), 0, 0},
    {"device", 'd', "DEVICE", "the first that is a CPU or better",
     "device to run on, as 'motcl devices' names them", WORK, MCL_SECTION_MODEL, MCL_OPT_TEXT,
     AT(device), 0, 0},
    {"memory", 0, "SIZE", "all that this process may take",
     "most device memory to take, as 512M, 4G or 1.5GiB", WORK, MCL_SECTION_MODEL, MCL_OPT_BYTES,
     AT(memory), 1, 0},
    {"allow-slow", 0, NULL, NULL, "let a driver run that is a definition and no runtime", WORK,
     MCL_SECTION_MODEL, MCL_OPT_FLAG, AT(allow_slow), 0, 0},
    {"seed", 0, "N", "drawn at random", "of noise and of chosen words", WORK | SUBMIT,
     MCL_SECTION_MODEL, MCL_OPT_U64, AT(request.seed), 0, 0},

    {"output", 'o', "FILE", "motcl-SEED.png",
     "picture file, .png, .jpg or .webp, with %s for the seed and %n for its number; or a folder; "
     "- is stdout",
     DRAWING | GIVEN, MCL_SECTION_RESULT, MCL_OPT_TEXT, AT(output), 0, 0},
    {"quality", 0, "N", "95, or without loss for .webp",
     "quality of a .jpg or .webp picture, from 1 to 100", DRAWING | GIVEN, MCL_SECTION_RESULT,
     MCL_OPT_U32, AT(quality), 1, 100},
    {"jpeg-quality", 0, "N", NULL, "the same, under its former name", DRAWING | GIVEN,
     MCL_SECTION_TESTS, MCL_OPT_U32, AT(quality), 1, 100},
    {"force", 0, NULL, NULL, "replace files that are there, each once the new one is whole",
     WORK | GIVEN, MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(force), 0, 0},
    {"skip-existing", 0, NULL, NULL,
     "with --prompts: leave out pictures whose file is there, so as to go on with the rest",
     MCL_CMD_DRAW | MCL_CMD_EDIT, MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(skip_existing), 0, 0},
    {"no-metadata", 0, NULL, NULL, "leave prompt, seed, settings and model out of the picture file",
     PICTURES | GIVEN, MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(no_metadata), 0, 0},
    {"preview", 0, NULL, NULL,
     "show in the terminal how the picture comes along, and then the picture",
     DRAWING | SUBMIT | MCL_CMD_WAIT, MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(preview), 0, 0},
    {"preview-file", 0, "FILE", NULL,
     "write that to a file, .png, .jpg or .webp, the latest over the last",
     DRAWING | SUBMIT | MCL_CMD_WAIT, MCL_SECTION_RESULT, MCL_OPT_TEXT, AT(preview_file), 0, 0},
    {"dump", 0, "DIR", NULL, "write inner arrays there, as .npy files", JOBS, MCL_SECTION_RESULT,
     MCL_OPT_TEXT, AT(dump), 0, 0},
    {"dump-layers", 0, NULL, NULL, "with --dump: those of every layer too", JOBS,
     MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(dump_layers), 0, 0},
    {"trace", 0, "FILE.json", NULL,
     "write there what ran when and for how long, for Perfetto and its like", WORK,
     MCL_SECTION_RESULT, MCL_OPT_TEXT, AT(trace), 0, 0},
    {"save-job", 0, "FILE.pb", NULL, "store the job there and run nothing; - is stdout", JOBS,
     MCL_SECTION_RESULT, MCL_OPT_TEXT, AT(save_job), 0, 0},
    {"check", 0, NULL, NULL, "read a model's weights whole, for what cannot be right",
     MCL_CMD_INSPECT, MCL_SECTION_RESULT, MCL_OPT_FLAG, AT(check), 0, 0},
    {"decode", 0, NULL, NULL, "turn ids into text", MCL_CMD_TOKENIZE, MCL_SECTION_RESULT,
     MCL_OPT_FLAG, AT(decode), 0, 0},
    {"json", 0, NULL, NULL, "answer in JSON, for programs", MCL_CMD_ALL, MCL_SECTION_RESULT,
     MCL_OPT_FLAG, AT(json), 0, 0},

    {"daemon", 0, NULL, NULL, "let the daemon do it, wait for it, and leave nothing there", JOBS,
     MCL_SECTION_DAEMON, MCL_OPT_FLAG, AT(daemon), 0, 0},
    {"id", 0, "ID", "the daemon's",
     "name of the job; a line that comes again with it is the same job", SUBMITTED,
     MCL_SECTION_DAEMON, MCL_OPT_TEXT, AT(id), 0, 0},
    {"priority", 0, "N", "0", "jobs of a higher one go first", SUBMITTED, MCL_SECTION_DAEMON,
     MCL_OPT_I32, AT(priority), -1000000, 1000000},
    {"deadline", 0, "TIME", NULL,
     "when the result is of no more use: in 90s, 10m or 2h, or at a time of UTC, as "
     "2030-12-24T18:00",
     SUBMITTED, MCL_SECTION_DAEMON, MCL_OPT_MOMENT, AT(deadline), 0, 0},
    {"label", 0, "KEY=VALUE", NULL, "a note on the job; may be given several times", SUBMITTED,
     MCL_SECTION_DAEMON, MCL_OPT_LABEL, 0, 0, 0},
    {"hold", 0, NULL, NULL, "let it wait until it is released", SUBMITTED, MCL_SECTION_DAEMON,
     MCL_OPT_FLAG, AT(hold), 0, 0},
    {"wait", 0, NULL, NULL, "go on as 'motcl wait' with its id", SUBMITTED, MCL_SECTION_DAEMON,
     MCL_OPT_FLAG, AT(wait), 0, 0},
    {"open", 0, NULL, NULL, "only jobs that have not ended", MCL_CMD_LIST, MCL_SECTION_DAEMON,
     MCL_OPT_FLAG, AT(open), 0, 0},
    {"watch", 0, NULL, NULL, "draw the table anew each second", MCL_CMD_LIST, MCL_SECTION_DAEMON,
     MCL_OPT_FLAG, AT(watch), 0, 0},
    {"socket", 0, "PATH", "MOTCL_SOCKET, or motcl/socket in XDG_RUNTIME_DIR or /run",
     "where the daemon listens", JOBS | MCL_CMD_QUEUE | MCL_CMD_SUBMITTED, MCL_SECTION_DAEMON,
     MCL_OPT_TEXT, AT(socket), 0, 0},

    {"preset", 0, "PRESET", NULL,
     "settings that stand under this name in the configuration; may be given several times", WORK,
     MCL_SECTION_OTHER, MCL_OPT_PRESET, 0, 0, 0},
    {"config", 0, "FILE.conf", "motcl/config in XDG_CONFIG_HOME or ~/.config",
     "read the configuration from there", MCL_CMD_ALL, MCL_SECTION_OTHER, MCL_OPT_TEXT, AT(config),
     0, 0},
    {"no-config", 0, NULL, NULL, "read no configuration, as befits scripts", MCL_CMD_ALL,
     MCL_SECTION_OTHER, MCL_OPT_FLAG, AT(no_config), 0, 0},
    {"quiet", 'q', NULL, NULL, "nothing on stderr but errors", MCL_CMD_ALL, MCL_SECTION_OTHER,
     MCL_OPT_FLAG, AT(quiet), 0, 0},
    {"verbose", 'v', NULL, NULL, "say more on stderr, such as every step", MCL_CMD_ALL,
     MCL_SECTION_OTHER, MCL_OPT_FLAG, AT(verbose), 0, 0},
    {"help", 'h', NULL, NULL, "print this text", MCL_CMD_ALL, MCL_SECTION_OTHER, MCL_OPT_FLAG,
     AT(help), 0, 0},
    {"help-all", 0, NULL, NULL, "print it with the options for tests", MCL_CMD_ALL,
     MCL_SECTION_OTHER, MCL_OPT_FLAG, AT(help_all), 0, 0},
    {"version", 0, NULL, NULL, "print the version, the drivers and what they find", MCL_CMD_ALL,
     MCL_SECTION_OTHER, MCL_OPT_FLAG, AT(version), 0, 0},

    {"build-only", 0, "SHARE", NULL,
     "build the kernels that this needs and end; begin with the kernel at that share, 0 to 0.99, "
     "for processes side by side",
     JOBS, MCL_SECTION_TESTS, MCL_OPT_F64, AT(build_only), 0, 0.99},
    {"store-kernels", 0, NULL, NULL,
     "with --build-only: store them where the next start loads them soonest, at least priority",
     JOBS, MCL_SECTION_TESTS, MCL_OPT_FLAG, AT(store_kernels), 0, 0},
    {"pass-rows", 0, "N", "512", "most text rows of a pass", WORK, MCL_SECTION_TESTS, MCL_OPT_U32,
     AT(request.settings.pass_rows), 1, HUGE_NUMBER},
    {"chunk-rows", 0, "N", "by size", "most rows of a chunk", WORK, MCL_SECTION_TESTS, MCL_OPT_U32,
     AT(chunk_rows), 1, HUGE_NUMBER},
    {"max-buffer", 0, "SIZE", "the device's", "pretend that no larger buffer can be made", WORK,
     MCL_SECTION_TESTS, MCL_OPT_BYTES, AT(max_buffer), 1, 0},
    {"use", 0, "OP=CLASS,...", NULL,
     "compute these ops by this numeric class, as 'motcl plan' names them", WORK, MCL_SECTION_TESTS,
     MCL_OPT_TEXT, AT(use), 0, 0},
    {"unfused", 0, NULL, NULL, "run the graph's primitive ops one by one", WORK, MCL_SECTION_TESTS,
     MCL_OPT_FLAG, AT(unfused), 0, 0},
};

const size_t mcl_option_count = sizeof mcl_option_table / sizeof *mcl_option_table;

_Static_assert(sizeof mcl_option_table / sizeof *mcl_option_table <= MCL_MOST_OPTIONS,
               "mcl_options.given has a place for each option");

const mcl_option *mcl_option_find(const char *name) {
  for (size_t i = 0; i < mcl_option_count; i++)
    if (!strcmp(mcl_option_table[i].name, name))
      return &mcl_option_table[i];
  return NULL;
}

mcl_given mcl_option_from(const mcl_options *o, const char *name) {
  return o->given[mcl_option_find(name) - mcl_option_table];
}

bool mcl_option_given(const mcl_options *o, const char *name) {
  return mcl_option_from(o, name) >= MCL_GIVEN_PRESET;
}
