#!/usr/bin/env bash
# A million lines as a whole process, `lowrank predict` with a compact file beside `fasttext predict-prob`, in alternation; answers
# go to /dev/null. A line for each round: seconds of both, and their ratio.
#
#   scripts/million-lines.sh TRAIN TEXTS [ROUNDS [OPTIONS OF TRAIN...]]
#
# TRAIN: fastText's '__label__x text', to train both on (fastText: 100 dimensions). TEXTS: lines, repeated up to
# a million. Needs fasttext (Debian's package) on the PATH.
set -euo pipefail
if [ $# -lt 2 ] || ! command -v fasttext > /dev/null; then
  sed -n '2,9p' "$0" >&2
  exit 2
fi
train=$1 texts=$2 rounds=${3:-5}
if [ ! -s "$texts" ] || [ ! -f "$texts" ]; then # a pipe could not be read again
  echo "million-lines.sh: expected a file of lines, found $texts" >&2
  exit 2
fi
shift $(($# < 3 ? $# : 3))
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/lowrank" train --train "$train" --out "$work/model.lrk" "$@" > "$work/log"
fasttext supervised -input "$train" -output "$work/model" -dim 100 > "$work/log" 2>&1
{ while cat "$texts"; do :; done || true; } 2> "$work/log" | head -n 1000000 > "$work/lines"
seconds() {
  local start
  start=$(date +%s.%N)
  "$@" > /dev/null
  awk "BEGIN { printf \"%.2f\", $(date +%s.%N) - $start }"
}
ours() { "$root/lowrank" predict "$work/model.lrk" < "$work/lines"; }
printf 'lowrank\tfasttext\tratio\n'
for _ in $(seq 1 "$rounds"); do
  a=$(seconds ours)
  b=$(seconds fasttext predict-prob "$work/model.bin" "$work/lines")
  printf '%s\t%s\t%s\n' "$a" "$b" "$(awk "BEGIN { printf \"%.2f\", $a / $b }")"
done
