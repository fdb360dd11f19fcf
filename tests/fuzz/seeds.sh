#!/bin/sh
# seeds.sh BUILD FOLDER - small valid inputs for every fuzz target, below FOLDER/NAME: what fuzzing starts
# from. BUILD is a configured and built folder.
set -eu
build=$(cd "${1:?name a build folder}" && pwd)
mkdir -p "${2:?name a folder for the seeds}"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/../golden"
work=$out/.work
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"

# parts TARGET NAME FILE...: the files behind each other, an empty one for -
parts() {
  mkdir -p "$out/$1"
  seed=$out/$1/$2
  shift 2
  : >"$seed"
  between=
  for file; do
    printf "$between" >>"$seed"
    between='\036'
    test "$file" = - || cat "$file" >>"$seed"
  done
}

for dtype in f32 bf16; do
  "$build/tests/golden/make_hashed" --dtype $dtype --shards 2 --one-tokenizer "$work/$dtype" >/dev/null
done
model=$work/f32
"$build/tests/golden/make_hashed" --kind dense "$work/plain" >/dev/null

parts config all "$model/llm_config.json" "$model/vit_config.json" "$model/motcl.json"
parts config text "$model/llm_config.json"
parts config pictures "$model/llm_config.json" - "$model/motcl.json"
{
  printf '{"llm_config":' && cat "$model/llm_config.json"
  printf ',"vit_config":' && cat "$model/vit_config.json" && printf '}'
} >"$work/nested"
{
  printf '{"format":"comfyui_bagel","model_configs":{"llm_config.json":' && cat "$model/llm_config.json"
  printf ',"vit_config.json":' && cat "$model/vit_config.json" && printf '}}'
} >"$work/carried"
parts config nested - - - - "$work/nested"
parts config carried - - - - - "$work/carried"

# a decoder of which little is there, behind a prefix, with a piece of an autoencoder
text='{"m.language_model.model.norm.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"vae.decoder.mid.block_1.norm1.weight":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},"m.vae2llm.weight":{"dtype":"BF16","shape":[1],"data_offsets":[10,12]}}'
{
  printf "\\$(printf %o $((${#text} % 256)))\\$(printf %o $((${#text} / 256)))\0\0\0\0\0\0%s" "$text"
  head -c 12 /dev/zero
} >"$work/little"
echo '{"weight_map":{"m.language_model.model.norm.weight":"model.safetensors"}}' >"$work/list"
parts model file "$model/llm_config.json" "$model/vit_config.json" - "$work/little"
parts model index "$model/llm_config.json" - "$work/list" "$work/little"
parts model bare - - - "$work/little"

# the header alone, then small files of every type
for type in BOOL U8 I8 F8_E4M3 I16 F16 BF16 I32 F32 I64 F64; do
  case $type in
  BOOL | ?8 | F8*) bytes=6 ;;
  *16) bytes=12 ;;
  *32) bytes=24 ;;
  *) bytes=48 ;;
  esac
  text='{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"'$type'","shape":[2,3],"data_offsets":[0,'$bytes']},"b":{"dtype":"U8","shape":[],"data_offsets":['$bytes','$((bytes + 1))']}}'
  mkdir -p "$out/safetensors"
  {
    printf "\\$(printf %o ${#text})\\0\\0\\0\\0\\0\\0\\0%s" "$text"
    head -c $((bytes + 1)) /dev/zero
  } >"$out/safetensors/$type"
done

mkdir -p "$out/index"
echo '{"metadata":{"total_size":16},"weight_map":{"x.a":"one.safetensors","x.b":"one.safetensors","y.a":"two.safetensors","y.b":"two.safetensors"}}' >"$out/index/both"
echo '{"weight_map":{"y.b":"two.safetensors"}}' >"$out/index/one"
echo '{"weight_map":{"a":"../one.safetensors","b":3}}' >"$out/index/outside"
echo '{"weight_map":{}}' >"$out/index/none"

# the bytes and one merge of the golden vocabulary: what is larger is only slower
parts tokenizer whole "$work/plain/vocab.json" "$work/plain/merges.txt" "$work/plain/tokenizer_config.json"
parts tokenizer file - - - - "$model/tokenizer.json"
LC_ALL=C awk '
function hex(c) { return sprintf("\\u%04x", c) }
BEGIN {
  next_code = 256
  printf "{"
  for (b = 0; b < 256; b++) {
    plain = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174
    printf "%s\"%s\":%d", b ? "," : "", hex(plain ? b : next_code++), b
  }
  print ",\"ab\":256,\"aab\":257}"
}' >"$work/vocab"
printf '#version: 0.2\na b\na ab\n' >"$work/merges"
echo '{"added_tokens_decoder":{"300":{"content":"<|im_start|>","lstrip":false,"normalized":false,"rstrip":true,"single_word":false,"special":true}},"split_special_tokens":false}' >"$work/added"
echo '{"<|im_start|>":300,"<tool>":301}' >"$work/names"
parts tokenizer small "$work/vocab" "$work/merges"
parts tokenizer added "$work/vocab" "$work/merges" "$work/added"
parts tokenizer names "$work/vocab" "$work/merges" - "$work/names"
{
  printf '{"version":"1.0","added_tokens":[{"id":300,"content":"<|im_start|>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],"normalizer":{"type":"NFC"},"model":{"type":"BPE","vocab":'
  cat "$work/vocab"
  printf ',"merges":["a b",["a","ab"]]}}'
} >"$work/tokenizer"
parts tokenizer one_file - - - - "$work/tokenizer"

for ending in png jpeg webp; do
  mkdir -p "$out/$ending"
  rm -f "$out/$ending/drawn.$ending" "$out/$ending/turns.$ending"
  "$build/motcl" run --system 'be brief' -t 'a cat' --draw -m "$work/plain" -d ref --timesteps 2 --size 32x16 --seed 1 \
    -o "$out/$ending/turns.$ending" -q >/dev/null
  "$build/motcl" draw 'a cat' -m "$work/plain" -d ref --timesteps 2 --size 32x16 --seed 1 --negative dogs \
    -o "$out/$ending/drawn.$ending" -q >/dev/null
done

mkdir -p "$out/protocol"
cp ../../protocols/*.json "$out/protocol"

mkdir -p "$out/jpeg" "$out/png" "$out/webp" "$out/npy" "$out/job"
cp pictures/*.webp "$out/webp"
cp data/mot/pre/*.jpg "$out/jpeg"
cp data/mot/pre/*.png "$out/png"
cp data/mot/rng/seed0_n7.npy data/mot/rng/seed0_n16.npy data/mot/t2i/t.npy data/mot/greedy/text_ids.npy "$out/npy"

picture=data/mot/pre/5.png
save() {
  name=$1
  shift
  rm -f "$out/job/$name"
  "$build/motcl" run "$@" --save-job "$out/job/$name" -q >/dev/null
}
save draw -t 'a cat' --draw --seed 3 --size 64x48 --timesteps 4
save edit -i $picture -t 'make it blue' --draw --cfg-renorm text-channel --negative dogs --seed 1
save ask -t one -i $picture -t two --write --max-tokens 9 --temperature 0.5 --think
save bare -t a --write
save turns -t a --draw --seed 3 --timesteps 4 --negative b --system c -i $picture --write -t d --draw --size 32x16
save system --system a -t b --draw

# messages that nothing writes from the command line, byte by byte
mkdir -p "$out/event" "$out/result" "$out/saved_job" "$out/request"
half='\0\0\0\0\0\0\340\077'
event() {
  printf '\012\002id\020\003\030\205\001'"$2" >"$out/event/$1"
}
event accepted '\042\0'
event started '\052\012\012\003cpu\022\003cpu'
event step '\062\017\010\005\020\001\030\004\041'"$half"
event words '\072\010\012\002hi\020\001\030\001'
event sight '\102\016\012\012\012\004file\020\040\030\040\030\001'
event done '\112\011\011'"$half"
event failed '\122\006\010\002\022\002no'
event cancelled '\132\0'
result() {
  printf '\012\002id'"$2"'\040\007\052\002ff\061'"$half"'\072\003cpu\102\003cpu\112\0010' >"$out/result/$1"
}
result text '\022\011\012\003yes\032\002hm'
result both '\022\014\022\012\012\004file\020\040\030\040\022\005\012\003yes'
result failed '\032\006\010\002\022\002no'
saved() {
  printf '\010\001\022\002id\032\004task\040\002\051'"$half$2" >"$out/saved_job/$1"
}
saved begun '\062\0'
saved words '\062\004\012\002hi\062\0'
saved picture '\062\014\022\012\012\004file\020\040\030\040\062\0'

# frames behind the length of their pieces: of requests, then of responses
printf '\077\011\010\001\022\005\012\001x\020\001\010\010\002\032\004\010\001\020\003\007\010\003\042\003\012\001a' >"$out/request/asked"
for what in 052 062 072 102 112; do
  printf '\000\007\010\003\'$what'\003\012\001a' >"$out/request/job-$what"
done
printf '\002\004\010\004\122\000' >"$out/request/daemon"
printf '\007\015\010\001\022\007\010\001\020\001\032\001n\100\001' >"$out/request/refused"
printf '\077\013\010\001\032\007\012\001a\020\002\030\003\007\010\002\042\003\012\001\000' >"$out/request/jobs"
printf '\003\005\010\001\052\001e\005\010\001\062\001r\006\010\001\072\000\100\001' >"$out/request/told"
