#!/usr/bin/env bash
# Whole files of at most a megabyte (or BYTES) on the texts that scripts/own-text.sh wrote: a line of one-megabyte.tsv for each
# data set and seed.
#
#   scripts/own-text-megabyte.sh OUT [SEEDS [BYTES [OPTIONS OF TRAIN...]]]
set -euo pipefail
if [ $# -lt 1 ]; then
  sed -n '2,5p' "$0" >&2
  exit 2
fi
out=$1 seeds=${2:-2} bytes=${3:-1000000}
shift $(($# < 3 ? $# : 3))
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commit=$(git -C "$root" rev-parse --short HEAD 2> /dev/null || echo unknown)
printf 'set\tseed\tlimit\tbytes\ttest\tseconds\tcommit\n' > "$out/one-megabyte.tsv"
for set in sst2 trec snips clinc150 banking77; do
  dev=()
  if [ -f "$out/texts/$set.dev" ]; then dev=(--dev "$out/texts/$set.dev"); fi
  for seed in $(seq 1 "$seeds"); do
    rm -f "$work/model.lrk"
    start=$(date +%s)
    "$root/lowrank" train --train "$out/texts/$set.train" "${dev[@]}" --test "$out/texts/$set.test" --seed "$seed" \
      --max-bytes "$bytes" --out "$work/model.lrk" "$@" > "$work/log"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$set" "$seed" "$bytes" "$(stat -c %s "$work/model.lrk")" \
      "$(sed -n 's/^On test: accuracy \([0-9.]*\) %.*/\1/p' "$work/log")" $(($(date +%s) - start)) "$commit" |
      tee -a "$out/one-megabyte.tsv"
  done
done
