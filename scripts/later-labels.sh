#!/usr/bin/env bash
# Labels that come after training, as a user adds them: trains prototypes on BANKING77 without every eleventh of its intents, in
# alphabetical order, then adds these with 20 texts each. Texts are those that scripts/own-text.sh wrote.
#
#   scripts/later-labels.sh OUT [OPTIONS OF TRAIN...]
set -euo pipefail
if [ $# -lt 1 ]; then
  sed -n '2,6p' "$0" >&2
  exit 2
fi
texts=$1/texts
shift
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cut -d' ' -f1 "$texts/banking77.train" | LC_ALL=C sort -u | awk 'NR % 11 == 0' > "$work/later"
for part in train dev test; do
  awk 'NR == FNR { later[$1]; next } !($1 in later)' "$work/later" "$texts/banking77.$part" > "$work/$part.txt"
done
awk 'NR == FNR { later[$1]; next } $1 in later && seen[$1]++ < 20' "$work/later" "$texts/banking77.train" > "$work/new.txt"
"$root/lowrank" train --train "$work/train.txt" --dev "$work/dev.txt" --test "$texts/banking77.test" --head prototypes \
  --reject 0.05 --out "$work/model.lrk" "$@" | grep -E '^(On test|rejected)'
"$root/lowrank" labels "$work/model.lrk" add "$work/new.txt" --dev "$texts/banking77.test"
