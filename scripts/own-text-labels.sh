#!/usr/bin/env bash
# Texts of several labels: CLINC150's, each with its intent and the domain of the intent. `lowrank train` with its defaults beside
# fastText with one sigmoid per label (-loss ova), the best on dev of eight settings; both are scored by `P@1`, `R@3` and the
# precision and recall of the labels from a threshold on (lowrank: chosen on dev; fastText: 0.5). A line of labels.tsv for each.
#
#   scripts/own-text-labels.sh DATA OUT [VECTORS.txt.gz]
#
# DATA is the folder with clinc150. Needs fasttext (Debian's package) on the PATH.
set -euo pipefail
if [ $# -lt 2 ] || ! command -v fasttext > /dev/null; then
  sed -n '2,9p' "$0" >&2
  exit 2
fi
data=$1 out=$2 vectors=${3:-}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out/texts"
awk -F'"' '/\[/ { domain = $2; next } NF > 1 { print $2 "\t" domain }' "$data/clinc150/domains.json" > "$work/domains"
for part in train:train valid:dev test:test; do
  paste -d' ' <(awk -F'\t' 'NR == FNR { domain[$1] = $2; next } { print "__label__" $1 " __label__domain_" domain[$1] }' \
    "$work/domains" "$data/clinc150/${part%:*}/label") "$data/clinc150/${part%:*}/seq.in" > "$out/texts/domains.${part#*:}"
done
train=$out/texts/domains.train dev=$out/texts/domains.dev test=$out/texts/domains.test

rm -rf "$work/model"
"$root/lowrank" train --train "$train" --dev "$dev" --test "$test" --out "$work/model" > "$work/log"
fact() { sed -n "s/^ *\"test_$1\" : \([0-9.]*\).*/\1/p" "$work/model/model-card.json"; }
printf 'program\tP@1\tR@3\tprecision\trecall\toptions\n' > "$out/labels.tsv"
printf 'lowrank\t%.4f\t%.4f\t%.4f\t%.4f\t\n' "$(fact precision_at_1)" "$(fact recall_at_3)" "$(fact precision)" "$(fact recall)" |
  tee -a "$out/labels.tsv"

choices=("")
if [ -n "$vectors" ]; then
  gzip -dc "$vectors" > "$work/plain"
  { echo "$(wc -l < "$work/plain") $(($(head -1 "$work/plain" | wc -w) - 1))"; cat "$work/plain"; } > "$work/vectors.vec"
  choices+=("-pretrainedVectors $work/vectors.vec")
fi
tested() { fasttext test "$work/fast.bin" "$@" | awk -v column="$column" '$1 ~ column { print $2 }'; }
best=-1 line=
for vector in "${choices[@]}"; do
  for ngrams in 1 2; do
    for rate in 0.1 0.5; do
      options="-loss ova -wordNgrams $ngrams -lr $rate -epoch 25 -bucket 200000 -dim $([ -n "$vector" ] && echo 300 || echo 100)"
      # shellcheck disable=SC2086
      fasttext supervised -input "$train" -output "$work/fast" -thread 2 -seed 1 -verbose 0 $options $vector > /dev/null 2>&1
      found=$(column='^P@' tested "$dev")
      if awk "BEGIN { exit !($found > $best) }"; then
        best=$found
        line=$(printf 'fasttext\t%s\t%s\t%s\t%s\t%s' "$(column='^P@' tested "$test")" "$(column='^R@' tested "$test" 3)" \
          "$(column='^P@' tested "$test" -1 0.5)" "$(column='^R@' tested "$test" -1 0.5)" "$options${vector:+ pretrained}")
      fi
    done
  done
done
echo "$line" | tee -a "$out/labels.tsv"
